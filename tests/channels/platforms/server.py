"""A small, quick HTTP/1.1 server for the platforms: calls are handled one after another on each connection."""

from __future__ import annotations

import asyncio
import base64
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast
from urllib.parse import parse_qsl

import httptools
import orjson

type Failure = Literal["throttled", "blocked", "down", "lost", "cut"]


@dataclass(frozen=True, slots=True)
class Call:
    """One request that the platform got. `form`: the fields of a form body, by name; the last one wins."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    @property
    def arguments(self) -> dict[str, str]:
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def basic(self) -> tuple[str, str]:
        """User and password of basic authentication, or two empty strings."""
        scheme, _, value = self.headers.get("authorization", "").partition(" ")
        user, _, password = base64.b64decode(value).decode().partition(":") if scheme == "Basic" else ("", "", "")
        return user, password


@dataclass(frozen=True, slots=True)
class Reply:
    """`never`: the connection stays open and silent. `cut`: it is closed without an answer. `unmeasured`: the length is
    not told, the end of the body is the end of the connection."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    never: bool = False
    cut: bool = False
    unmeasured: bool = False


def json_reply(value: object, status: int = 200) -> Reply:
    return Reply(status, orjson.dumps(value), {"content-type": "application/json"})


class Loopback:
    """A platform. `calls`: what came, oldest first. `fail` queues failures for the next calls that `name` them."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.url = ""
        self.keep_calls = True
        self._failures: dict[str, deque[Failure]] = {}
        self._server: asyncio.Server | None = None
        self._connections: set[_Connection] = set()

    async def start(self, port: int = 0, host: str = "127.0.0.1") -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self, self._connections), host, port)
        self.url = f"http://{host}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        if self._server:
            self._server.close()
            for connection in list(self._connections):
                connection.end()
            await self._server.wait_closed()

    def fail(self, what: Failure, name: str, times: int = 1) -> None:
        """`name`: a method of Telegram, or `messages`, `content`, `media` of Twilio. "lost": done, never answered."""
        self._failures.setdefault(name, deque()).extend([what] * times)

    def failure(self, name: str) -> Failure | None:
        waiting = self._failures.get(name)
        return waiting.popleft() if waiting else None

    async def answer(self, call: Call) -> Reply:
        raise NotImplementedError


class _Connection(asyncio.Protocol):
    def __init__(self, platform: Loopback, open_ones: set[_Connection]) -> None:
        self._platform, self._open = platform, open_ones
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: asyncio.Queue[Call] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.on_message_begin()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._open.add(self)
        self._task = asyncio.get_running_loop().create_task(self._work())

    def connection_lost(self, exc: Exception | None) -> None:
        self._open.discard(self)
        if self._task:
            self._task.cancel()

    def end(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._transport.abort()

    def on_message_begin(self) -> None:
        self._url, self._headers, self._body = b"", {}, bytearray()  # type: ignore[var-annotated]

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode().lower()] = value.decode("latin-1")
        if name.lower() == b"expect":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        path, _, query = self._url.decode().partition("?")
        method = self._parser.get_method().decode()
        self._waiting.put_nowait(Call(method, path, query, self._headers, bytes(self._body)))

    async def _work(self) -> None:
        while True:
            call = await self._waiting.get()
            if self._platform.keep_calls:
                self._platform.calls.append(call)
            self._write(await self._platform.answer(call))

    def _write(self, reply: Reply) -> None:
        if reply.cut:
            self._transport.abort()
        if reply.cut or reply.never:
            return
        length = "connection: close" if reply.unmeasured else f"content-length: {len(reply.body)}"
        lines = [f"HTTP/1.1 {reply.status} x", length]
        lines += [f"{name}: {value}" for name, value in reply.headers.items()]
        self._transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + reply.body)
        if reply.unmeasured:
            self._transport.close()
