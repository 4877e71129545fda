"""The bare engine: the same people, straight to its HTTP, with the state carried by the driver."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Sequence
from typing import Any

import orjson

from bench.client import Client
from bench.people import Act, NoReply
from bot.choices import typed

PATIENCE = 20.0  # seconds


class Engines:
    """Asked in turn, as the worker does."""

    def __init__(self, urls: Sequence[str], token: str) -> None:
        self._clients = [Client(url, {"authorization": f"Bearer {token}"}) for url in urls]
        self._next = itertools.cycle(self._clients)

    def talk(self, number: int, language: str) -> BareTalk:
        return BareTalk(self, language)

    async def turn(self, body: dict[str, Any]) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE):
            status, answer = await next(self._next).post("/webhooks/turns/turn", orjson.dumps(body))
        if status != 200:
            raise NoReply(str(status))
        reply: dict[str, Any] = orjson.loads(answer)
        return reply

    def close(self) -> None:
        for client in self._clients:
            client.close()


class BareTalk:
    """See `bench.people.Talk`."""

    def __init__(self, engines: Engines, language: str) -> None:
        self._engines, self._language = engines, language
        self._state: dict[str, Any] | None = None
        self._model: str | None = None
        self.open, self.offered = "", list[tuple[str, str]]()

    async def take(self, act: Act) -> None:
        reply = await self._engines.turn({
            "model": self._model, "state": self._state, "language": self._language, "channel": "telegram",
            "message": self._message(act),
        })  # fmt: skip
        self._model, self._state = reply["model"], reply["state"]
        self.open = self._state["requested_slot"] or "" if self._state else ""
        buttons = [said["buttons"] for said in reply["replies"] if said.get("buttons")]
        self.offered = [(one["value"], one["title"]) for one in buttons[-1]] if buttons else []

    def _message(self, act: Act) -> dict[str, Any]:
        match act.kind:
            case "start":
                return {"intent": "start"}
            case "tap":
                return {"choice": [act.value]}
            case "outdated" | "edit":
                return {"intent": "resume"}
        codes = typed(self.offered, act.value)
        return {"choice": codes} if codes else {"text": act.value}
