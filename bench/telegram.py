"""Telegram for a measurement: genuine webhooks to the gateway, and a Bot API that takes replies and nothing more."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from typing import Any, override
from urllib.parse import parse_qsl

import orjson

from bench.client import Client
from bench.people import Act, NoReply
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply
from tests.channels.platforms.telegram import BOT, SECRET

PATIENCE = 20.0  # seconds
RECEIPT = re.compile(r"\d{4} \d{4} \d{4} \d{4}")  # the code that ends a conversation


class Telegram(Loopback):
    """A reply is whole when it brings buttons, or the receipt code. `acknowledged`: seconds that webhooks took."""

    def __init__(self) -> None:
        super().__init__()
        self.keep_calls = False
        self.acknowledged: list[float] = []
        self._chats: dict[str, Chat] = {}
        self._numbers = itertools.count(1)
        self._door: Client | None = None

    def open_door(self, gateway_url: str) -> None:
        self._door = Client(gateway_url, {"x-telegram-bot-api-secret-token": SECRET})

    def talk(self, number: int, language: str) -> Chat:
        chat = Chat(self, 1_000_000 + next(self._numbers), language)
        self._chats[str(chat.id)] = chat
        return chat

    def hang_up(self, chat: Chat) -> None:
        self._chats.pop(str(chat.id), None)

    def number(self) -> int:
        return next(self._numbers)

    async def deliver(self, update: dict[str, Any]) -> None:
        """Raises `NoReply` unless the gateway takes it."""
        assert self._door
        begun = time.perf_counter()
        status, _ = await self._door.post("/webhooks/telegram", orjson.dumps(update))
        self.acknowledged.append(time.perf_counter() - begun)
        if status != 200:
            raise NoReply(str(status))

    @override
    async def answer(self, call: Call) -> Reply:
        if not call.path.endswith("/sendMessage"):
            return json_reply({"ok": True, "result": True})
        given = dict(parse_qsl(call.body.decode()))
        if chat := self._chats.get(given["chat_id"]):
            chat.receive(given["text"], given.get("reply_markup"))
        about = {"message_id": self.number(), "date": 0, "chat": {"id": int(given["chat_id"]), "type": "private"}}
        return json_reply({"ok": True, "result": {**about, "text": given["text"]}})

    @override
    async def close(self) -> None:
        if self._door:
            self._door.close()
        await super().close()


class Chat:
    """See `bench.people.Talk`."""

    def __init__(self, platform: Telegram, number: int, language: str) -> None:
        self.id, self.open, self.offered = number, "", list[tuple[str, str]]()
        self.messages = 0
        self._platform = platform
        self._chat = {"id": number, "type": "private", "first_name": "A"}
        self._person = {"id": number, "is_bot": False, "first_name": "A", "language_code": language}
        self._whole = asyncio.Event()

    async def take(self, act: Act) -> None:
        self._whole.clear()
        async with asyncio.timeout(PATIENCE):
            await self._platform.deliver(self._update(act))
            await self._whole.wait()

    def receive(self, text: str, markup: str | None) -> None:
        self.messages += 1
        if markup:
            keys = [key for row in orjson.loads(markup)["inline_keyboard"] for key in row]
            self.open = keys[0]["callback_data"].partition("=")[0]
            self.offered = [(key["callback_data"].partition("=")[2], key["text"]) for key in keys]
        elif RECEIPT.search(text):
            self.open, self.offered = "", []
        else:
            return
        self._whole.set()

    def _update(self, act: Act) -> dict[str, Any]:
        kind, content = self._content(act)
        return {"update_id": self._platform.number(), kind: content}

    def _content(self, act: Act) -> tuple[str, dict[str, Any]]:
        head = {"message_id": self._platform.number(), "date": int(time.time()), "chat": self._chat}
        if act.kind in ("start", "say"):
            return "message", {**head, "from": self._person, "text": act.value or "/start"}
        if act.kind == "edit":
            return "edited_message", {**head, "from": self._person, "text": act.value, "edit_date": head["date"]}
        data = act.value if act.kind == "outdated" else f"{self.open}={act.value}"
        message = {**head, "from": BOT, "text": "…"}
        query = {"id": str(head["message_id"]), "from": self._person, "chat_instance": "1", "data": data}
        return "callback_query", {**query, "message": message}
