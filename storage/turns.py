"""The end of a turn in one round trip: its replies, its state, the message that it took, and copies that may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import conversations, outbox
from storage.conversations import LIFE, Conversation
from storage.outbox import CHOSEN, HANDED, Handed, Holder
from storage.statement import Statement

_END = Statement(
    "WITH "
    + HANDED
    + """
    , saved AS (
        UPDATE conversations SET state = %(state)s, epoch = %(epoch)s, wrapped = %(wrapped)s, expires = %(expires)s
        WHERE id = %(conversation)s
    ), done AS (
        DELETE FROM inbox WHERE id = %(inbox)s
    ), noted AS (
        INSERT INTO copies (channel, ids, due)
        SELECT %(channel)s, %(copies)s, %(now)s WHERE cardinality(CAST(%(copies)s AS text[])) > 0
    )
    """
    + CHOSEN
)


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
    return outbox.handed(rows, bodies)
