"""The line between a telephone and the gateway: a port that passes bytes on, and that a test can cut and mend."""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK = 64 * 1024  # bytes


class Line:
    """Whatever comes to `url` goes to the gateway. Cut, nobody answers there, as if the server were gone: unlike the
    browser's own emulation this reaches its service workers too."""

    def __init__(self, url: str) -> None:
        self._behind = urlsplit(url)
        self._port = 0
        self._server: asyncio.Server | None = None
        self._open: set[StreamWriter] = set()
        self.carried = 0  # bytes to the browser, heads and all, its service workers' too

    @property
    def url(self) -> str:
        """By name: an address would be no place for service workers in every browser, nor for passkeys."""
        return f"http://localhost:{self._port}"

    async def mend(self) -> None:
        """Takes calls again, on the same port as before."""
        self._server = await asyncio.start_server(self._call, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Every call ends now, and none is taken."""
        if self._server:
            self._server.close()
            self._server = None
        for writer in tuple(self._open):
            writer.transport.abort()

    def _count(self, size: int) -> None:
        self.carried += size

    async def _call(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far = await asyncio.open_connection(self._behind.hostname, self._behind.port)
        self._open |= {writer, far}
        await asyncio.gather(_pass(reader, far), _pass(far_reader, writer, self._count))
        for one in (writer, far):
            one.close()
        self._open -= {writer, far}


async def _pass(reader: StreamReader, writer: StreamWriter, count: Callable[[int], None] | None = None) -> None:
    """Until one side ends; the end is passed on as well."""
    with suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            if count:
                count(len(chunk))
            writer.write(chunk)
            await writer.drain()
    with suppress(OSError):
        if writer.can_write_eof() and not writer.is_closing():
            writer.write_eof()


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[Line]:
    """A whole line to this address until the block ends."""
    line = Line(url)
    await line.mend()
    try:
        yield line
    finally:
        await line.cut()
