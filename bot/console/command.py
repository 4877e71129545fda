"""`faro console`: the officers' door as a process."""

from __future__ import annotations

import click

from bot.console.app import create_app
from bot.listening import bound, serve
from bot.running import joined, with_database
from bot.settings import load


@click.command()
def console() -> None:
    """Run the officers' door alone."""
    settings = with_database(joined(load()))
    door = bound(settings.host, settings.console_port, "FARO_HOST, FARO_CONSOLE_PORT")
    serve(create_app(settings), door, settings.drain_seconds)
