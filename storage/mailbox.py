"""Mail for pages: what is said to a person who writes on a page waits here, sealed, until the page tells it was seen.

A page is known by its handle, a long secret that the page alone keeps. The table holds a name that is derived from it
and bodies that are sealed under a key that is derived from it: without a handle the table tells nobody anything.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import datakey
from storage.datakey import place
from storage.errors import MailboxClosed, MailboxFull, NotFound
from storage.keys import KeyRing
from storage.statement import Statement

SECRET_BYTES = 32
MAC_BYTES = 16
MOST_UNSEEN = 200  # events that wait for one page; a page that sees none of so many is not there any more
BATCH = 50  # events read at once

# Locks the mailbox to the end of the transaction, so that events are seen in the order of their numbers. Numbers begin
# with the time in milliseconds: they rise for ever, also after a mailbox was swept and is made anew.
_NUMBER = Statement("""
    INSERT INTO mailboxes AS m (name, last, used)
    VALUES (%(name)s, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint), %(now)s)
    ON CONFLICT (name) DO UPDATE SET last = m.last + 1, used = %(now)s
    RETURNING last, closed, reply, (SELECT count(*) FROM mail WHERE mailbox = m.name)
""")

_PUT = Statement("""
    WITH put AS (
        INSERT INTO mail (mailbox, number, body, created) VALUES (%(name)s, %(number)s, %(body)s, %(now)s)
    ), noted AS (
        UPDATE mailboxes SET reply = %(reply)s WHERE name = %(name)s AND %(reply)s > 0
    )
    SELECT pg_notify('faro_mail', encode(%(name)s, 'hex'))
""")

_UNSEEN = Statement("""
    SELECT number, body FROM mail WHERE mailbox = %(name)s AND number > %(after)s ORDER BY number LIMIT %(most)s
""")

_SEEN = Statement("DELETE FROM mail WHERE mailbox = %(name)s AND number <= %(number)s")

# A sender that died erases again, and says again what it had said after that: it must come.
_CLEAR = Statement("""
    WITH gone AS (DELETE FROM mail WHERE mailbox = %(name)s) UPDATE mailboxes SET reply = 0 WHERE name = %(name)s
