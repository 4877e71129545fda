"""A page that somebody writes on, and the database behind it as a platform that fails: a port that passes PostgreSQL's
protocol on, and can refuse, hold back or cut what goes over it."""

from __future__ import annotations

import asyncio
import base64
import uuid
from asyncio import StreamReader, StreamWriter
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any, Self

import aiohttp
import orjson
import psycopg
from sqlalchemy.engine import make_url

from bot.channels import Delivery
from storage import mailbox
from storage.database import Database, libpq_url
from storage.mailbox import MOST_UNSEEN, Mailbox
from tests.channels.platforms.phone import Gate, Phone, Seen
from tests.channels.platforms.server import Failure

PATH = "/chat/messages"
CHUNK = 64 * 1024  # bytes
_CANCEL = (80877102).to_bytes(4)  # how PostgreSQL's protocol begins when a client gives up waiting for an answer


class WebPhone(Phone):
    """One person on one page. `number`: of the newest event that the page got."""

    def __init__(self, box: Mailbox, handle: str, gate: Gate, language: str = "es") -> None:
        super().__init__(handle)
        self.box, self.gate, self.language = box, gate, language
        self.number = 0
        self.events: list[dict[str, Any]] = []
        self._screen: list[str] = []
        self._buttons: list[list[list[str]]] = []
        self._last = Delivery(PATH, PATH, {}, b"")

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.address}", "content-type": "application/json",
                "sec-fetch-site": "same-origin"}  # fmt: skip

    def delivery(self, body: bytes) -> Delivery:
        return Delivery(PATH, PATH, self.headers, body)

    # What the person does.

    async def say(self, text: str) -> int:
        self._screen.append(text)
        return await self.post(text=text)

    async def tap(self, what: str | int) -> int:
        offered = next(
            shown for shown in reversed(self._buttons) if shown and (isinstance(what, int) or _has(shown, what))
        )
        title, value = offered[what - 1] if isinstance(what, int) else next(one for one in offered if one[0] == what)
        self._screen.append(title)
        return await self.post(choice=value)

    async def attach(self, data: bytes, media_type: str, caption: str = "") -> int:
        return await self.post(file=base64.b64encode(data).decode(), media_type=media_type, text=caption)

    async def place(self, latitude: float, longitude: float) -> int:
        return await self.post(location=f"{latitude},{longitude}")

    async def start(self, placement: str = "") -> int:
        return await self.post(start=True, placement=placement)

    async def sign(self, name: str) -> int:
        """A button of the page itself: `watched`, `resume`, `exit`."""
        return await self.post(sign=name)

    async def repeat(self) -> int:
        return await self.gate(self._last)

    async def post(self, **said: Any) -> int:
        self._last = self.delivery(orjson.dumps({"id": str(uuid.uuid4()), "language": self.language} | said))
        return await self.gate(self._last)

    # What the page shows.

    @property
    def screen(self) -> list[str]:
        return list(self._screen)

    def show(self, number: int, event: dict[str, Any]) -> None:
        """Raises `AssertionError` for an event that came before, or out of order."""
        assert number > self.number
        self.number = number
        self.events.append(event)
        if "erase" in event:
            self._screen.clear()
            return
        self._screen.append(event["text"])
        self._buttons.append(event["buttons"])
        self.receive(Seen(event["text"], tuple(title for title, _ in event["buttons"])))


def _has(shown: list[list[str]], title: str) -> bool:
    return any(one[0] == title for one in shown)


class StreamingPhone(WebPhone):
    """A page that reads its stream, and asks again with the last number when the line ends."""

    def __init__(self, url: str, gate: Gate, language: str = "es") -> None:
        super().__init__(Mailbox(b"", b""), "", gate, language)
        self.url = url
        self.lines = 0  # times that a stream was opened
        self._reading: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        async with self._session.post(f"{self.url}/chat/sessions", json={"language": self.language}) as answer:
            assert answer.status == 201
            self.address = (await answer.json())["handle"]
        self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()
        await self._session.close()

    def listen(self) -> None:
        self._reading = asyncio.create_task(self._hear())

    @property
    def listens(self) -> bool:
        return self._reading is not None and not self._reading.done()

    async def ended(self) -> None:
        """Until the page is told that its handle is dead."""
        if self._reading:
            await self._reading

    async def hang_up(self) -> None:
        """The line drops. Raises what went wrong while it read."""
        if self._reading:
            self._reading.cancel()
            with suppress(asyncio.CancelledError):
                await self._reading

    async def _hear(self) -> None:
        while True:
            self.lines += 1
            headers = self.headers | {"accept": "text/event-stream", "last-event-id": str(self.number)}
            with suppress(aiohttp.ClientError):
                async with self._session.get(f"{self.url}/chat/events", headers=headers) as answer:
                    if answer.status == 403:
                        return
                    async for number, event in streamed(answer):
                        self.show(number, event)
            await asyncio.sleep(0.05)


async def streamed(answer: aiohttp.ClientResponse) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    """The events of a stream, until it ends."""
    number = 0
    async for line in answer.content:
        if line.startswith(b"id: "):
            number = int(line[4:])
        elif line.startswith(b"data: "):
            yield number, orjson.loads(line[6:])


