"""Looks every locked version up in the list of known flaws; fails on each that `advisories.yml` does not explain.

A registry that can't be asked is said loudly and does not fail: a test must not depend on somebody else's server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
# requirements.lock is a part of that of the tests.
LOCKS = ("requirements-test.lock", "nlu/requirements.lock", "requirements-uv.lock", "bench/requirements.lock")

HEAD = """# Known flaws in what the dialogue engine is built of

The dialogue engine is Rasa 3.6.21, the last open release, with the packages that it pins. {packages} of them stand
here, with {flaws} published flaws; no other locked package, of service, tests, bench or engine, had one in the Python
Packaging Advisory Database as of 2026-07-23. What came after that day, `./run audit` asks the registry; where
that gives no answer it prints NOT AUDITED.

What bounds all of them is the engine's box (SECURITY.md): no network, no files but its own, no secret, no rights. The
reason beside each says why it is not even reached. Written from `.ci/advisories.yml` by `.ci/audit.py --page`; tests
hold the versions to the lock and this page to that file.

| package | flaws | why none is reached |
|---|---|---|
"""

type Package = dict[str, Any]  # as pip-audit writes it: name, version, vulns; or name, skip_reason


def ask(lock: str) -> list[Package]:
    """The packages of a lock, looked up. Empty when pip-audit could not ask at all."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes", "--disable-pip",
               "--vulnerability-service", "pypi", "--format", "json", "--progress-spinner", "off"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    packages: list[Package] = json.loads(done.stdout)["dependencies"] if done.stdout.startswith("{") else []
    return packages


def explained() -> dict[str, str]:
    """`name version` -> why no flaw of it can reach people here."""
    entries = yaml.safe_load((ROOT / ".ci/advisories.yml").read_text(encoding="utf-8"))
    return {f"{entry['package']} {entry['version']}": entry["reason"] for entry in entries}


def flaws() -> set[str]:
    """Ids of all flaws that somebody looked at."""
    entries = yaml.safe_load((ROOT / ".ci/advisories.yml").read_text(encoding="utf-8"))
    return {flaw for entry in entries for flaw in entry["flaws"]}


def new(packages: Iterable[Package], seen: Collection[str], known: Mapping[str, str]) -> Iterator[str]:
    """A line for each flaw of an explained package that came after the reason was written."""
    for package in packages:
        name = f"{package['name']} {package.get('version')}"
        for flaw in package.get("vulns", ()):
            if name in known and not {flaw["id"], *flaw.get("aliases", ())} & set(seen):
                yield f"{name}: {flaw['id']}"


def unexplained(packages: Iterable[Package], known: Mapping[str, str]) -> Iterator[str]:
    """A line for each known flaw of a package that is not explained."""
    for package in packages:
        name = f"{package['name']} {package.get('version')}"
        for flaw in package.get("vulns", ()):
            if name not in known:
                yield f"{name}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version'}"


def look(lock: str, known: Mapping[str, str]) -> list[str]:
    packages = ask(lock)
    told = [package for package in packages if "skip_reason" not in package]
    bad = list(unexplained(told, known))
    flawed = sum(bool(package["vulns"]) for package in told)
    for line in new(told, flaws(), known):
        print(f"NEW: {line}: does the reason in .ci/advisories.yml hold for it? Then add it there.")
    print(f"{lock}: {len(told)} packages looked up, {flawed} with known flaws, {len(bad)} flaws not explained")
    if len(told) < len(packages) or not packages:
        print(f"NOT AUDITED: {lock}: the registry says nothing about {len(packages) - len(told) or 'any'} packages.")
    return bad


def page() -> str:
    """`docs/advisories.md`: the accepted flaws, to be read by people."""
    entries = yaml.safe_load((ROOT / ".ci/advisories.yml").read_text(encoding="utf-8"))
    rows = [
        f"| {entry['package']} {entry['version']} | {', '.join(entry['flaws']) or 'none known'} | {entry['reason']} |"
        for entry in entries
    ]
    number = len({flaw for entry in entries for flaw in entry["flaws"]})
    return HEAD.format(packages=len(entries), flaws=number) + "\n".join(rows) + "\n"


def main() -> int:
    if sys.argv[1:] == ["--page"]:
        (ROOT / "docs/advisories.md").write_text(page(), encoding="utf-8")
        return 0
    known = explained()
    bad = [line for lock in LOCKS for line in look(lock, known)]
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
