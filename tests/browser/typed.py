"""Checks the types of the pages' scripts: `python -m tests.browser.typed` says what tsc says of their JSDoc."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests import npm
from tests.browser.chromium import unpacked

ROOT = Path(__file__).parents[2]
FOLDERS = (ROOT / "bot" / "pages" / "static", ROOT / "bot" / "console" / "page")
WORKERS = frozenset({"sw.js", "worker.js"})  # live in another world than a page: no document, other globals
STRICT = ("--noEmit", "--allowJs", "--checkJs", "--strict", "--noUnusedLocals", "--noImplicitReturns",
          "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler", "--types", "")  # fmt: skip
WORLDS = {"page": "es2022,dom,dom.iterable,dom.asynciterable", "worker": "es2022,webworker"}


def complaints(world: str, files: list[Path]) -> str:
    """What tsc has against these files, at least one; empty if nothing."""
    assert files, f"no scripts of the {world}"
    env = {**os.environ, "PATH": f"{npm.BIN}{os.pathsep}{os.environ['PATH']}"}
    command = [unpacked() / "node_modules" / ".bin" / "tsc", *STRICT, "--lib", WORLDS[world], *files]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120).stdout.strip()


def main() -> int:
    scripts = sorted(path for folder in FOLDERS for path in folder.glob("*.js"))
    workers = [path for path in scripts if path.name in WORKERS]
    said = [complaints("page", [path for path in scripts if path not in workers]), complaints("worker", workers)]
    print("\n".join(filter(None, said)) or f"types of {len(scripts)} scripts: no issues")
    return 1 if any(said) else 0


if __name__ == "__main__":
    sys.exit(main())
