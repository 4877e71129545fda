"""Key files: made once however many processes ask at the same time, readable by their owner alone, shredded."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def folder(path: Path) -> Path:
    """Makes a folder that only its owner can enter."""
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    if path.stat().st_uid == os.geteuid():
        path.chmod(0o700)
    return path


def short_lived(path: Path) -> Path:
    """A folder whose keys are meant to vanish: a copy in a backup would undo every shredding (bford.info/cachedir)."""
    folder(path)
    tag = path / "CACHEDIR.TAG"
    if not tag.exists():
        tag.write_text("Signature: 8a477f597d28d172789f06886806bc55\n# Short-lived keys. Never back this folder up.\n")
    return path


def read(path: Path) -> bytes | None:
    """The key, or None if there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def read_or_make(path: Path) -> bytes:
    """The key in this file; made of 32 random bytes if absent. Of several makers at once, one wins and all read it."""
    key = read(path)
    if key is not None:
        return key
    _publish(path, secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()


def _publish(path: Path, key: bytes) -> None:
    """A link appears whole or not at all, and fails if the name is taken."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, key)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # the other maker won
    finally:
        draft.unlink()
    _settle(path.parent)


def shred(path: Path) -> None:
    """Overwrites, then removes. On flash and journaling disks only a tmpfs makes the overwriting certain."""
    try:
        with path.open("r+b") as file:
            file.write(b"\0" * KEY_BYTES)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return  # another process shredded it
    _settle(path.parent)


def _settle(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
