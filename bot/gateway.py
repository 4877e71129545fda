"""`faro gateway`: the public door as a process, and `faro migrate`, which comes before the first one."""

from __future__ import annotations

import asyncio

import click
from sqlalchemy.exc import SQLAlchemyError

from bot import log
from bot.app import create_app
from bot.listening import bound, serve
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
    serve(create_app(settings), door, settings.drain_seconds)


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
