"""HTTP/1.1 client of the driver: it shares the machine with what is measured, so it does no more than it must."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import cast
from urllib.parse import unquote, urlsplit

import httptools


class Client:
    """Keeps its connections; one request at a time on each."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        self._host, self._port = cast(str, parts.hostname), cast(int, parts.port)
        self._file = unquote(parts.path) if parts.scheme == "unix" else None
        fixed = {"host": parts.netloc or "engine", "content-type": "application/json", **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in fixed.items())
        self._idle: list[_Connection] = []

    async def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> tuple[int, bytes]:
        """Status and body. `headers`: of this request. Raises OSError when the connection ends before the answer."""
        self._idle = [each for each in self._idle if each.open]  # a server closes those that it finds idle
        connection = self._idle.pop() if self._idle else await self._connect()
        more = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        head = f"POST {path} HTTP/1.1\r\n{self._head}{more}content-length: {len(body)}\r\n\r\n"
        answer = await connection.ask(head.encode() + body)
        self._idle.append(connection)
        return answer

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        if self._file:
            _, connection = await loop.create_unix_connection(_Connection, self._file)
        else:
            _, connection = await loop.create_connection(_Connection, self._host, self._port)
        return connection

    def close(self) -> None:
        for connection in self._idle:
            connection.close()
        self._idle.clear()


class _Connection(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self.open = True

    def ask(self, request: bytes) -> asyncio.Future[tuple[int, bytes]]:
        self._parser, self._body = httptools.HttpResponseParser(self), bytearray()
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._answer

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_result((self._parser.get_status_code(), bytes(self._body)))

    def connection_lost(self, exc: Exception | None) -> None:
        self.open = False
        if self._answer and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    def close(self) -> None:
        self._transport.close()
