"""Asks the engine what to say next. The only file that knows the engine's HTTP (`nlu/turns.py`)."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
import orjson

from bot.engine_door import Door
from bot.errors import EngineDown, EngineRefused, StateOfAnotherModel

TIMEOUT = aiohttp.ClientTimeout(total=5, connect=1)  # seconds; a turn takes milliseconds, a stuck engine is left
PASSED_OVER_SECONDS = 5.0  # for so long an engine that did not answer is asked last: one that is cut off costs a second
ANSWER_LIMIT = 1024 * 1024  # bytes; a turn has a few kilobytes
EFFECTS = frozenset({"submit", "information", "numbers", "human", "cover", "later", "exit", "delete_help", "withdraw",
                     "language", "danger"})  # fmt: skip


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
    """The engines, asked in turn; one that does not answer is passed over, and asked after the others for a while."""

    def __init__(self, urls: Sequence[str], token: str) -> None:
        self._doors = [Door.of(url) for url in urls]
        self._next = itertools.count()
        self._failed: dict[int, float] = {}  # place of an engine -> when it did not answer
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
        for place in self._line():
            try:
                async with self._sessions[place].post(path, data=body) as response:
                    return response.status, await _read(response)
            except (aiohttp.ClientError, TimeoutError, OSError):
                self._failed[place] = time.monotonic()
        raise EngineDown from None

    def _line(self) -> list[int]:
        """Places of all engines, in the order in which they are asked."""
        number, first = len(self._sessions), next(self._next)
        lately = time.monotonic() - PASSED_OVER_SECONDS
        turns = [(first + step) % number for step in range(number)]
        return sorted(turns, key=lambda place: self._failed.get(place, 0.0) > lately)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """Never more than `ANSWER_LIMIT`; what is longer is no answer of an engine. Raises `EngineRefused`."""
    data = bytearray()
    async for chunk in response.content.iter_any():
        data += chunk
        if len(data) > ANSWER_LIMIT:
            raise EngineRefused("too_long")
    return bytes(data)


def _reply(answer: bytes) -> Reply:
    """Raises `EngineRefused` for anything but a turn: a broken engine must not break the turn in another place."""
    try:
        value = orjson.loads(answer)
        understood = value.get("understood") or {}
        reply = Reply(str(value["model"]), value["state"], value.get("asked"), str(understood.get("intent") or ""),
                      float(understood.get("confidence") or 0.0), tuple(value["replies"]),
                      understood.get("entities") or {})  # fmt: skip
        sound = _is_state(reply.state) and all(map(_is_piece, reply.replies)) and _is_name(reply.asked)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineRefused("answer") from None
    if not sound or not isinstance(reply.entities, dict):
        raise EngineRefused("answer")
    return reply


def _is_state(value: Any) -> bool:
    if not isinstance(value, dict) or not _is_name(value.get("requested_slot")):
        return False
    slots = value.get("slots") or {}
    return isinstance(slots, dict) and all(map(_is_slot, slots.values()))


def _is_slot(value: Any) -> bool:
    """Codes, and small numbers of the engine's own."""
    if isinstance(value, list):
        return all(isinstance(one, str) for one in value)
    return value is None or isinstance(value, str | int | float)


def _is_piece(value: Any) -> bool:
    """Something to say, with or without buttons, or a wish that is known here."""
    if "effect" in value:
        return value["effect"] in EFFECTS
    buttons = value.get("buttons") or ()
    named = all(isinstance(one["value"], str) and isinstance(one["title"], str) for one in buttons)
    return isinstance(value["text"], str) and bool(value["text"]) and named


def _is_name(value: Any) -> bool:
    return value is None or isinstance(value, str)
