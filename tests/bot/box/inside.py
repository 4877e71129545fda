"""Runs Python inside the engine's box, or under one measure of it alone."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bot import engine_box
from bot.engine_box import Goods
from bot.engines import NLU, SERVE
from tests.engine import train

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {"PATH": os.environ["PATH"], "FARO_ENGINE_TOKEN": "a-word-that-nobody-sees", "FARO_SMTP_URL": "secret"}
# Tries to do each thing and prints what came of it: null, or the name of the error.
TRIES = """
import errno, json, os, socket, sys
def tried(step):
    try:
        step()
    except OSError as error:
        return errno.errorcode.get(error.errno, "?")
def linked(kind, address, family=socket.AF_INET):
    with socket.socket(family, kind) as one:
        one.settimeout(2)
        one.connect(address)
        one.send(b"x")
print(json.dumps({name: tried(step) for name, step in {%s}.items()}))
"""


@functools.cache
def goods() -> Goods:
    train()
    models = sorted((NLU / "models").glob("faro-*.tar.gz"), key=lambda path: path.stat().st_mtime)
    return Goods(NLU, models[-1])


def tries(**steps: str) -> str:
    return TRIES % ", ".join(f"{name!r}: lambda: {step}" for name, step in steps.items())


def boxed(folder: Path, code: str, *, user: int | None = None) -> Any:
    """What `code` prints in the box, as JSON: Python 3.10 of the engine, entered through the real program."""
    folder.mkdir(exist_ok=True)
    room = engine_box.room(folder / "engines" / "1", pass_through=False)
    if user is not None:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user)
    python = [*SERVE[:3], "-c", code]
    command = engine_box.command(goods(), room, ["--socket", str(folder / "door")], python)
    return _output(command, user)


def under(measure: str, code: str) -> Any:
    """The same under one measure alone, in our own Python."""
    begin = "import json, os, resource, socket, encodings.idna\nfrom pathlib import Path\n"  # while files can be read
    begin += "from bot.box import landlock, rights, seccomp, spaces\nrights.pinned()\n"
    return _output([sys.executable, "-c", f"{begin}{measure}\n{code}"], None)


def outside(code: str) -> Any:
    return _output([sys.executable, "-c", code], None)


def _output(command: list[str], user: int | None) -> Any:
    environment = {**ENVIRONMENT, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=60, cwd="/", user=user, group=user,
        extra_groups=None if user is None else [],
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)
