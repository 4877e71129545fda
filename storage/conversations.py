"""Conversations under way: sealed, short-lived, found by pseudonym; erased with everything that belongs to them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, LiteralString

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.datakey import DataKey, place
from storage.errors import ConversationGone, KeyGone
from storage.keys import KeyRing
from storage.statement import Statement

LIFE = timedelta(hours=24)  # after the last word
PARKED_LIFE = timedelta(hours=96)  # after a parked message came in: three days for a person to look at it
ID_BYTES = 16
_TRIES = 4

# Reads without locking: a message must not wait at the door while a turn of the same person is under way. A row past
# its time is found only while a message in it still waits for its turn.
_KNOWN: LiteralString = """
        SELECT id, pseudonym, epoch, wrapped FROM conversations AS c
        WHERE pseudonym = ANY(%(names)s::bytea[])
        AND (expires > %(now)s OR EXISTS (SELECT FROM inbox WHERE conversation = c.id AND parked IS NULL))
"""

_FIND = Statement(_KNOWN)

_FIND_OR_MAKE = Statement(
    "WITH found AS ("
    + _KNOWN
    + """
    ), made AS (
        INSERT INTO conversations (id, channel, pseudonym, epoch, wrapped, expires)
        SELECT %(id)s, %(channel)s, %(pseudonym)s, %(epoch)s, %(wrapped)s, %(expires)s
        WHERE NOT EXISTS (SELECT FROM found)
        ON CONFLICT DO NOTHING
        RETURNING id, pseudonym, epoch, wrapped
    )
    SELECT id, pseudonym, epoch, wrapped FROM found UNION ALL SELECT id, pseudonym, epoch, wrapped FROM made
"""
)

# The pseudonym under the key of now, unless a turn holds the row just now; the next message tries again.
_MOVE = Statement("""
    UPDATE conversations SET pseudonym = %(pseudonym)s
    WHERE id = (SELECT id FROM conversations WHERE id = %(id)s FOR UPDATE SKIP LOCKED)
""")

# Not FOR UPDATE: that would also stop messages from being accepted (their foreign key) while the turn lasts.
_LOCK = Statement("""
    SELECT channel, epoch, wrapped, state FROM conversations WHERE id = %(id)s FOR NO KEY UPDATE
""")

_EXISTS = Statement("SELECT 1 FROM conversations WHERE id = %(id)s")

_SAVE = Statement("""
    UPDATE conversations SET state = %(state)s, epoch = %(epoch)s, wrapped = %(wrapped)s, expires = %(expires)s
    WHERE id = %(id)s
""")

_REWRAP = Statement("UPDATE conversations SET epoch = %(epoch)s, wrapped = %(wrapped)s WHERE id = %(id)s")

_ERASE = Statement("DELETE FROM conversations WHERE id = %(id)s")

# Locked first, looked at in a second statement: a message that was accepted meanwhile is then seen, and saves them.
_HOLD_EXPIRED = Statement("""
    SELECT id FROM conversations WHERE expires <= %(now)s AND (%(names)s::bytea[] IS NULL OR pseudonym = ANY(%(names)s))
    FOR UPDATE SKIP LOCKED
""")

_HOLD = Statement("SELECT id FROM conversations WHERE id = %(id)s AND state IS NULL FOR UPDATE")

# Waiting messages hold a conversation, parked ones for a while.
_ERASE_IDLE = Statement("""
    DELETE FROM conversations AS c WHERE id = ANY(%(ids)s) AND NOT EXISTS (
        SELECT FROM inbox WHERE conversation = c.id AND (parked IS NULL OR received > %(before)s)
    )
""")

# An old conversation that parked messages hold gives up its name, so that the person can begin a new one.
_DETACH = Statement("""
    UPDATE conversations AS c SET pseudonym = id WHERE id = ANY(%(ids)s)
    AND NOT EXISTS (SELECT FROM inbox WHERE conversation = c.id AND parked IS NULL)
