"""`faro gateway`: the public door as a process, and `faro migrate`, which comes before the first one."""

from __future__ import annotations

import asyncio
import signal
import sys
from contextlib import suppress

import click
import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from bot import log
from bot.app import create_app
from bot.listening import bound
from bot.patience import Patient
from bot.running import joined, with_database
from bot.settings import load
from storage import database, health
from storage.errors import StorageError, TablesBusy

WAIT_SECONDS = 2.0


@click.command()
def gateway() -> None:
    """Run the public door alone."""
    settings = with_database(joined(load()))
    door = bound(settings.host, settings.port, "FARO_HOST, FARO_PORT")
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=settings.drain_seconds, loop="uvloop", http=Patient,
    ))  # fmt: skip
    app.state.stopping = lambda: server.should_exit  # else pages that wait for an answer would hold it up
    # uvicorn raises the signal anew once it has answered what it had taken: to be told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda number, frame: None if server.started else sys.exit(0))
    try:
        with suppress(KeyboardInterrupt):
            server.run([door])
    except SystemExit as end:  # uvicorn's, where the start failed: it tells nobody why
        raise app.state.refused or end from None
    if not server.started:
        sys.exit(1)


@click.command()
@click.option("--wait", is_flag=True, help="Change nothing: wait until another one has done it.")
def migrate(wait: bool) -> None:
    """Bring the database's tables up to date."""
    url = with_database(joined(load())).database_url
    if wait:
        log.configure()
        asyncio.run(_migrated(url))
    else:
        try:
            database.migrate(url)
        except TablesBusy:
            raise click.ClickException("others hold the tables; nothing was changed: try again.") from None
    click.echo("the database is up to date")


async def _migrated(url: str) -> None:
    base = database.Database(url, pool=1)
    try:
        while not await _current(base):  # noqa: ASYNC110  another process does it
            await asyncio.sleep(WAIT_SECONDS)
    finally:
        await base.close()


async def _current(base: database.Database) -> bool:
    """A database that is away for now, or has no table yet, is waited for too."""
    try:
        async with base.begin() as tx:
            return not await health.behind(tx)
    except (StorageError, SQLAlchemyError, OSError) as error:
        log.failure("tables_waited_for", error)
        return False