class MailboxPhone(WebPhone):
    """A page without a gateway: it looks into its mailbox itself."""

    def __init__(self, box: Mailbox, handle: str, gate: Gate, database: Database) -> None:
        super().__init__(box, handle, gate)
        self._database = database

    async def look(self) -> None:
        while True:
            async with self._database.begin() as tx:
                found = await mailbox.unseen(tx, self.box, self.number)
                if not found:
                    return
                for event in found:
                    self.show(event.number, event.body)
                await mailbox.seen(tx, self.box, self.number)


class WebPlatform:
    """`url`: the database, by way of this port. `fail` queues failures for the next transactions over it."""

    def __init__(self, database_url: str, box: Mailbox) -> None:
        self._url, self._box = database_url, box
        self._server: asyncio.Server | None = None
        self._lines: set[StreamWriter] = set()
        self._silent: set[StreamWriter] = set()  # those over which an answer is held back
        self._failures: deque[Failure] = deque()
        self._answered = asyncio.Event()
        self._undo = ""
        self.url = ""

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._line, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        through = make_url(self._url).set(host="127.0.0.1", port=port)
        plain = through.set(query={"sslmode": "disable", "gssencmode": "disable"})
        self.url = plain.render_as_string(hide_password=False)

    async def close(self) -> None:
        if self._server:
            self._server.close()
            self._server = None
        for writer in tuple(self._lines):
            writer.transport.abort()

    def fail(self, what: Failure, name: str, times: int = 1) -> None:
        """`throttled`: the mailbox is full, `blocked`: it is closed; both pass with the transaction that meets them."""
        self._failures.extend([what] * times)

    # Below the surface.

    async def _line(self, reader: StreamReader, writer: StreamWriter) -> None:
        far_reader, far = await _opened(self._url)
        self._lines |= {writer, far}
        async with AsyncExitStack() as ends:
            for one in (writer, far):
                ends.callback(self._lines.discard, one)
                ends.callback(one.transport.abort)
            ends.callback(self._silent.discard, writer)
            answers = asyncio.create_task(self._pass(far_reader, writer))
            ends.callback(answers.cancel)
            with suppress(ConnectionError):
                while chunk := await reader.read(CHUNK):
                    if not await self._asked(chunk, writer, far):
                        return

    async def _asked(self, chunk: bytes, writer: StreamWriter, far: StreamWriter) -> bool:
        """Passes on what the service asks. False when the line is to be cut."""
        if chunk[4:8] == _CANCEL:
            for silent in self._silent:
                silent.transport.abort()
        failure = self._failures[0] if self._failures else None
        commits, begins = b"COMMIT" in chunk, b"BEGIN" in chunk
        if begins and self._undo:
            self._change(self._undo)
            self._undo = ""
        if failure == "down" or (failure in {"lost", "cut"} and commits) or (failure in _DONE and begins):
            self._failures.popleft()
        else:
            failure = None
        if failure == "down":
            return False
        if failure in _DONE:
            done, self._undo = _DONE[failure]
            self._change(done)
        if failure in {"lost", "cut"}:
            self._answered.clear()
            self._silent.add(writer)
        far.write(chunk)
        await far.drain()
        if failure == "cut":
            await self._answered.wait()  # it is done; nobody is told
        return failure != "cut"

    async def _pass(self, reader: StreamReader, writer: StreamWriter) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                if writer in self._silent:
                    self._answered.set()
                else:
                    writer.write(chunk)
                    await writer.drain()
        writer.transport.abort()

    def _change(self, statements: str) -> None:
        with psycopg.connect(libpq_url(self._url), autocommit=True) as connection:
            for statement in statements.split(";"):
                connection.execute(statement.encode(), {"name": self._box.name, "now": datetime.now(UTC)})


# What makes a mailbox full or closed, and what makes it as it was.
_MADE = "INSERT INTO mailboxes VALUES (%(name)s, 1, false, %(now)s) ON CONFLICT DO NOTHING"
_DONE: dict[Failure, tuple[str, str]] = {
    "throttled": (
        f"{_MADE}; INSERT INTO mail SELECT %(name)s, n, ''::bytea, %(now)s FROM generate_series(1, {MOST_UNSEEN}) AS n",
        f"DELETE FROM mail WHERE mailbox = %(name)s AND number <= {MOST_UNSEEN}",
    ),
    "blocked": (
        f"{_MADE}; UPDATE mailboxes SET closed = true WHERE name = %(name)s",
        "UPDATE mailboxes SET closed = false WHERE name = %(name)s",
    ),
}


async def _opened(url: str) -> tuple[StreamReader, StreamWriter]:
    """A line to the server itself, by a socket in a folder or by a port."""
    parts = make_url(url)
    host = parts.query.get("host", parts.host)
    if isinstance(host, str) and host.startswith("/"):
        return await asyncio.open_unix_connection(f"{host}/.s.PGSQL.{parts.port or 5432}")
    return await asyncio.open_connection(str(host), parts.port or 5432)
