"""Hostile messages through the whole dialogue, on every channel, while an honest person writes beside them."""

from __future__ import annotations

import asyncio
import base64
import itertools
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import orjson

from bench.fuzz_pictures import some_bombs
from bench.fuzz_town import Town
from bench.fuzz_words import Hostile
from bench.people import Act, NoReply
from bot.channels import Delivery
from bot.progress import say
from tests.channels.platforms.twilio import ACCOUNT, SMS, WHATSAPP

AT_ONCE = 48  # conversations
TELL_SECONDS = 60
BACKLOG = 60  # messages that may wait for their turn
SHORTEST, LONGEST = 8, 34  # messages of one conversation; some flood
FLOODS = 0.02  # of the conversations, with ten times as many
SOUND = ("1", "1", "3", "Colombia", "1", "saltar", "2", "1", "4", "3", "1", "2", "1")  # leads somewhere, mostly
STICKER = {"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1, "is_animated": False, "is_video": False,
           "type": "regular"}  # fmt: skip


@dataclass(slots=True)
class Told:
    """`answers`: HTTP statuses; `honest`: seconds in which the honest person was answered."""

    sent: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    honest: list[float] = field(default_factory=list)
    unanswered: int = 0
    seconds: float = 0.0


async def through(town: Town, messages: int, seed: int, minutes: float | None = None) -> Told:
    """So many messages, or as many as the minutes hold."""
    told, numbers, begun = Told(), itertools.count(1), time.monotonic()
    end = begun + minutes * 60 if minutes else float("inf")
    gate = _Gate(town)

    async def people() -> None:
        while told.sent < messages and time.monotonic() < end:
            await _Talker(town, next(numbers), seed, told, gate).talks(messages)

    beside = [asyncio.create_task(one) for one in (gate.watch(), _honest(town, told), _tell(told, messages))]
    await asyncio.gather(*(people() for _ in range(AT_ONCE)))
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    told.seconds = time.monotonic() - begun
    return told


async def _tell(told: Told, messages: int) -> None:
    while True:
        await asyncio.sleep(TELL_SECONDS)
        say(f"{told.sent:,} of {messages:,} messages, {told.unanswered} of the honest person's unanswered")


class _Gate:
    """Open while not too many messages wait."""

    def __init__(self, town: Town) -> None:
        self._town, self.open = town, asyncio.Event()
        self.open.set()

    async def watch(self) -> None:
        while True:
            waiting = await asyncio.to_thread(self._town.waiting)
            (self.open.set if waiting < BACKLOG else self.open.clear)()
            await asyncio.sleep(0.1)


async def _honest(town: Town, told: Told) -> None:
    """Walks the first questions again and again, and waits for each reply."""
    while True:
        chat = town.telegram.talk(0, "es")
        for act in (Act("start"), Act("tap", "ready"), Act("tap", "adult"), Act("tap", "there")):
            begun = time.monotonic()
            try:
                await chat.take(act)
                told.honest.append(time.monotonic() - begun)
            except (NoReply, TimeoutError, OSError):
                told.unanswered += 1
                break
            await asyncio.sleep(1)
        town.telegram.hang_up(chat)


