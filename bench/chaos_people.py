"""People of the chaos run: each walks one conversation, repeats what the numbers answered, and notes all of it."""

from __future__ import annotations

import asyncio
import math
import random
import re
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, override

import aiohttp

from bot.channels import Delivery
from bot.channels.terminal import SIGNATURE, sign
from tests.channels.platforms.phone import Phone, Seen
from tests.channels.platforms.terminal import TerminalPhone
from tests.channels.platforms.web import StreamingPhone

CHANNELS = ("telegram", "whatsapp", "sms", "web")
PRACTICE_CHANNELS = ("web", "terminal")  # the terminal is on in practice only, and the platforms refuse practice
PATIENCE_SECONDS = 600.0  # then a person is taken to have met silence
NUMBERS = "no puedo responder bien"  # of the text for when no engine answers, as every channel writes it
_RECEIPT = re.compile(r"\d{4} \d{4} \d{4} \d{4}")

# What is said, step by step. `{}` is filled with a word that nobody else says, and that is another one at a repetition.
LINES = (
    "hola, soy Zarzamora{} y quiero contar algo", "1", "1", "3", "1", "2", "saltar", "1", "sí, lo guarda Quintopelo{}",
    "2", "2", "2", "1", "2", "1 2", "2", "saltar", "dormimos en el altillo de Morrocoy{}", "2", "1", "Tolondro{}",
    "Peliagudo{}", "saltar",
)  # fmt: skip
# A page can't be written to later: it asks for another way.
ON_A_PAGE = (*LINES[:20], "al correo Zarcillo{}@example.org", *LINES[20:])
# Said together, before anything was answered. Whichever comes second is not understood, and is kept since it is long.
TOGETHER = (
    "esto es de Zarzamora{} y de lo que pasó con ella allá",
    "esto es de Cascabel{} y de lo que pasó con ella allá",
)
WORD = 6  # the step that asks for a word to come back by: what is said there is never kept in the clear
TAPPED = frozenset({1, 2, 3, 9, 10, 11})  # steps in which people with an odd number tap a button instead


@dataclass(frozen=True, slots=True)
class Told:
    """One message of a person: when it was said and when it was acknowledged, in seconds. `numbers`: it was answered by
    the numbers to call, since no engine was there."""

    step: int
    text: str
    said: float
    at: float
    numbers: bool = False


@dataclass(slots=True)
class Diary:
    """What one person saw and did: all that the checker is told of them. `heard`: seconds and text, in order."""

    number: int
    channel: str
    address: str = ""
    told: list[Told] = field(default_factory=list)
    heard: list[tuple[float, str]] = field(default_factory=list)
    silent: bool = False  # a message was acknowledged and never answered
    begun_anew: bool = False  # the key of the first conversation was lost
    hurried: bool = False  # said two things before anything was answered

    @property
    def lines(self) -> tuple[str, ...]:
        lines = ON_A_PAGE if self.channel == "web" else LINES
        return (*TOGETHER, *lines[1:]) if self.hurried else lines

    @property
    def first(self) -> int:
        """So many things are said before the first question is answered."""
        return 1 + self.hurried

    @property
    def word(self) -> int:
        return WORD + self.hurried

    @property
    def taps(self) -> bool:
        """People with an odd number tap buttons; there are none by SMS, nor at a terminal."""
        return self.number % 2 == 1 and self.channel not in {"sms", "terminal"} and not self.hurried

    @property
    def kind(self) -> str:
        """People of one kind hear the same, and their reports say the same."""
        return self.channel + (", tapping" if self.taps else "") + (", hurried" if self.hurried else "")

    @property
    def received(self) -> bool:
        """Was the person told that the report was received? Then they got a code."""
        return any(_RECEIPT.search(text) for _, text in self.heard)


type Replies = Sequence[Sequence[str]]  # what is heard after each step
type Known = Mapping[str, Replies]  # by `Diary.kind`
type Idle = Callable[
    [Diary], Awaitable[bool]
]  # does no message of this person wait for a turn, and no reply to be sent?


def normal(text: str) -> str:
    """The text without the receipt code, which is another one for each report."""
    return _RECEIPT.sub("CODE", text)