""")

_DROP_REPLIES = Statement("DELETE FROM outbox WHERE conversation = %(id)s AND status = 'waiting'")


@dataclass
class Conversation:
    """`state` is what the worker keeps between turns; None before the first. `fresh`: made by this call."""

    id: bytes
    channel: str
    key: DataKey = field(repr=False)
    state: dict[str, Any] | None = field(repr=False)
    fresh: bool
    ring: KeyRing = field(repr=False)

    def place(self, *parts: str | bytes) -> bytes:
        """Associated data for something of this conversation: it opens nowhere else."""
        return place(self.id, *parts)


async def admit(tx: AsyncConnection, keys: KeyRing, channel: str, address: str, now: datetime) -> Conversation:
    """Finds this person's conversation or makes one: one statement, no lock. The state stays closed.

    A conversation that nobody can read any more, since its epoch was shredded, is replaced by a fresh one.
    """
    pseudonym = keys.pseudonym(channel, address, now)
    names = [pseudonym, *keys.earlier_pseudonyms(channel, address, now)]
    for _ in range(_TRIES):
        id = secrets.token_bytes(ID_BYTES)
        key = keys.new_data_key(_key_place(id), now)
        new = {"id": id, "channel": channel, "epoch": key.epoch, "wrapped": key.wrapped, "expires": now + LIFE}
        row = await _FIND_OR_MAKE.first(tx, pseudonym=pseudonym, names=names, **new, now=now)
        if row is None:  # expired and not yet swept, or another door made it in this instant
            await erase_expired(tx, now, names)
        elif row[0] == id:
            return Conversation(id, channel, key, None, True, keys)
        elif found := await _open_found(tx, keys, channel, row):
            if row[1] != pseudonym:
                await _MOVE.run(tx, pseudonym=pseudonym, id=found.id)
            return found
    raise ConversationGone


async def find(tx: AsyncConnection, keys: KeyRing, channel: str, address: str, now: datetime) -> Conversation | None:
    """This person's conversation, if there is one under this month's pseudonym that can be opened; the state stays
    closed. Takes no lock, changes nothing."""
    row = await _FIND.first(tx, names=[keys.pseudonym(channel, address, now)], now=now)
    try:
        return _found(keys, channel, row) if row else None
    except KeyGone:
        return None


async def lock(tx: AsyncConnection, keys: KeyRing, id: bytes) -> Conversation | None:
    """Opens the conversation and keeps other turns out of it until the transaction ends. None if it was erased.

    Messages may still be accepted meanwhile. Raises `KeyGone` or `Tampered`.
    """
    row = await _LOCK.first(tx, id=id)
    if row is None:
        return None
    channel, epoch, wrapped, sealed = row
    key = keys.open_data_key(epoch, wrapped, _key_place(id))
    state = None if sealed is None else key.open_json(sealed, place(id, "state"))
    return Conversation(id, channel, key, state, sealed is None, keys)


async def exists(tx: AsyncConnection, id: bytes) -> bool:
    """False once it was erased. Takes no lock."""
    return await _EXISTS.first(tx, id=id) is not None


async def save(tx: AsyncConnection, conversation: Conversation, now: datetime) -> None:
    """Seals the state and gives the conversation another 24 hours, under the epoch key of now."""
    key, state = sealed(conversation, now)
    await _SAVE.run(tx, id=conversation.id, state=state, epoch=key.epoch, wrapped=key.wrapped, expires=now + LIFE)
    conversation.key = key


def sealed(conversation: Conversation, now: datetime) -> tuple[DataKey, bytes | None]:
    """Its key under that of the present epoch, and the state under it; None before the first turn."""
    key = conversation.ring.renew(conversation.key, _key_place(conversation.id), now)
    if conversation.state is None:
        return key, None
    return key, key.seal_json(conversation.state, conversation.place("state"))


async def erase(tx: AsyncConnection, id: bytes) -> None:
    """Removes key and state, and by the foreign keys every message, reply and attachment. Digests of messages stay."""
    await _ERASE.run(tx, id=id)


async def forget(tx: AsyncConnection, id: bytes) -> None:
    """Nothing more goes out to this conversation; it is erased too, unless it has a state or a message waits in it."""
    await _DROP_REPLIES.run(tx, id=id)
    if await _HOLD.first(tx, id=id):
        await _ERASE_IDLE.run(tx, ids=[id], before=None)


async def erase_expired(tx: AsyncConnection, now: datetime, pseudonyms: Sequence[bytes] | None = None) -> int:
    """Erases the conversations, of all or of these people, that are past their time. Gives their number."""
    ids = [id for (id,) in await _HOLD_EXPIRED.rows(tx, now=now, names=pseudonyms)]
    erased = await _ERASE_IDLE.run(tx, ids=ids, before=now - PARKED_LIFE)
    if erased < len(ids):
        await _DETACH.run(tx, ids=ids)
    return erased


async def rewrap(tx: AsyncConnection, keys: KeyRing, id: bytes, now: datetime) -> bool:
    """Puts its key under that of the present epoch, when no turn is under way. False if it was there, or is gone."""
    row = await _LOCK.first(tx, id=id)
    if row is None or keys.is_present(row[2], now):
        return False
    try:
        key = keys.renew(keys.open_data_key(row[1], row[2], _key_place(id)), _key_place(id), now)
    except KeyGone:  # nobody can read it any more; `admit` replaces it
        return False
    await _REWRAP.run(tx, id=id, epoch=key.epoch, wrapped=key.wrapped)
    return True


async def _open_found(tx: AsyncConnection, keys: KeyRing, channel: str, row: tuple[Any, ...]) -> Conversation | None:
    try:
        return _found(keys, channel, row)
    except KeyGone:
        await erase(tx, row[0])
        return None


def _found(keys: KeyRing, channel: str, row: tuple[Any, ...]) -> Conversation:
    id, _, epoch, wrapped = row
    return Conversation(id, channel, keys.open_data_key(epoch, wrapped, _key_place(id)), None, False, keys)


def _key_place(id: bytes) -> bytes:
    return place(id, "key")
