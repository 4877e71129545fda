"""Where an engine listens: `http://host:port`, or `unix:///path` for a socket file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiohttp

UNIX = "unix"


@dataclass(frozen=True, slots=True)
class Door:
    """`origin`: what a request's address begins with. `file`: the socket, where there is one."""

    origin: str
    file: Path | None = None

    @classmethod
    def of(cls, url: str) -> Door:
        parts = urlsplit(url)
        if parts.scheme == UNIX:
            return cls("http://engine", Path(unquote(parts.path)))
        return cls(url.rstrip("/"))

    def connector(self) -> aiohttp.BaseConnector:
        """To be made inside a running loop; the session that it is given to closes it."""
        return aiohttp.UnixConnector(str(self.file)) if self.file else aiohttp.TCPConnector()
