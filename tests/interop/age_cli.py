"""The age command line, 1.3 or later: `TEST_AGE`, else on PATH, else Debian's package, unpacked without root."""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

TOOLS = Path(__file__).parents[2] / ".tools"
# Debian sid's package by version and SHA-256. When sid moves on, take the next version and its digest.
VERSION = "1.3.2-1"
SHA256 = {"x86_64": "ef3b46000103bb3a3ab0376c47b147c07a8459a21f2ca88a15ad0bc6c8dfddf6"}
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Unavailable(Exception):
    """Why there is no age >= 1.3 here."""


@cache
def folder() -> Path:
    """The folder with `age` and `age-keygen`. Raises Unavailable."""
    if given := os.environ.get("TEST_AGE"):
        return Path(given).resolve().parent
    found = shutil.which("age")
    if found and version(Path(found)) >= (1, 3):
        return Path(found).resolve().parent
    return _debian()


def version(age: Path) -> tuple[int, ...]:
    """(1, 3, 2), say."""
    text = subprocess.run([age, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(number) for number in re.findall(r"\d+", text)[:3])


def run(program: str, *arguments: str | Path, stdin: bytes = b"", **env: str) -> bytes:
    """Standard output of `age` or `age-keygen`; fails with what it said on standard error."""
    home = folder()
    variables = {**os.environ, "PATH": f"{home}{os.pathsep}{os.environ['PATH']}", **env}
    done = subprocess.run([home / program, *arguments], input=stdin, env=variables, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def _debian() -> Path:
    place = TOOLS / f"age-{VERSION}-{platform.machine()}"
    if not place.exists():
        if platform.machine() not in SHA256:
            raise Unavailable(f"no pinned package for {platform.machine()}")
        TOOLS.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=TOOLS) as draft:
            _unpack(_download(Path(draft)), Path(draft) / "out")
            (Path(draft) / "out" / "usr" / "bin").rename(place)
    return place


def _download(draft: Path) -> Path:
    """Through apt, with lists and cache of its own beside the system's, from the mirror that the system uses."""
    for name in ("state/lists/partial", "cache/archives/partial"):
        (draft / name).mkdir(parents=True)
    (draft / "sources.list").write_text(f"deb [signed-by={KEYRING}] {_mirror()} sid main\n")
    options = {
        "Dir::Etc::SourceList": draft / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State": draft / "state",
        "Dir::State::status": "/dev/null",
        "Dir::Cache": draft / "cache",
        "APT::Sandbox::User": "",
        "Acquire::Languages": "none",
    }
    (draft / "apt.conf").write_text("".join(f'{name} "{value}";\n' for name, value in options.items()))
    _apt(draft, "update")
    _apt(draft, "download", f"age={VERSION}")
    package = next(draft.glob("age_*.deb"))
    if hashlib.sha256(package.read_bytes()).hexdigest() != SHA256[platform.machine()]:
        raise Unavailable("the package is not the pinned one")
    return package


def _mirror() -> str:
    if not shutil.which("apt-get") or not KEYRING.exists():
        raise Unavailable("no apt with Debian's keyring on this machine")
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI)"]
    listed = subprocess.run(command, capture_output=True, text=True).stdout.split()
    mirrors = [address for address in listed if address.rstrip("/").endswith("/debian")]
    if not mirrors:
        raise Unavailable("apt knows no Debian mirror")
    return mirrors[0]


def _apt(draft: Path, *arguments: str) -> None:
    env = {**os.environ, "APT_CONFIG": str(draft / "apt.conf")}
    done = subprocess.run(["apt-get", *arguments], cwd=draft, env=env, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        raise Unavailable(f"apt-get {arguments[0]} failed; does sid still have age {VERSION}?")


def _unpack(package: Path, target: Path) -> None:
    done = subprocess.run(["dpkg-deb", "-x", package, target], capture_output=True, text=True)
    if done.returncode != 0:
        raise Unavailable("dpkg-deb could not unpack the package")