class Person:
    """Walks the lines on a telephone. `expected`: the replies to each step, from a run without faults."""

    def __init__(self, diary: Diary, phone: Phone, expected: Replies | None, idle: Idle) -> None:
        self.diary, self.phone = diary, phone
        self._expected, self._idle = expected, idle
        self._times = 0
        diary.address = phone.address
        receive = phone.receive

        def noted(seen: Seen) -> None:
            self.diary.heard.append((time.monotonic(), seen.text))
            receive(seen)

        phone.receive = noted  # type: ignore[method-assign]

    async def walk(self, until: int | None = None, *, begin: int = 0) -> None:
        for step in range(begin, len(self.diary.lines) if until is None else until):
            while not await self._step(step):
                pass
            if self.diary.silent:
                return

    async def hurry(self, weather: Weather, seconds: float) -> None:
        """Says two things at once; the first one is so long on its way that it comes second."""

        async def held() -> None:
            weather.held = seconds  # taken by the delivery that the next line makes, before anybody else is heard
            await self.say(0)

        first = asyncio.create_task(held())
        await asyncio.sleep(0)
        await self.say(1)
        await first
        await self._heard(1)

    async def say(self, step: int) -> Told:
        """Says the line of a step and returns once the platform's delivery was acknowledged."""
        line, said = self.diary.lines[step], time.monotonic()
        self._times += 1
        text = line.format(f"{self.diary.number}x{self._times}")
        if step in TAPPED and self.diary.taps:
            await self.phone.tap(int(line))
            text = ""
        else:
            await self.phone.say(text)
        self.diary.told.append(Told(step, text, said, time.monotonic()))
        return self.diary.told[-1]

    async def _step(self, step: int) -> bool:
        """False when it must be said again, since the numbers came instead of an answer."""
        before, told = self._numbers(), await self.say(step)
        if await self._heard(step, before):
            return True
        self.diary.told[-1] = replace(told, numbers=True)
        return False

    async def _heard(self, step: int, before: float = math.inf) -> bool:
        """Until it is answered. False when the numbers came instead, of which there were so many `before`."""
        end = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < end:
            if self._answered(step):
                return True
            # The numbers may be those of the message before, sent twice: then this one still waits.
            if self._numbers() > before and await self._idle(self.diary) and not self._answered(step):
                return False
            await asyncio.sleep(0.05)
        self.diary.silent = True
        return True

    def _answered(self, step: int) -> bool:
        """Without expectations: everything that is under way has come."""
        assert self._expected is not None
        last = self._expected[step][-1]
        return any(normal(text) == last for _, text in self.diary.heard)

    def _numbers(self) -> int:
        return sum(NUMBERS in text for _, text in self.diary.heard)


class Page(StreamingPhone):
    """A page that also asks again when its stream is as old as the client lets it become."""

    @override
    async def _hear(self) -> None:
        while True:
            with suppress(TimeoutError):
                return await super()._hear()


class Keyboard(TerminalPhone):
    """A terminal whose lines go through the weather like those of everybody."""

    def __init__(self, weather: Weather, token: str) -> None:
        super().__init__(weather.url, token)
        self._weather = weather

    @override
    async def _post(self, body: bytes) -> int:
        path = "/webhooks/terminal"
        return await self._weather(Delivery(path, path, {SIGNATURE: sign(self.token, body)}, body))


class Weather:
    """A gate: how a platform delivers. Each delivery is made until it is acknowledged; some late, some twice, some much
    later once more, some over a line that breaks before the answer. `calm`: none of that. `held`: for so many seconds
    the next one stays on its way."""

    def __init__(self, chance: random.Random) -> None:
        self.url = ""
        self.calm = True
        self.held = 0.0
        self.counts = dict.fromkeys(("delivered", "twice", "late", "overtaken", "long after", "unheard", "refused"), 0)
        self._chance = chance
        self._later: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, delivery: Any) -> int:
        held, self.held = self.held, 0.0
        if held:
            self.counts["overtaken"] += 1
            await asyncio.sleep(held)
        if self._happens(0.10, "late"):
            await asyncio.sleep(self._chance.uniform(0.2, 3))
        if self._happens(0.08, "unheard"):
            await self._unheard(delivery)
        while not 200 <= (status := await self._post(delivery)) < 300:
            self.counts["refused"] += 1
            await asyncio.sleep(self._chance.uniform(0.2, 0.6))
        self.counts["delivered"] += 1
        if self._happens(0.12, "twice"):
            await self._post(delivery)
        if self._happens(0.08, "long after"):
            task = asyncio.create_task(self._long_after(delivery))
            self._later.add(task)
            task.add_done_callback(self._later.discard)
        return status

    async def close(self) -> None:
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        if self._session:
            await self._session.close()

    def _happens(self, likely: float, what: str) -> bool:
        yes = not self.calm and self._chance.random() < likely
        self.counts[what] += yes
        return yes

    async def _long_after(self, delivery: Any) -> None:
        """Once more, when the person has said other things meanwhile."""
        await asyncio.sleep(self._chance.uniform(3, 40))
        await self._post(delivery)

    async def _post(self, delivery: Any) -> int:
        """0 when the connection broke."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15))
        try:
            async with self._session.post(
                self.url + delivery.target, data=delivery.body, headers=dict(delivery.headers)
            ) as answer:
                await answer.read()
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0

    async def _unheard(self, delivery: Any) -> None:
        """Sent, and the line breaks before the answer: the platform does not know whether it was taken."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        lines = [f"POST {delivery.target} HTTP/1.1", "host: x", f"content-length: {len(delivery.body)}"]
        lines += [f"{name}: {value}" for name, value in delivery.headers.items()]
        with suppress(OSError):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + delivery.body)
            await writer.drain()
            await asyncio.sleep(self._chance.uniform(0, 0.05))
            writer.close()


def replies(diary: Diary) -> Replies:
    """What a person without faults heard after each step, each reply once: a machine that is so busy that a worker is
    taken for dead sends some twice, which is no rule for the others."""
    begun = [told.said for told in diary.told]
    ends = [*begun[1:], float("inf")]
    return [list(dict.fromkeys(normal(text) for at, text in diary.heard if start <= at < end))
            for start, end in zip(begun, ends, strict=True)]  # fmt: skip
