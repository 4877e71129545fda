"""Which files a model is made of, as one number: engine and worker know by it that they speak of the same questions."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from questions import HERE

# config.yml stands first; page.yml is the pages' and the cards', no engine reads it; serve.py only opens the door.
BESIDE = {"config.yml", "page.yml", "serve.py"}


def sources(root: Path = HERE) -> Iterator[Path]:
    """The files that decide what a model understands, asks and says, in a fixed order."""
    yield root / "config.yml"
    for pattern in ("*.yml", "data/**/*.yml", "*.py"):
        yield from sorted(path for path in root.glob(pattern) if path.name not in BESIDE)


def digest(root: Path = HERE) -> str:
    """sha256 over names and contents, hex."""
    total = hashlib.sha256()
    for path in sources(root):
        content = path.read_bytes()
        total.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def model_path(root: Path = HERE) -> Path:
    """Where the model of these files lies once it is trained."""
    return root / "models" / f"faro-{digest(root)[:16]}.tar.gz"