""")

_CLOSE = Statement("UPDATE mailboxes SET closed = true WHERE name = %(name)s")

_CLOSED = Statement("SELECT closed FROM mailboxes WHERE name = %(name)s")

_LOOK = Statement("SELECT 1 FROM mailboxes LIMIT 1")

_SWEEP_MAIL = Statement("DELETE FROM mail WHERE created < %(before)s")

_SWEEP = Statement("DELETE FROM mailboxes WHERE used < %(before)s")


@dataclass(frozen=True)
class Mailbox:
    """`name`: 32 bytes under which it lies in the table."""

    name: bytes
    key: bytes = field(repr=False)

    @classmethod
    def of(cls, keys: KeyRing, handle: str) -> Mailbox:
        """Raises `NotFound` for a handle that this installation has not issued."""
        try:
            raw = base64.b64decode(handle.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise NotFound("handle") from None
        secret, mac = raw[:SECRET_BYTES], raw[SECRET_BYTES:]
        if len(secret) != SECRET_BYTES or not _issued(keys, secret, mac):
            raise NotFound("handle")
        return cls(_derived(secret, "name"), _derived(secret, "key"))

    def seal(self, event: dict[str, Any], number: int) -> bytes:
        """Bound to mailbox and number: it opens nowhere else."""
        return datakey.seal(self.key, datakey.pad(orjson.dumps(event)), place(self.name, str(number)))

    def open(self, sealed: bytes, number: int) -> dict[str, Any]:
        """Raises `Tampered`."""
        plain = datakey.unpad(datakey.unseal(self.key, sealed, place(self.name, str(number))))
        return cast("dict[str, Any]", orjson.loads(plain))


@dataclass(frozen=True)
class Event:
    """One thing said to a page. `number` rises with each event of a mailbox, in no even steps."""

    number: int
    body: dict[str, Any] = field(repr=False)


def new_handle(keys: KeyRing) -> str:
    """64 characters A-Z a-z 0-9 - _. Nothing is kept of it until something is put into its mailbox."""
    secret = secrets.token_bytes(SECRET_BYTES)
    return base64.urlsafe_b64encode(secret + keys.handle_marks(secret)[0][:MAC_BYTES]).decode("ascii")


async def put(
    tx: AsyncConnection, mailbox: Mailbox, event: dict[str, Any], now: datetime, *, reply: int = 0
) -> int | None:
    """Keeps the event, sealed, and tells the gateways once this is committed. Gives its number.

    `reply`: a number that rises with each event put, and is the same for one that is put again, of which nothing is
    kept then: None. 0 for an event without one.

    Raises `MailboxClosed` after an exit, `MailboxFull` when the page has not told for long that it saw anything.
    """
    number, closed, newest, unseen = await _number(tx, mailbox, now)
    if closed:
        raise MailboxClosed
    if 0 < reply <= newest:
        return None
    if unseen >= MOST_UNSEEN:
        raise MailboxFull
    body = mailbox.seal(event, number)
    await _PUT.first(tx, name=mailbox.name, number=number, body=body, now=now, reply=reply)
    return number


async def unseen(tx: AsyncConnection, mailbox: Mailbox, after: int, most: int = BATCH) -> list[Event]:
    """The next events above this number, in order."""
    rows = await _UNSEEN.rows(tx, name=mailbox.name, after=after, most=most)
    return [Event(number, mailbox.open(body, number)) for number, body in rows]


async def seen(tx: AsyncConnection, mailbox: Mailbox, number: int) -> None:
    """The page saw everything up to this number: it goes."""
    await _SEEN.run(tx, name=mailbox.name, number=number)


async def erase(tx: AsyncConnection, mailbox: Mailbox, event: dict[str, Any], now: datetime, *,
                close: bool = False) -> None:  # fmt: skip
    """Everything in it goes, and `event` alone lies in it. `close`: nothing more is ever put into it, and whoever
    erases it again finds nothing to do."""
    _, closed, _, _ = await _number(tx, mailbox, now)
    if closed:
        return
    await _CLEAR.run(tx, name=mailbox.name)
    await put(tx, mailbox, event, now)
    if close:
        await _CLOSE.run(tx, name=mailbox.name)


async def closed(tx: AsyncConnection, mailbox: Mailbox) -> bool:
    """True after an exit that closed it."""
    row = await _CLOSED.first(tx, name=mailbox.name)
    return row is not None and bool(row[0])


async def look(tx: AsyncConnection) -> None:
    """Is there a table to put something into? Raises what the database says."""
    await _LOOK.first(tx)


async def sweep(tx: AsyncConnection, before: datetime) -> int:
    """Erases older mail, and mailboxes that nothing was put into since. Gives the number of both."""
    return await _SWEEP_MAIL.run(tx, before=before) + await _SWEEP.run(tx, before=before)


async def _number(tx: AsyncConnection, mailbox: Mailbox, now: datetime) -> tuple[int, bool, int, int]:
    """The next event's number, whether the mailbox is closed, the newest reply in it, how many wait. Locks it."""
    return cast("tuple[int, bool, int, int]", await _NUMBER.first(tx, name=mailbox.name, now=now))


def _issued(keys: KeyRing, secret: bytes, mac: bytes) -> bool:
    return any(hmac.compare_digest(mac, mark[:MAC_BYTES]) for mark in keys.handle_marks(secret))


def _derived(secret: bytes, purpose: str) -> bytes:
    """The secret has 256 random bits: one keyed hash of it is as good as it."""
    return hmac.digest(secret, place("faro/mailbox/v1", purpose), hashlib.sha256)
