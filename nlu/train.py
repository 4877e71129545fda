"""Train the model of these files, unless it lies there: `python train.py`, from any folder."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import tempfile
import time
from pathlib import Path

import quiet
from digest import model_path
from questions import HERE

KEPT = 3


def main() -> int:
    """Print each step; exit status 0 once the model lies there, 1 if Rasa refused the files."""
    target = model_path()
    if target.exists():
        print(f"model {target.name}: up to date")
        return 0
    os.chdir(HERE)
    quiet.environment()
    print(f"model {target.name}: training (some minutes)", flush=True)
    began = time.monotonic()
    if not train(target):
        return 1
    prune(target.parent)
    print(f"model {target.name}: trained in {time.monotonic() - began:.0f} s")
    return 0


def train(target: Path) -> bool:
    """Train into a folder beside `target` and rename, so that two trainings at once are safe."""
    target.parent.mkdir(exist_ok=True)
    noise = io.StringIO()  # Rasa warns and prints in colours; it helps only where training fails
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        with contextlib.redirect_stdout(noise), contextlib.redirect_stderr(noise):
            made = rasa_model(folder, target.name.removesuffix(".tar.gz"))
        if made is None:
            print(f"{noise.getvalue()}\ntraining failed: see above", file=sys.stderr)
            return False
        made.replace(target)
    return True


def rasa_model(folder: str, name: str) -> Path | None:
    """Rasa's own training; None if it refused the files."""
    from rasa.model_training import train as rasa_train
    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.WARNING)
    result = rasa_train(
        domain="domain.yml", config="config.yml", training_files=["data"], output=folder, fixed_model_name=name
    )
    return Path(result.model) if result.code == 0 and result.model else None


def prune(folder: Path) -> None:
    """Keep the newest models only."""
    models = sorted(folder.glob("faro-*.tar.gz"), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in models[KEPT:]:
        old.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
