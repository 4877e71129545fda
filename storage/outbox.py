"""Replies on their way out: written in the turn's transaction, sent after it, in order."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Any, LiteralString

import orjson
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.conversations import Conversation
from storage.statement import Statement
from storage.tables import outbox

REF_BYTES = 16


class Holder(StrEnum):
    """Which kind of job sends a reply, and the reason why it is not due for others meanwhile.

    Of each kind no two jobs of a conversation run at once: one that is tried again knows that the one before it is
    dead, and knows nothing of the other kind.
    """

    TURN = "leased_by_turn"
    SEND = "leased_by_send"


# Sorted before they are numbered, so that the numbers keep the order of the replies.
_PUT = Statement("""
    INSERT INTO outbox (conversation, ref, body, due)
    SELECT %(conversation)s, ref, body, %(now)s
    FROM unnest(CAST(%(refs)s AS bytea[]), CAST(%(bodies)s AS bytea[])) WITH ORDINALITY AS reply (ref, body, place)
    ORDER BY place RETURNING id
""")

# Replies that are kept, and leased to who keeps them unless earlier ones wait. Also part of a turn's end (turns.py).
HANDED: LiteralString = """
    before AS (
        SELECT EXISTS (SELECT FROM outbox WHERE conversation = %(conversation)s AND status = 'waiting') AS waits
    ), made AS (
        INSERT INTO outbox (conversation, ref, body, due, reason)
        SELECT %(conversation)s, ref, body, CASE WHEN waits THEN %(now)s ELSE %(until)s END,
            CASE WHEN NOT waits THEN %(leased)s END
        FROM before, unnest(CAST(%(refs)s AS bytea[]), CAST(%(bodies)s AS bytea[]))
            WITH ORDINALITY AS reply (ref, body, place)
        ORDER BY place RETURNING id
    )
"""
CHOSEN: LiteralString = "SELECT id, waits FROM made, before ORDER BY id"

_HAND = Statement("WITH " + HANDED + CHOSEN)

_WAITING = Statement("""
    SELECT id, ref, body, attempts, due FROM outbox
    WHERE conversation = %(conversation)s AND status = 'waiting' ORDER BY id
""")

# A batch for one sender: what is due, up to the first that must wait. Call with the conversation locked.
_LEASE = Statement("""
    WITH line AS (
        SELECT id, due FROM outbox WHERE conversation = %(conversation)s AND status = 'waiting'
    ), batch AS (
        SELECT id FROM line WHERE id < COALESCE((SELECT min(id) FROM line WHERE due > %(now)s), 9223372036854775807)
    )
    UPDATE outbox SET due = %(until)s, reason = %(leased)s FROM batch WHERE outbox.id = batch.id
    RETURNING outbox.id, ref, body, attempts
""")

_RELEASE = Statement("UPDATE outbox SET due = %(now)s, reason = NULL WHERE id = ANY(%(ids)s) AND status = 'waiting'")

_TAKE_OVER = Statement("""
    UPDATE outbox SET due = %(now)s, reason = NULL
    WHERE conversation = %(conversation)s AND status = 'waiting' AND reason = %(leased)s
""")

_SENT = Statement("""
    UPDATE outbox SET status = 'sent', body = NULL, reason = NULL,
    platform_ids = ARRAY(SELECT jsonb_array_elements_text(CAST(%(platform_ids)s AS jsonb) -> CAST(id AS text)))
    WHERE id = ANY(%(ids)s)
""")


@dataclass(frozen=True)
class Waiting:
    """A reply to send. `attempts`: how often it failed so far."""

    id: int
    body: dict[str, Any] = field(repr=False)
    attempts: int


@dataclass(frozen=True)
class Handed:
    """What `hand` kept. `mine`: leased to the caller; false when earlier replies wait, behind which these must go."""

    rows: Sequence[Waiting] = ()
    mine: bool = True


@dataclass(frozen=True)
class SentRow:
    """A sent reply, found again by one of the platform's message ids."""

    id: int
    conversation: bytes


async def put(
    tx: AsyncConnection, conversation: Conversation, bodies: Sequence[dict[str, Any]], now: datetime
) -> list[int]:
    """Keeps the replies, sealed, in their order; one statement however many. Gives their numbers."""
    if not bodies:
        return []
    refs, closed = sealed(conversation, bodies)
    rows = await _PUT.rows(tx, conversation=conversation.id, refs=refs, bodies=closed, now=now)
    return sorted(id for (id,) in rows)


