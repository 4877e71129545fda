"""Looks every locked version up in the list of known flaws; fails on each that `advisories.yml` does not explain.

A registry that can't be asked is said loudly and does not fail: a test must not depend on somebody else's server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements-test.lock", "nlu/requirements.lock", "requirements-uv.lock")

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
    print(f"{lock}: {len(told)} packages looked up, {flawed} with known flaws, {len(bad)} flaws not explained")
    if len(told) < len(packages) or not packages:
        print(f"NOT AUDITED: {lock}: the registry says nothing about {len(packages) - len(told) or 'any'} packages.")
    return bad


def main() -> int:
    known = explained()
    bad = [line for lock in LOCKS for line in look(lock, known)]
    for line in bad:
        print(line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
