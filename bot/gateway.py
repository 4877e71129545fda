"""`faro gateway`: the public door as a process, and `faro migrate`, which comes before the first one."""

from __future__ import annotations

import sys
from contextlib import suppress

import click
import uvicorn

from bot.app import create_app
from bot.running import joined
from bot.settings import Settings, load
from storage import database

DRAIN_SECONDS = 10  # a stopping gateway answers what it has taken


@click.command()
def gateway() -> None:
    """Run the public door alone."""
    settings = with_database(joined(load()))
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(
        app, host=settings.host, port=settings.port, log_config=None, access_log=False,
        server_header=False, date_header=False, timeout_graceful_shutdown=DRAIN_SECONDS, loop="uvloop",
        http="httptools",
    ))  # fmt: skip
    app.state.stopping = lambda: server.should_exit  # else pages that wait for an answer would hold it up
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal anew once it has stopped in order
        server.run()
    if not server.started:
        sys.exit(1)


@click.command()
def migrate() -> None:
    """Bring the database's tables up to date."""
    database.migrate(with_database(joined(load())).database_url)
    click.echo("the database is up to date")


def with_database(settings: Settings) -> Settings:
    """Raises `click.UsageError` when no database is named and no `serve` runs in this data folder."""
    if not settings.database_url:
        raise click.UsageError("nothing runs in this data folder: start ./run, or set FARO_DATABASE_URL.")
    return settings
