"""Draws the figures as a picture, by the engine's own Python, which has matplotlib."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from bot.engines import PYTHON

SCRIPT = Path(__file__).parent / "nlu" / "picture.py"


def draw(found: Mapping[str, Any], target: Path) -> None:
    """A PNG. Raises `subprocess.CalledProcessError`."""
    subprocess.run([PYTHON, SCRIPT, target.absolute()], input=orjson.dumps(found), check=True)
