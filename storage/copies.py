"""Copies of messages that a platform keeps and lets us delete: noted when they may go, and taken many at a time.

The platform's own numbers, known to it in any case, and nothing that leads to a conversation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.statement import Statement

MOST = 500  # taken at once
LEASE = timedelta(minutes=5)  # for so long they are given to nobody else; whoever died meanwhile has lost them

_NOTE = Statement("INSERT INTO copies (channel, ids, due) VALUES (%(channel)s, %(ids)s, %(due)s)")

_TAKE = Statement("""
    UPDATE copies SET due = %(until)s WHERE id IN (
        SELECT id FROM copies WHERE due <= %(now)s ORDER BY due LIMIT %(most)s FOR UPDATE SKIP LOCKED
    ) RETURNING id, channel, ids, attempts
""")

_DELETED = Statement("DELETE FROM copies WHERE id = ANY(%(rows)s)")

_LATER = Statement("UPDATE copies SET due = %(due)s, attempts = attempts + 1 WHERE id = %(row)s")


@dataclass(frozen=True)
class Copies:
    """Of one message: its number there, and before it those of its attachments. `attempts`: how often it failed."""

    row: int
    channel: str
    ids: tuple[str, ...]
    attempts: int


async def note(tx: AsyncConnection, channel: str, ids: Sequence[str], due: datetime) -> None:
    """These may be deleted from `due` on."""
    await _NOTE.run(tx, channel=channel, ids=list(ids), due=due)


async def take(tx: AsyncConnection, now: datetime) -> list[Copies]:
    """What is due, at most `MOST`. It comes again after `LEASE`, unless `deleted` or `later` are told of it."""
    rows = await _TAKE.rows(tx, now=now, until=now + LEASE, most=MOST)
    return [Copies(row, channel, tuple(ids), attempts) for row, channel, ids, attempts in sorted(rows)]


async def deleted(tx: AsyncConnection, rows: Sequence[int]) -> None:
    """They are gone, or left to the platform."""
    await _DELETED.run(tx, rows=list(rows))


async def later(tx: AsyncConnection, row: int, due: datetime) -> None:
    """The platform did not delete them now."""
    await _LATER.run(tx, row=row, due=due)
