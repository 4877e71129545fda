"""Key files: made once however many processes ask at the same time, readable by their owner alone, shredded."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from itertools import count
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
    publish(path, secrets.token_bytes(KEY_BYTES))
    return path.read_bytes()


def publish(path: Path, key: bytes) -> None:
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


def change(path: Path) -> None:
    """A new key takes the place of the one in this file, which stays readable as `<name>-<n>.key` (see `formers`).

    Ended at any moment, one of the two is there under the name and nothing is lost; done again, it ends the work.
    """
    key, kept = read(path), list(formers(path))
    if key is not None and key not in kept:
        publish(former(path, len(kept) + 1), key)  # a copy: a second name of one file would be shredded with the first
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    publish(draft, secrets.token_bytes(KEY_BYTES))
    draft.replace(path)
    _settle(path.parent)


def former(path: Path, number: int) -> Path:
    """Where the key lies that was replaced as the so-manieth."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def formers(path: Path) -> Iterator[bytes]:
    """The keys that the one in this file replaced, oldest first. They are shredded together, so that none is missed."""
    for number in count(1):
        key = read(former(path, number))
        if key is None:
            return
        yield key


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
