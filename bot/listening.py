"""A port of our own, taken before anything else is made ready: whoever can't have it is told so in one line."""

from __future__ import annotations

import socket

from bot.errors import SettingsError


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
