"""Where the running system is found: `serve` writes one private file in the data folder, the other commands read it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import orjson

from bot.errors import SettingsError
from bot.settings import Settings

_ANY = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "[::1]"}


@dataclass(frozen=True, slots=True)
class Running:
    """What `serve` started. `engine_token` is a secret, hence the file's mode."""

    database_url: str
    engine_urls: tuple[str, ...]
    engine_token: str
    host: str
    port: int
    console_port: int

    @property
    def gateway_url(self) -> str:
        """Where this machine reaches the gateway."""
        return f"http://{_ANY.get(self.host, self.host)}:{self.port}"

    @property
    def console_url(self) -> str:
        """Where this machine reaches the officers' door."""
        return f"http://{_ANY.get(self.host, self.host)}:{self.console_port}"

    def environment(self) -> dict[str, str]:
        """The settings that a child process needs to join in."""
        return {
            "FARO_DATABASE_URL": self.database_url,
            "FARO_ENGINE_URLS": ",".join(self.engine_urls),
            "FARO_ENGINE_TOKEN": self.engine_token,
            "FARO_PORT": str(self.port),
            "FARO_CONSOLE_PORT": str(self.console_port),
        }


@contextmanager
def alone(data_dir: Path) -> Iterator[None]:
    """One `serve` a data folder; the kernel drops the lock when it dies. Raises `SettingsError` if another runs."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data_dir / "serve.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError("Faro runs already in this data folder; stop it first, or set FARO_DATA_DIR.") from None
        try:
            _file(data_dir).unlink(missing_ok=True)  # of one that was killed: its ports are nobody's now
            yield
        finally:
            _file(data_dir).unlink(missing_ok=True)


def announce(data_dir: Path, running: Running) -> None:
    """Published by a rename: a reader sees all of it or nothing."""
    draft = _file(data_dir).with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(orjson.dumps(asdict(running)))
    draft.replace(_file(data_dir))


def find(data_dir: Path) -> Running | None:
    """None when nothing runs in this data folder; a file left by a killed `serve` does not count."""
    try:
        with (data_dir / "serve.lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        value = orjson.loads(_file(data_dir).read_bytes()) if _file(data_dir).exists() else None
        return Running(**{**value, "engine_urls": tuple(value["engine_urls"])}) if value else None
    except FileNotFoundError:
        return None
    return None


def joined(settings: Settings) -> Settings:
    """The settings, filled from the running system where they leave a choice to it."""
    running = find(settings.data_dir)
    if running is None:
        return settings
    return settings.model_copy(
        update={
            "database_url": settings.database_url or running.database_url,
            "engine_urls": settings.engine_urls or running.engine_urls,
            "engine_token": settings.engine_token or running.engine_token,
            "port": running.port,
            "console_port": running.console_port,
        }
    )


def with_database(settings: Settings) -> Settings:
    """Raises `click.UsageError` when no database is named and no `serve` runs in this data folder."""
    if not settings.database_url:
        raise click.UsageError("nothing runs in this data folder: start ./run, or set FARO_DATABASE_URL.")
    return settings


def _file(data_dir: Path) -> Path:
    return data_dir / "running.json"
