"""A door of our own: its port is taken before anything else is made ready, and served until it is told to stop."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from bot.errors import SettingsError
from bot.patience import Patient


def bound(host: str, port: int, names: str) -> socket.socket:
    """Bound and not listening yet: nobody waits in line while the rest comes up. `names`: the settings it comes of.

    Raises `SettingsError`."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((host, port))
    except OSError as error:
        made.close()
        raise SettingsError(f"{names}: can't listen there ({error.strerror}).") from None
    return made


def serve(app: FastAPI, door: socket.socket, drain_seconds: int) -> None:
    """Answers at the door until SIGTERM or SIGINT, then for as long as `drain_seconds` what it had taken.

    Tells `app.state.stopping` that it ends. A start that fails raises `app.state.refused`, else it ends with code 1.
    """
    server = uvicorn.Server(uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, date_header=False,
        timeout_graceful_shutdown=drain_seconds, loop="uvloop", http=Patient, ws="none",
    ))  # fmt: skip
    app.state.stopping, app.state.refused = lambda: server.should_exit, None
    # uvicorn raises the signal anew once it has answered what it had taken: to be told to stop is no failure.
    signal.signal(signal.SIGTERM, lambda number, frame: None if server.started else sys.exit(0))
    try:
        with suppress(KeyboardInterrupt):
            server.run([door])
    except SystemExit as end:  # uvicorn's, where the start failed: it tells nobody why
        raise app.state.refused or end from None
    if not server.started:
        sys.exit(1)
