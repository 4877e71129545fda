"""Messages that came in: sealed, each taken once, gone when its turn is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.conversations import Conversation
from storage.errors import ConversationGone
from storage.keys import KeyRing
from storage.tables import inbox

# One round trip: is the conversation still there, was the message seen before, keep it.
_ACCEPT = text("""
    WITH alive AS (
        SELECT id FROM conversations WHERE id = :conversation FOR KEY SHARE
    ), unseen AS (
        INSERT INTO seen (digest, day) SELECT :digest, :day FROM alive ON CONFLICT DO NOTHING RETURNING digest
    ), kept AS (
        INSERT INTO inbox (conversation, digest, body, received)
        SELECT :conversation, :digest, :body, :now FROM unseen RETURNING id
    )
    SELECT (SELECT count(*) FROM alive) AS alive, (SELECT id FROM kept) AS id
""")


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
    """Keeps the message, sealed. None if one with this platform id came before, even to a conversation since erased.

    Raises `ConversationGone` if the conversation was erased since it was admitted: roll back and admit again.
    """
    digest = keys.digest("message", conversation.channel, platform_id)
    body = conversation.key.seal_json(message, conversation.place("inbox", digest))
    values = {"conversation": conversation.id, "digest": digest, "body": body, "day": now.date(), "now": now}
    row = (await tx.execute(_ACCEPT, values)).one()
    if not row.alive:
        raise ConversationGone
    return cast("int | None", row.id)


async def take(tx: AsyncConnection, conversation: Conversation, inbox_id: int) -> dict[str, Any] | None:
    """The message, opened; None if it is done or parked. Call with the conversation locked: then it is taken once."""
    c = inbox.c
    query = select(c.digest, c.body).where(c.id == inbox_id, c.conversation == conversation.id, c.parked.is_(None))
    row = (await tx.execute(query)).first()
    if row is None:
        return None
    opened = conversation.key.open_json(row.body, conversation.place("inbox", row.digest))
    return cast("dict[str, Any]", opened)


async def done(tx: AsyncConnection, inbox_id: int) -> None:
    """Forgets the message: what matters of it is in the state by now, and its digest keeps it from coming again."""
    await tx.execute(delete(inbox).where(inbox.c.id == inbox_id))


async def park(tx: AsyncConnection, inbox_id: int, reason: str) -> None:
    """Sets the message aside, sealed, with a reason code. No turn takes it; `doctor` shows it."""
    await tx.execute(update(inbox).where(inbox.c.id == inbox_id).values(parked=reason))


async def parked(tx: AsyncConnection) -> list[ParkedRow]:
    """Messages set aside, oldest first."""
    c = inbox.c
    query = select(c.id, c.conversation, c.parked, c.received).where(c.parked.is_not(None)).order_by(c.id)
    rows = await tx.execute(query)
    return [ParkedRow(row.id, row.conversation, row.parked or "", row.received) for row in rows]
