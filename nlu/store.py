"""Where Rasa keeps a conversation while it answers one message: in the context of that turn, and nowhere after it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.trackers import DialogueStateTracker


@dataclass
class Turn:
    """One message being answered. `failure` is the error that Rasa would have swallowed."""

    tracker: DialogueStateTracker
    failure: Exception | None = None


_turn: ContextVar[Turn | None] = ContextVar("turn", default=None)


@contextmanager
def turn(tracker: DialogueStateTracker) -> Iterator[Turn]:
    """Make `tracker` the one that Rasa finds and saves within the block."""
    current = Turn(tracker)
    token = _turn.set(current)
    try:
        yield current
    finally:
        _turn.reset(token)


@contextmanager
def failing() -> Iterator[None]:
    """Note an error for the turn before Rasa catches it: Rasa answers on without the events of a failed action."""
    try:
        yield
    except Exception as error:
        current = _turn.get()
        if current is not None:
            current.failure = current.failure or error
        raise


class TurnStore(TrackerStore):
    """A tracker store that holds nothing: the tracker lives in the turn. Nothing in it can fail, because Rasa's wrapper
    would answer a failing store by keeping the conversation in a memory of its own."""

    async def save(self, tracker: DialogueStateTracker) -> None:
        current = _turn.get()
        if current is not None:
            current.tracker = tracker

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        current = _turn.get()
        return current.tracker if current is not None and current.tracker.sender_id == sender_id else None

    async def keys(self) -> list[Any]:
        return []
