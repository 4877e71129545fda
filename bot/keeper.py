"""Keeps the embedded PostgreSQL for as long as its starter lives: `python -m bot.keeper DATA_DIR`.

It writes the server's address as one line, and stops the server when its own input ends: the kernel closes that pipe
however the starter dies, and this process is in no group that Ctrl-C reaches.
"""

from __future__ import annotations

import asyncio
import select
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg

from bot.errors import SettingsError
from storage.database import libpq_url
from storage.embedded import EmbeddedPostgres, start_embedded
from storage.errors import DatabaseFailed

LOOK_SECONDS = 1.0  # between looks whether the server lives
AGAIN_SECONDS = 0.5  # between tries to start it again
STOP_SECONDS = 30.0


@asynccontextmanager
async def kept(data_dir: Path) -> AsyncIterator[str]:
    """The address of the server, which is stopped behind the block. Raises `SettingsError` if it does not start."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.keeper", str(data_dir)), stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    assert process.stdin
    assert process.stdout
    url = ""
    try:
        url = (await process.stdout.readline()).decode().strip()
        if not url:
            raise SettingsError("the embedded database does not start; the line above says why.")
        yield url
    finally:
        process.stdin.close()
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
        if process.returncode and url:  # somebody ended the keeper, and the server may still run
            await asyncio.to_thread(lambda: start_embedded(data_dir).stop())


def main(data_dir: Path) -> None:
    try:
        server = start_embedded(data_dir)
    except DatabaseFailed as error:
        sys.exit(f"faro: {error.detail}")
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    patience = LOOK_SECONDS
    while not select.select([sys.stdin], [], [], patience)[0]:
        server, patience = _alive(server, data_dir)
    server.stop()


def _alive(server: EmbeddedPostgres, data_dir: Path) -> tuple[EmbeddedPostgres, float]:
    """The same server, or a new one where somebody ended it; and the seconds until the next look.

    A start may fail while the dead server's processes linger, or the disk is full: it is tried until it succeeds.
    """
    try:
        psycopg.connect(libpq_url(server.url), connect_timeout=2).close()
    except psycopg.OperationalError:
        try:
            new = start_embedded(data_dir)
        except (DatabaseFailed, OSError) as error:
            sys.stderr.write(f"faro: the embedded database is not back yet ({type(error).__name__})\n")
            return server, AGAIN_SECONDS
        server.let_go()
        return new, LOOK_SECONDS
    return server, LOOK_SECONDS


if __name__ == "__main__":
    main(Path(sys.argv[1]))
