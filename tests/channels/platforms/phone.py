"""The person's side: a telephone with the same verbs on every platform, and what can be read on its screen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from io import BytesIO

import aiohttp

from bot.channels import Delivery

LARGE = 1024 * 1024  # bytes that aiohttp wants to read from a file

type Gate = Callable[[Delivery], Awaitable[int]]


@dataclass(frozen=True, slots=True)
class Seen:
    """One message from the bot as the person sees it; `buttons` are the titles that can be tapped."""

    text: str
    buttons: tuple[str, ...] = ()


class Phone:
    """One person on one platform. Every verb delivers a genuine webhook and returns the HTTP status it was answered."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.seen: list[Seen] = []  # everything that ever arrived, oldest first
        self._read = 0
        self._arrived = asyncio.Event()

    async def say(self, text: str) -> int:
        raise NotImplementedError

    async def tap(self, what: str | int) -> int:
        """Taps the newest button with this title, or the button of this number (from 1) in the newest message with any.
        Where the platform shows no buttons, the number is written instead, as a person would."""
        raise NotImplementedError

    async def photo(self, data: bytes, caption: str = "") -> int:
        return await self.attach(data, "image/jpeg", caption)

    async def voice(self, data: bytes) -> int:
        return await self.attach(data, "audio/ogg")

    async def attach(self, data: bytes, media_type: str, caption: str = "") -> int:
        raise NotImplementedError

    async def place(self, latitude: float, longitude: float) -> int:
        raise NotImplementedError

    async def repeat(self) -> int:
        """The platform delivers the last webhook once more, byte for byte."""
        raise NotImplementedError

    async def look(self) -> None:
        """For a screen that has to be looked at: everything that was sent until now is in `seen` afterwards."""

    @property
    def screen(self) -> list[str]:
        """Every text still to be read in the chat, both sides, oldest first."""
        raise NotImplementedError

    async def expect(self, n: int = 1, timeout: float = 10) -> list[Seen]:  # noqa: ASYNC109  reads best in a test
        """The next `n` messages that were not taken yet, as soon as they are there."""
        async with asyncio.timeout(timeout):
            while len(self.seen) < self._read + n:
                self._arrived.clear()
                await self._arrived.wait()
        self._read += n
        return self.seen[self._read - n : self._read]

    async def expect_text(self, part: str, timeout: float = 10) -> list[Seen]:  # noqa: ASYNC109  reads best in a test
        """The next messages up to and with the first one that holds `part`."""
        taken: list[Seen] = []
        async with asyncio.timeout(timeout):
            while not taken or part not in taken[-1].text:
                taken += await self.expect(1, timeout)
        return taken

    @property
    def unread(self) -> list[Seen]:
        return self.seen[self._read :]

    def receive(self, seen: Seen) -> None:
        self.seen.append(seen)
        self._arrived.set()


class Post:
    """A gate that posts to a running public door, like the platform would."""

    def __init__(self, base: str) -> None:
        self._base = base.rstrip("/")
        self._session = aiohttp.ClientSession()

    async def __call__(self, delivery: Delivery) -> int:
        address = self._base + delivery.target
        body = BytesIO(delivery.body) if len(delivery.body) > LARGE else delivery.body
        async with self._session.post(address, data=body, headers=dict(delivery.headers)) as answer:
            await answer.read()
            return answer.status

    async def close(self) -> None:
        await self._session.close()


class Collect:
    """A gate that keeps what was delivered, for a test that calls `read` itself."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []

    async def __call__(self, delivery: Delivery) -> int:
        self.deliveries.append(delivery)
        return 200

    def take(self) -> Delivery:
        return self.deliveries.pop(0)
