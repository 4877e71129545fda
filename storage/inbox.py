"""Messages that came in: sealed, each taken once, gone when its turn is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.conversations import Conversation
from storage.errors import ConversationGone
from storage.keys import KeyRing
from storage.queue import TURN, TURNS
from storage.statement import Statement
from storage.tables import inbox

# One round trip: is the conversation still there, was the message seen before, keep it, queue its turn.
_ACCEPT = Statement("""
    WITH alive AS (
        SELECT id FROM conversations WHERE id = %(conversation)s FOR KEY SHARE
    ), unseen AS (
        INSERT INTO seen (digest, day) SELECT %(digest)s, %(day)s FROM alive ON CONFLICT DO NOTHING RETURNING digest
    ), kept AS (
        INSERT INTO inbox (conversation, digest, body, received)
        SELECT %(conversation)s, %(digest)s, %(body)s, %(now)s FROM unseen RETURNING id
    ), queued AS (
        SELECT procrastinate_defer_jobs_v1(ARRAY[
            ROW(%(queue)s, %(task)s, 0, %(lock)s, NULL,
                jsonb_build_object('conversation', %(lock)s::text, 'inbox_id', id), NULL)
        ]::procrastinate_job_to_defer_v1[]) FROM kept
    )
    SELECT (SELECT count(*) FROM alive) AS alive, (SELECT id FROM kept) AS id, (SELECT count(*) FROM queued) AS queued
""")

_TAKE = Statement("""
    SELECT digest, body FROM inbox WHERE id = %(id)s AND conversation = %(conversation)s AND parked IS NULL
""")

_DONE = Statement("DELETE FROM inbox WHERE id = %(id)s")

_PARK = Statement("UPDATE inbox SET parked = %(reason)s WHERE id = %(id)s")


@dataclass(frozen=True)
class ParkedRow:
    """A message that could not be handled and waits for a person to look: nothing of what it says."""

    id: int
    conversation: bytes
    reason: str
    received: datetime


async def accept(
    tx: AsyncConnection,
    keys: KeyRing,
    conversation: Conversation,
    platform_id: str,
    message: dict[str, Any],
    now: datetime,
) -> int | None:
    """Keeps the message, sealed, and queues its turn behind all earlier ones of the conversation; all or nothing, also
    outside a transaction. None if one with this platform id came before, even to a conversation since erased.

    Raises `ConversationGone` if the conversation was erased since it was admitted: roll back and admit again.
    """
    digest = keys.digest("message", conversation.channel, platform_id)
    body = conversation.key.seal_json(message, conversation.place("inbox", digest))
    row = await _ACCEPT.first(tx, conversation=conversation.id, digest=digest, body=body, day=now.date(), now=now,
                              queue=TURNS, task=TURN, lock=conversation.id.hex())  # fmt: skip
    if row is None or not row[0]:
        raise ConversationGone
    return cast("int | None", row[1])


async def take(tx: AsyncConnection, conversation: Conversation, inbox_id: int) -> dict[str, Any] | None:
    """The message, opened; None if it is done or parked. Call with the conversation locked: then it is taken once."""
    row = await _TAKE.first(tx, id=inbox_id, conversation=conversation.id)
    if row is None:
        return None
    digest, body = row
    return cast("dict[str, Any]", conversation.key.open_json(body, conversation.place("inbox", digest)))


async def done(tx: AsyncConnection, inbox_id: int) -> None:
    """Forgets the message: what matters of it is in the state by now, and its digest keeps it from coming again."""
    await _DONE.run(tx, id=inbox_id)


async def park(tx: AsyncConnection, inbox_id: int, reason: str) -> None:
    """Sets the message aside, sealed, with a reason code. No turn takes it; `doctor` shows it."""
    await _PARK.run(tx, id=inbox_id, reason=reason)


async def parked(tx: AsyncConnection) -> list[ParkedRow]:
    """Messages set aside, oldest first."""
    c = inbox.c
    query = select(c.id, c.conversation, c.parked, c.received).where(c.parked.is_not(None)).order_by(c.id)
    rows = await tx.execute(query)
    return [ParkedRow(row.id, row.conversation, row.parked or "", row.received) for row in rows]
