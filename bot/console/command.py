"""`faro console`: the officers' door as a process."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress

import click
import uvicorn

from bot.console.app import create_app
from bot.patience import Patient
from bot.running import joined, with_database
from bot.settings import load


@click.command()
def console() -> None:
    """Run the officers' door alone."""
    settings = with_database(joined(load()))
    server = uvicorn.Server(uvicorn.Config(
        create_app(settings), host=settings.host, port=settings.console_port, log_config=None, access_log=False,
        server_header=False, date_header=False, timeout_graceful_shutdown=settings.drain_seconds, loop="uvloop",
        http=Patient, ws="none",
    ))  # fmt: skip
    # As at the gateway: to be told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda number, frame: None if server.started else sys.exit(0))
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)
