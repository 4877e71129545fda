"""The engine's box from outside: what goes in, which measures this machine gives, and what that means."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from bot.box import enter

# Where Linux keeps libraries, and the little else that Python and TensorFlow ask the system for.
LIBRARIES = ("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/nix/store")
SYSTEM = ("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/proc/cpuinfo", "/proc/meminfo",
          "/sys/devices/system/cpu")  # fmt: skip
LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1", "/lib/ld-musl-x86_64.so.1",
           "/lib/ld-musl-aarch64.so.1")  # fmt: skip
# Each is closed when one of its measures is there.
CLOSED_BY: Mapping[str, tuple[str, ...]] = {
    "network": ("spaces", "seccomp", "landlock"),
    "files": ("spaces", "landlock"),
    "account": ("account",),
    "capabilities": ("capabilities",),
    "privileges": ("privileges",),
}


@dataclass(frozen=True, slots=True)
class Goods:
    """What an engine needs: `nlu` with its environment in `.venv`, and one model."""

    nlu: Path
    model: Path

    @property
    def python(self) -> Path:
        return self.nlu / ".venv" / "bin" / "python"

    def options(self, room: Path) -> list[str]:
        see, run = dict.fromkeys(self._seen()), [self.python.resolve(), *_existing(LOADERS)]
        return [
            *("--room", str(room), "--names", str(self.nlu)),
            *(option for path in see for option in ("--see", str(path))),
            *(option for path in run for option in ("--run", str(path))),
        ]

    def _seen(self) -> Iterator[Path]:
        yield from (self.nlu / ".venv", self.nlu / "data", self.model)
        yield from (path for pattern in ("*.py", "*.yml", "__pycache__") for path in self.nlu.glob(pattern))
        yield from _homes(self.python)
        yield from _existing((*LIBRARIES, *SYSTEM))


def command(
    goods: Goods, room: Path, door: Sequence[str], serve: Sequence[str | Path], without: Iterable[str] = ()
) -> list[str]:
    """To be started in the engine's place. `door`: `--socket PATH`, or `--host` and `--port`. `without`: measures that
    are known to lack; if another does, it ends."""
    lacking = [option for measure in without for option in ("--without", measure)]
    return [*_enter(), *goods.options(room), *door, *lacking, "--", *map(str, serve)]


async def missing(goods: Goods) -> dict[str, str]:
    """The measures that this machine does not give, each with the kernel's reason; asked by going in."""
    with TemporaryDirectory(prefix="faro-box-") as folder:
        process = await asyncio.create_subprocess_exec(
            *_enter(), *goods.options(Path(folder)), "--probe", env={}, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
        output, _ = await process.communicate()
    found: dict[str, str] = orjson.loads(output or b'{"box": "ENOEXEC"}')
    return found


def told(missing: Mapping[str, str]) -> str:
    return ", ".join(f"{measure} ({why})" for measure, why in missing.items())


def open_sides(missing: Mapping[str, str]) -> list[str]:
    """What nothing closes where these measures lack."""
    return [side for side, measures in CLOSED_BY.items() if "box" in missing or missing.keys() >= set(measures)]


def room(folder: Path, *, pass_through: bool) -> Path:
    """An empty folder that becomes the root of an engine's files, or, where the kernel does not give that, the one that
    it may write in; then another account must `pass_through` the folders above."""
    path = folder.resolve() / "room"
    shutil.rmtree(path, ignore_errors=True)
    for made in (path.parent.parent, path.parent, path):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    if pass_through and os.geteuid() == 0:  # it may not list or read them
        for parent in path.parents:
            parent.chmod(parent.stat().st_mode | 0o001)
    return path


def _enter() -> list[str]:
    return [sys.executable, "-I", enter.__file__]


def _homes(python: Path) -> Iterator[Path]:
    """The interpreter that an environment links to, by every name on the way."""
    link = python
    while link.is_symlink():
        link = link.parent / link.readlink()
        prefix = link.parent.parent
        yield link if prefix in (Path("/usr"), Path("/")) else prefix


def _existing(names: Sequence[str]) -> list[Path]:
    return [Path(name) for name in names if Path(name).exists()]
