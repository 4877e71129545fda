"""The word that worker and engine share, so that nothing else on the machine can ask the engine."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress

from bot.settings import Settings


def of(settings: Settings) -> str:
    """The setting, or a word made once in the data folder, readable by its owner alone."""
    if settings.engine_token:
        return settings.engine_token
    file = settings.data_dir / "keys" / "engine.token"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = file.with_name(f"engine.token.{os.getpid()}.{secrets.token_hex(4)}")
    if not file.exists():
        new.write_text(secrets.token_urlsafe(32), encoding="ascii")
        new.chmod(0o600)
        with suppress(FileExistsError):
            os.link(new, file)  # whoever comes first wins, and nobody reads half a word
        new.unlink()
    return file.read_text(encoding="ascii")


def replace(settings: Settings) -> None:
    """Another word in the data folder, for engines and workers that start from now on. Those that run keep theirs."""
    file = settings.data_dir / "keys" / "engine.token"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = file.with_name(f"engine.token.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as draft:
        draft.write(secrets.token_urlsafe(32))
        draft.flush()
        os.fsync(draft.fileno())
    new.replace(file)
