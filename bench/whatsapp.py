"""Twilio for a measurement: genuine signed webhooks, and a Messages and Content API that takes calls, no more."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Mapping
from typing import Any, Protocol, override
from urllib.parse import urlencode

import orjson
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from bench.client import Client
from bench.people import Act, NoReply
from bench.screens import Screens, shipped
from bench.telegram import PATIENCE, RECEIPT
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply
from tests.channels.platforms.twilio import ACCOUNT, AUTH_TOKEN, WHATSAPP

PUBLIC_URL = "https://faro.example"
FORM = {"content-type": "application/x-www-form-urlencoded"}
FIRST_WORDS = {"es": "hola, buenas tardes", "en": "hello, good afternoon"}
LATER = ("sent", "delivered")  # what Twilio tells of each message afterwards
_LINE = re.compile(r"^(\d+) (.+)$", re.MULTILINE)


class Phone(Protocol):
    """Gets what is sent to its number: text, and buttons as (id, title)."""

    def receive(self, text: str, buttons: list[tuple[str, str]]) -> None: ...


class Twilio(Loopback):
    """`tells`: whether status callbacks follow each message. `acknowledged`: seconds that webhooks took."""

    def __init__(self) -> None:
        super().__init__()
        self.keep_calls = False
        self.tells = False
        self.acknowledged: list[float] = []
        self.phones: dict[str, Phone] = {}
        self._contents: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)
        self._validator = RequestValidator(AUTH_TOKEN)
        self._door: Client | None = None
        self._telling = set[asyncio.Task[None]]()

    def open_door(self, gateway_url: str) -> None:
        self._door = Client(gateway_url, FORM)

    def sid(self, prefix: str = "SM") -> str:
        return f"{prefix}{next(self._numbers):032x}"

    def number(self) -> str:
        """A telephone number that nobody has."""
        return f"whatsapp:+57300{next(self._numbers):07}"

    def talk(self, number: int, language: str) -> WhatsAppChat:
        chat = WhatsAppChat(self, self.number(), language)
        self.phones[chat.address] = chat
        return chat

    async def deliver(self, path: str, fields: Mapping[str, str]) -> int:
        """A signed webhook. Gives the status."""
        assert self._door
        signature = self._validator.compute_signature(PUBLIC_URL + path, dict(fields))
        body = urlencode(fields).encode()
        begun = time.perf_counter()
        status, _ = await self._door.post(path, body, {"x-twilio-signature": signature})
        self.acknowledged.append(time.perf_counter() - begun)
        return status

    @override
    async def answer(self, call: Call) -> Reply:
        if call.method == "DELETE":
            return Reply(204)
        if call.path == "/v1/Content":
            sid = self.sid("HX")
            self._contents[sid] = call.json["types"]
            return json_reply({"sid": sid}, 201)
        given, sid = call.form, self.sid()
        if phone := self.phones.get(given["To"]):
            phone.receive(*self._shown(given))
        if self.tells:
            task = asyncio.create_task(self._tell(sid, given["To"]))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)
        return json_reply({"sid": sid, "status": "queued"}, 201)

    async def _tell(self, sid: str, to: str) -> None:
        about = {"AccountSid": ACCOUNT, "MessageSid": sid, "SmsSid": sid, "From": WHATSAPP, "To": to}
        for status in LATER:
            await self.deliver("/webhooks/twilio/status", {**about, "MessageStatus": status, "SmsStatus": status})

    def _shown(self, given: Mapping[str, str]) -> tuple[str, list[tuple[str, str]]]:
        if "ContentSid" not in given:
            return given["Body"], []
        ((_, content),) = self._contents[given["ContentSid"]].items()
        items = content.get("actions") or content["items"]
        return orjson.loads(given["ContentVariables"])["1"], [
            (one["id"], one.get("title") or one["item"]) for one in items
        ]

    @override
    async def close(self) -> None:
        await asyncio.gather(*self._telling, return_exceptions=True)
        if self._door:
            self._door.close()
        await super().close()


class WhatsAppChat:
    """See `bench.people.Talk`. What can't be tapped is numbered there; then the number is typed."""

    def __init__(self, platform: Twilio, address: str, language: str) -> None:
        self.address, self.open, self.offered = address, "", list[tuple[str, str]]()
        self._platform, self._language = platform, language
        self._screens: Screens = shipped()
        self._taps = dict[str, dict[str, str]]()  # code -> the fields that tapping it sends
        self._whole = asyncio.Event()

    async def take(self, act: Act) -> None:
        self._whole.clear()
        async with asyncio.timeout(PATIENCE):
            status = await self._platform.deliver("/webhooks/whatsapp", {**self._head(), **self._fields(act)})
            if status != 204:
                raise NoReply(str(status))
            await self._whole.wait()

    def receive(self, text: str, buttons: list[tuple[str, str]]) -> None:
        asked = buttons[0][0].partition("=")[0] if buttons else self._screens.question(self._language, text)
        if asked:
            self.open = asked
            self._offer(text, buttons)
        elif RECEIPT.search(text):
            self.open, self.offered = "", []
        else:
            return
        self._whole.set()

    def _offer(self, text: str, buttons: list[tuple[str, str]]) -> None:
        if buttons:
            found = [(id.partition("=")[2], title, {"ButtonPayload": id, "Body": title}) for id, title in buttons]
        else:
            lines = _LINE.findall(text)
            found = [
                (self._screens.code(self._language, self.open, title), title, {"Body": number})
                for number, title in lines
            ]
        self.offered = [(code, title) for code, title, _ in found]
        self._taps = {code: fields for code, _, fields in found}

    def _head(self) -> dict[str, str]:
        sid = self._platform.sid()
        return {
            "MessageSid": sid, "SmsSid": sid, "AccountSid": ACCOUNT, "From": self.address, "To": WHATSAPP,
            "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received", "ApiVersion": "2010-04-01",
            "WaId": self.address.rpartition("+")[2], "ProfileName": "A", "MessageType": "text",
        }  # fmt: skip

    def _fields(self, act: Act) -> dict[str, str]:
        match act.kind:
            case "start":
                return {"Body": FIRST_WORDS[self._language]}
            case "tap":
                return self._taps.get(act.value) or {"Body": act.value}
            case "outdated":
                return {"Body": "…", "ListId": act.value}
        return {"Body": act.value}
