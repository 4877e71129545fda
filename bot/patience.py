"""How long the public door waits for a request: people have slow lines, but who drips bytes holds a place for nothing.

uvicorn by itself waits for ever for a head that never ends, and for a body likewise.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, override

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0  # from the first byte, or from connecting, until a head is whole
HEAD_LIMIT = 64 * 1024  # bytes of one head
LINGER_SECONDS = 5.0  # for the rest of a body that nobody reads
BODY_SECONDS = 20.0  # for the beginning of a body …
LEAST = 1024  # … and then so many bytes a second on the average, which is less than the slowest telephone line gives


class Patient(HttpToolsProtocol):
    """uvicorn's protocol, which ends a connection whose next request does not come whole."""

    _late: asyncio.TimerHandle | None = None
    _head = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._came()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._head += len(data) if self._late and not (self.cycle and self.cycle.more_body) else 0
        if self._head > HEAD_LIMIT + len(data):  # the last piece may hold a body
            self.transport.close()
            return
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._wait()

    def on_headers_complete(self) -> None:
        self._came()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._came()
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        """Who was answered before the end of the body may go on sending it for a while, to hear the answer."""
        super().on_response_complete()
        if self.cycle.response_complete and self.cycle.more_body and not self.transport.is_closing():
            self._came()
            self._late = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _wait(self) -> None:
        self._came()
        self._late = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def _came(self) -> None:
        self._head = 0
        if self._late:
            self._late.cancel()
            self._late = None


async def pieces(request: Request) -> AsyncIterator[bytes]:
    """A body as it comes. Ends the request with 408 when it comes too slowly, and quietly when the line drops."""
    loop, stream, got = asyncio.get_running_loop(), request.stream(), 0
    begun = loop.time()
    while True:
        try:
            async with asyncio.timeout_at(begun + BODY_SECONDS + got / LEAST):
                piece: Any = await anext(stream, None)
        except TimeoutError:
            raise HTTPException(408) from None
        except ClientDisconnect:
            raise HTTPException(400) from None
        if piece is None:
            return
        got += len(piece)
        yield piece
