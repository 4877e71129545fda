"""Asks the engine what to say next. The only file that knows the engine's HTTP (`nlu/turns.py`)."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from bot.engine_door import Door
from bot.errors import EngineDown, EngineRefused, StateOfAnotherModel

TIMEOUT = aiohttp.ClientTimeout(total=5, connect=1)  # seconds; a turn takes milliseconds, a stuck engine is left


@dataclass(frozen=True, slots=True)
class Reply:
    """What the engine says. `replies`: texts with buttons, or `{"effect": …}`; `slots`: codes only; `entities`: what it
    found in the words, as codes and in one form (`phone_number`: E.164)."""

    model: str
    state: dict[str, Any]
    asked: str | None
    intent: str
    confidence: float
    replies: tuple[dict[str, Any], ...] = field(default=())
    entities: Mapping[str, Any] = field(default_factory=dict)

    @property
    def slots(self) -> Mapping[str, Any]:
        slots: Mapping[str, Any] = self.state.get("slots") or {}
        return slots

    @property
    def asks(self) -> str | None:
        """The question that is open now."""
        return self.state.get("requested_slot")

    @property
    def effects(self) -> tuple[dict[str, Any], ...]:
        return tuple(reply for reply in self.replies if "effect" in reply)

    @property
    def phones(self) -> tuple[str, ...]:
        """Telephone numbers in the message, as E.164."""
        found = self.entities.get("phone_number") or ()
        return (found,) if isinstance(found, str) else tuple(map(str, found))


class Engine:
    """The engines, asked in turn; one that does not answer is passed over."""

    def __init__(self, urls: Sequence[str], token: str) -> None:
        self._doors = [Door.of(url) for url in urls]
        self._next = itertools.count()
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._sessions: list[aiohttp.ClientSession] = []

    async def __aenter__(self) -> Self:
        self._sessions = [
            aiohttp.ClientSession(door.origin, connector=door.connector(), timeout=TIMEOUT, headers=self._headers)
            for door in self._doors
        ]
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None,
                        trace: TracebackType | None) -> None:  # fmt: skip
        for session in self._sessions:
            await session.close()

    async def ask(self, message: Mapping[str, Any], *, state: Mapping[str, Any] | None, model: str | None,
                  language: str, channel: str) -> Reply:  # fmt: skip
        """One turn. Raises `EngineDown`, `StateOfAnotherModel` or `EngineRefused`."""
        body = orjson.dumps(
            {"model": model, "state": state, "language": language, "channel": channel, "message": message}
        )
        status, answer = await self._post("/webhooks/turns/turn", body)
        if status == 409:
            raise StateOfAnotherModel
        if status != 200:
            raise EngineRefused(str(status))
        return _reply(answer)

    async def ready(self) -> bool:
        """Does one engine at least hold its model?"""
        for session in self._sessions:
            try:
                async with session.get("/webhooks/turns/health") as response:
                    if response.status == 200 and (await response.json())["ready"]:
                        return True
            except (aiohttp.ClientError, TimeoutError, OSError):
                continue
        return False

    async def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
        first = next(self._next)
        for step in range(len(self._sessions)):
            session = self._sessions[(first + step) % len(self._sessions)]
            try:
                async with session.post(path, data=body) as response:
                    return response.status, await response.read()
            except (aiohttp.ClientError, TimeoutError, OSError):
                continue
        raise EngineDown from None


def _reply(answer: bytes) -> Reply:
    try:
        value = orjson.loads(answer)
        understood = value.get("understood") or {}
        return Reply(str(value["model"]), value["state"], value.get("asked"), str(understood.get("intent") or ""),
                     float(understood.get("confidence") or 0.0), tuple(value["replies"]),
                     understood.get("entities") or {})  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineRefused("answer") from None
