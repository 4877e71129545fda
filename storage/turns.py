"""The end of a turn in one round trip: its replies, its state, the message that it took, and copies that may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import conversations, outbox
from storage.conversations import LIFE, Conversation
from storage.outbox import Handed, Holder, Waiting
from storage.statement import Statement

# Replies are sorted before they are numbered, so that the numbers keep their order.
_END = Statement("""
    WITH before AS (
        SELECT EXISTS (SELECT FROM outbox WHERE conversation = %(conversation)s AND status = 'waiting') AS waits
    ), saved AS (
        UPDATE conversations SET state = %(state)s, epoch = %(epoch)s, wrapped = %(wrapped)s, expires = %(expires)s
        WHERE id = %(conversation)s
    ), done AS (
        DELETE FROM inbox WHERE id = %(inbox)s
    ), noted AS (
        INSERT INTO copies (channel, ids, due)
        SELECT %(channel)s, %(copies)s, %(now)s WHERE cardinality(CAST(%(copies)s AS text[])) > 0
    ), made AS (
        INSERT INTO outbox (conversation, ref, body, due, reason)
        SELECT %(conversation)s, ref, body, CASE WHEN waits THEN %(now)s ELSE %(until)s END,
            CASE WHEN NOT waits THEN %(leased)s END
        FROM before, unnest(CAST(%(refs)s AS bytea[]), CAST(%(bodies)s AS bytea[]))
            WITH ORDINALITY AS reply (ref, body, place)
        ORDER BY place RETURNING id
    )
    SELECT id, waits FROM made, before ORDER BY id
""")


async def end(tx: AsyncConnection, conversation: Conversation, inbox_id: int, bodies: Sequence[Mapping[str, Any]],
              now: datetime, span: timedelta, copies: Sequence[str] = ()) -> Handed:  # fmt: skip
    """Keeps the replies, leased to the caller for `span` unless earlier ones wait, seals the state as
    `conversations.save` does, and forgets the message. `copies`: the platform's, of the message."""
    key, state = conversations.sealed(conversation, now)
    refs, sealed = outbox.sealed(conversation, bodies)
    rows = await _END.rows(
        tx, conversation=conversation.id, inbox=inbox_id, state=state, epoch=key.epoch, wrapped=key.wrapped,
        expires=now + LIFE, channel=conversation.channel, copies=list(copies), refs=refs, bodies=sealed, now=now,
        until=now + span, leased=Holder.TURN,
    )  # fmt: skip
    conversation.key = key
    if not rows:
        return Handed()
    waiting = [Waiting(id, dict(body), 0) for (id, _), body in zip(rows, bodies, strict=True)]
    return Handed(waiting, mine=not rows[0][1])
