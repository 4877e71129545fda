"""Officers who are signed in: a random token that only their browser holds, and what it stands for.

A session begins with a challenge that was answered, and ends when the officer leaves, after 15 minutes without use, and
after 8 hours in any case. Its row stays until the challenge has long expired, so that none is answered twice.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import ChallengeUsed
from storage.roster import Officer
from storage.tables import console_sessions

IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)
TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Who is signed in. `signing`: the key that signed the proof; with another one in the roster it ends."""

    officer: str
    unit: str
    signing: str


async def begin(tx: AsyncConnection, challenge: str, officer: Officer, now: datetime) -> str:
    """A new session's token, of 64 hexadecimal digits. Raises `ChallengeUsed` if one began with this challenge."""
    token = secrets.token_hex(TOKEN_BYTES)
    row = {"officer": officer.name_id, "unit": officer.unit, "signing": officer.signing, "began": now, "used": now}
    new = upsert(console_sessions).values(token=_hashed(token), challenge=_hashed(challenge), **row)
    fresh = new.on_conflict_do_nothing(index_elements=["challenge"]).returning(console_sessions.c.token)
    if (await tx.execute(fresh)).first() is None:
        raise ChallengeUsed
    return token


async def use(tx: AsyncConnection, token: str, now: datetime) -> Session | None:
    """The session of this token, which counts as used now; None if there is none or it has ended."""
    c = console_sessions.c
    living = update(console_sessions).where(
        c.token == _hashed(token), c.ended.is_(None), c.used > now - IDLE, c.began > now - LONGEST
    )
    used = living.values(used=func.greatest(c.used, now)).returning(c.officer, c.unit, c.signing)
    row = (await tx.execute(used)).first()
    return Session(row.officer, row.unit, row.signing) if row else None


async def end(tx: AsyncConnection, token: str, now: datetime) -> None:
    """The officer leaves."""
    await tx.execute(update(console_sessions).where(console_sessions.c.token == _hashed(token)).values(ended=now))


async def erase(tx: AsyncConnection, before: datetime) -> int:
    """Drops those that nobody has used since. Gives their number."""
    return (await tx.execute(delete(console_sessions).where(console_sessions.c.used <= before))).rowcount


def _hashed(text: str) -> bytes:
    """A token has 256 random bits: one hash of it is as good as it."""
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
