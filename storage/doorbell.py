"""Rings when mail came for a page: one connection a process listens, and looks now and then in case it missed some."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import psycopg

from storage.database import lasting, libpq_url

CHANNEL = "faro_mail"  # as in mailbox.py; what is told there is the name of the mailbox in hexadecimal, nothing else
ASK_SECONDS = 1.5  # between two looks at the numbers, with or without a ring
AGAIN_SECONDS = 1.0  # before a lost connection is made anew

_LAST = "SELECT name, last FROM mailboxes WHERE name = ANY(%(names)s)"


class Doorbell:
    """Holds nothing but the names of mailboxes that somebody waits at just now."""

    def __init__(self, url: str, *, ask: float = ASK_SECONDS) -> None:
        self._url, self._kept, self._ask = libpq_url(url), lasting(url), ask
        self._waiting: dict[bytes, set[asyncio.Event]] = {}
        self._last: dict[bytes, int] = {}
        self.ending = False

    @asynccontextmanager
    async def hung(self) -> AsyncIterator[None]:
        """It rings until the block ends."""
        listening = asyncio.create_task(self._listen())
        try:
            yield
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    @contextmanager
    def at(self, name: bytes) -> Iterator[asyncio.Event]:
        """Set when something came for this mailbox, or `ending` became true; whoever waits clears it before looking."""
        ring = asyncio.Event()
        self._waiting.setdefault(name, set()).add(ring)
        try:
            yield ring
        finally:
            self._waiting[name].discard(ring)
            if not self._waiting[name]:
                del self._waiting[name]
                self._last.pop(name, None)

    @property
    def awaited(self) -> int:
        """How many mailboxes somebody waits at."""
        return len(self._waiting)

    def end(self) -> None:
        """The process stops: everybody who waits is told, and looks at `ending`."""
        self.ending = True
        self._ring_all()

    async def _listen(self) -> None:
        while True:
            with suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(
                    self._url, autocommit=True, **self._kept
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._ring_all()  # whatever came while nobody listened
                    await self._hear(connection)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _hear(self, connection: psycopg.AsyncConnection) -> None:
        while True:
            async for note in connection.notifies(timeout=self._ask):
                self._ring(bytes.fromhex(note.payload))
            await self._look(connection)

    async def _look(self, connection: psycopg.AsyncConnection) -> None:
        names = list(self._waiting)
        if not names:
            return
        for name, last in await (await connection.execute(_LAST, {"names": names})).fetchall():
            if self._last.get(name) != last and name in self._waiting:
                self._last[name] = last
                self._ring(name)

    def _ring(self, name: bytes) -> None:
        for ring in self._waiting.get(name, ()):
            ring.set()

    def _ring_all(self) -> None:
        for name in self._waiting:
            self._ring(name)