class _Talker:
    """One conversation. Each message is genuine, and what it says is not."""

    def __init__(self, town: Town, number: int, seed: int, told: Told, gate: _Gate) -> None:
        self._town, self._number, self._told, self._gate = town, number, told, gate
        self._hostile = Hostile(seed * 1_000_003 + number)
        self._sound: Iterator[str] = iter(SOUND)
        self._sids = itertools.count(number * 10_000)

    async def talks(self, most: int) -> None:
        chance = self._hostile.chance
        length = chance.randrange(SHORTEST, LONGEST) * (10 if chance.random() < FLOODS else 1)
        say = {0: self._telegram, 1: self._telegram, 2: self._twilio, 3: self._web}[self._number % 4]
        handle = await self._handle() if say == self._web else ""
        for _ in range(length):
            if self._told.sent >= most:
                return
            await self._gate.open.wait()
            self._told.sent += 1
            await say(handle)

    def _words(self) -> str:
        sound = next(self._sound, "") if self._hostile.chance.random() < 0.4 else ""
        return sound or self._hostile.text(4000) or "x"

    async def _telegram(self, handle: str) -> None:
        status = await self._town.post(self._town.delivered(self._update()))
        self._told.answers[f"telegram {status}"] += 1

    def _update(self) -> dict[str, Any]:
        chance, chat = self._hostile.chance, 900_000_000 + self._number
        person = {"id": chat, "is_bot": False, "first_name": self._hostile.text(30), "language_code": "es"}
        number = self._town.telegram.number()
        head = {"message_id": number, "date": int(time.time()), "chat": {"id": chat, "type": "private"}, "from": person}
        kind, more = chance.choices(("text", "edit", "tap", "place", "sticker", "file"), (80, 4, 8, 2, 3, 3))[0], {}
        if kind == "tap":
            data = chance.choice(("safe=ready", "Q3=yes", "consent=share", "aside=yes", self._hostile.text(20)))
            query = {"id": str(number), "from": person, "chat_instance": "1", "data": data[:20], "message": head}
            return {"update_id": number, "callback_query": query}
        if kind == "place":
            more = {"location": {"latitude": chance.uniform(-90, 90), "longitude": chance.uniform(-180, 180)}}
        elif kind == "sticker":
            more = {"sticker": STICKER}
        elif kind == "file":
            more = {"document": {"file_id": self._hostile.text(60), "file_unique_id": "f", "file_size": 9},
                    "caption": self._words()}  # fmt: skip
        else:
            more = {"text": self._words()} | ({"edit_date": head["date"]} if kind == "edit" else {})
        return {"update_id": number, "edited_message" if kind == "edit" else "message": {**head, **more}}

    async def _twilio(self, handle: str) -> None:
        chance, whatsapp = self._hostile.chance, self._number % 8 == 2
        number = 10_000_000 + self._number
        sender = f"whatsapp:+57{number:010}" if whatsapp else f"+57{number:010}"
        fields = {"MessageSid": f"SM{next(self._sids):032x}", "AccountSid": ACCOUNT, "From": sender,
                  "To": WHATSAPP if whatsapp else SMS, "Body": self._words()[:1600], "NumMedia": "0"}  # fmt: skip
        if chance.random() < 0.05:
            fields |= {"NumMedia": "2", "MediaUrl0": chance.choice(ELSEWHERE), "MediaContentType0": "image/jpeg",
                       "MediaUrl1": self._hostile.text(200), "MediaContentType1": self._hostile.text(20)}  # fmt: skip
        if chance.random() < 0.05:
            fields |= {"ButtonPayload": self._hostile.text(200), "ProfileName": self._hostile.text(40)}
        path = "/webhooks/whatsapp" if whatsapp else "/webhooks/sms"
        status = await self._town.post(self._town.twilio.signed(path, fields))
        self._told.answers[f"twilio {status}"] += 1

    async def _handle(self) -> str:
        while True:
            try:
                address = f"{self._town.url}/chat/sessions"
                async with self._town.session.post(address, json={"language": "es"}) as answer:
                    return str((await answer.json())["handle"])
            except (aiohttp.ClientError, TimeoutError, OSError):
                self._town.unanswered += 1
                await asyncio.sleep(1)

    async def _web(self, handle: str) -> None:
        chance = self._hostile.chance
        said: dict[str, Any] = {"text": self._words()}
        if chance.random() < 0.04:
            bomb = chance.choice(some_bombs())
            said = {"file": base64.b64encode(bomb).decode(), "media_type": "image/jpeg", "text": self._words()}
        elif chance.random() < 0.05:
            said = {"choice": chance.choice(("safe=ready", self._hostile.text(15)))}
        body = orjson.dumps({"id": str(uuid.UUID(int=chance.getrandbits(128))), "language": "es", **said})
        headers = {"authorization": f"Bearer {handle}", "content-type": "application/json"}
        status = await self._town.post(Delivery("/chat/messages", "/chat/messages", headers, body))
        self._told.answers[f"web {status}"] += 1


# Where an attachment may not be fetched from.
ELSEWHERE = ("http://169.254.169.254/latest/meta-data/", "http://127.0.0.1:5432/", "file:///etc/passwd",
             "https://api.twilio.com.example.org/2010-04-01/Accounts/", "http://[::1]/", "gopher://127.0.0.1:25/_x",
             "https://api.twilio.com@127.0.0.1/", "//127.0.0.1/", "http://localhost#@api.twilio.com/")  # fmt: skip