async def hand(
    tx: AsyncConnection, conversation: Conversation, bodies: Sequence[Mapping[str, Any]], now: datetime, span: timedelta
) -> Handed:
    """Keeps the replies like `put`, and leases them to the caller for `span`: a turn sends its own replies itself."""
    if not bodies:
        return Handed()
    refs, closed = sealed(conversation, bodies)
    rows = await _HAND.rows(tx, conversation=conversation.id, refs=refs, bodies=closed, now=now, until=now + span,
                            leased=Holder.TURN)  # fmt: skip
    return handed(rows, bodies)


def handed(rows: Sequence[tuple[Any, ...]], bodies: Sequence[Mapping[str, Any]]) -> Handed:
    """What `CHOSEN` gave of these replies."""
    if not rows:
        return Handed()
    waiting = [Waiting(id, dict(body), 0) for (id, _), body in zip(rows, bodies, strict=True)]
    return Handed(waiting, mine=not rows[0][1])


async def waiting(tx: AsyncConnection, conversation: Conversation, *, now: datetime | None = None) -> list[Waiting]:
    """Replies to send now, in order, opened. One that must wait holds back those behind it."""
    moment = now or datetime.now(UTC)
    rows = takewhile(lambda row: row[-1] <= moment, await _WAITING.rows(tx, conversation=conversation.id))
    return [_open(conversation, row) for row in rows]


async def lease(
    tx: AsyncConnection, conversation: Conversation, now: datetime, span: timedelta, holder: Holder
) -> list[Waiting]:
    """The same, and for `span` they belong to the caller: nobody else is given them, or any behind them."""
    rows = await _LEASE.rows(tx, conversation=conversation.id, now=now, until=now + span, leased=holder)
    return [_open(conversation, row) for row in sorted(rows)]


async def release(tx: AsyncConnection, ids: Sequence[int], now: datetime) -> None:
    """Gives leased replies back unsent: they are due again."""
    await _RELEASE.run(tx, ids=list(ids), now=now)


async def take_over(tx: AsyncConnection, conversation: Conversation, now: datetime, holder: Holder) -> None:
    """What a sender of this kind held is due again: call only when that sender is known to be dead."""
    await _TAKE_OVER.run(tx, conversation=conversation.id, now=now, leased=holder)


async def next_due(tx: AsyncConnection, conversation: Conversation) -> datetime | None:
    """When the first waiting reply is due; None if none waits."""
    c = outbox.c
    query = select(c.due).where(c.conversation == conversation.id, c.status == "waiting").order_by(c.id).limit(1)
    return (await tx.execute(query)).scalar()


async def sent(tx: AsyncConnection, platform_ids: Mapping[int, Sequence[str]]) -> None:
    """The platform took these replies: number -> its message ids. The words go at once, the ids stay for a while."""
    if platform_ids:
        told = orjson.dumps({str(id): list(each) for id, each in platform_ids.items()}).decode()
        await _SENT.run(tx, ids=list(platform_ids), platform_ids=told)


async def retry(tx: AsyncConnection, id: int, reason: str, due_at: datetime) -> None:
    """It failed and is tried again at `due_at`. `reason` is an error code."""
    values = {"reason": reason, "due": due_at, "attempts": outbox.c.attempts + 1}
    await tx.execute(update(outbox).where(outbox.c.id == id).values(values))


async def park(tx: AsyncConnection, id: int, reason: str) -> None:
    """It will not be tried again; `doctor` counts it. It stays sealed until the conversation goes."""
    await tx.execute(update(outbox).where(outbox.c.id == id).values(status="parked", reason=reason))


async def platform_ids(tx: AsyncConnection, conversation: Conversation) -> list[str]:
    """The platform's ids of all sent replies of this conversation, oldest first: to delete them there."""
    c = outbox.c
    query = select(c.platform_ids).where(c.conversation == conversation.id, c.status == "sent").order_by(c.id)
    return [id for ids in (await tx.execute(query)).scalars() for id in ids or []]


async def find(tx: AsyncConnection, platform_id: str) -> SentRow | None:
    """The sent reply that this id of the platform belongs to: for its status callbacks."""
    c = outbox.c
    row = (await tx.execute(select(c.id, c.conversation).where(c.platform_ids.contains([platform_id])))).first()
    return None if row is None else SentRow(row.id, row.conversation)


def sealed(conversation: Conversation, bodies: Sequence[Mapping[str, Any]]) -> tuple[list[bytes], list[bytes]]:
    """Their places, and under the conversation's key what is said."""
    refs = [secrets.token_bytes(REF_BYTES) for _ in bodies]
    pairs = zip(refs, bodies, strict=True)
    return refs, [conversation.key.seal_json(body, conversation.place("outbox", ref)) for ref, body in pairs]


def _open(conversation: Conversation, row: tuple[Any, ...]) -> Waiting:
    id, ref, body, attempts = row[:4]
    return Waiting(id, conversation.key.open_json(body, conversation.place("outbox", ref)), attempts)
