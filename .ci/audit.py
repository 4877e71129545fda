"""Looks every locked version up in the list of known vulnerabilities; fails on one that `nlu/advisories.yml` does not explain.

A registry that cannot be asked is said loudly and does not fail: a test must not depend on somebody else's server.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements-test.lock", "nlu/requirements.lock", "requirements-uv.lock")


def ask(lock: str) -> list[dict[str, Any]] | None:
    """The packages of a lock as pip-audit tells them; None when it could not ask at all."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes", "--disable-pip",
               "--vulnerability-service", "pypi", "--format", "json", "--progress-spinner", "off"]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return json.loads(done.stdout)["dependencies"] if done.stdout.startswith("{") else None


def explained() -> dict[str, str]:
    """Advisory -> why it can't reach people here."""
    return {entry["id"]: entry["reason"] for entry in yaml.safe_load((ROOT / "nlu/advisories.yml").read_text()) or []}


def findings(packages: list[dict[str, Any]]) -> list[str]:
    known = explained()
    return [
        f"{package['name']} {package['version']}: {flaw['id']}, fixed in {', '.join(flaw['fix_versions']) or 'no version'}"
        for package in packages
        for flaw in package.get("vulns", ())
        if not {flaw["id"], *flaw["aliases"]} & known.keys()
    ]


def main() -> int:
    bad: list[str] = []
    for lock in LOCKS:
        packages = ask(lock)
        unknown = sum("skip_reason" in package for package in packages or ())
        if packages is None or unknown:
            print(f"NOT AUDITED: {lock}: the registry told nothing about {unknown or 'any'} packages. Run it where it can.")
        found = findings(packages or [])
        print(f"{lock}: {len(packages or ()) - unknown} packages looked up, {len(found)} known vulnerabilities")
        bad += found
    print(*bad, sep="\n", end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
