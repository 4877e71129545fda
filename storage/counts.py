"""Conversations by placement: counted sealed, one row a month, published once the month is over, and then forgotten.

While a month lasts, its counts lie together in one row, sealed under a key of the month outside the database, in steps
of four kilobytes: a stolen database tells neither which placements were used nor how often. Publishing takes them out
and leaves what is published; the rest can't be had again by anybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime

import orjson
from sqlalchemy import delete, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import datakey
from storage.datakey import place
from storage.errors import KeyGone
from storage.keys import KeyRing
from storage.statement import Statement
from storage.tables import counts, statistics

STEP = 4096  # bytes; room for some 300 placements

_HOLD = Statement("SELECT sealed FROM counts WHERE month = %(month)s FOR UPDATE")
_KEEP = Statement("UPDATE counts SET sealed = %(sealed)s WHERE month = %(month)s")


@dataclass(frozen=True, slots=True)
class Figure:
    """What is published of one placement and month. `conversations`: a multiple of `step`, so many or a few more."""

    month: date
    placement: str
    place: str
    route: str
    destination: str
    conversations: int
    step: int


async def add(tx: AsyncConnection, keys: KeyRing, placement: str, now: datetime) -> None:
    """One conversation more. Holds the month's row until the transaction ends, so that it belongs at its end.

    A month that was published meanwhile stays as it is.
    """
    month = month_of(now)
    key = keys.month_key(month, now)
    fresh = upsert(counts).values(month=month, sealed=_seal(key, {}, month))
    await tx.execute(fresh.on_conflict_do_nothing())
    row = await _HOLD.first(tx, month=month)
    if row is None or row[0] is None:
        return
    found = _open(key, row[0], month)
    found[placement] = found.get(placement, 0) + 1
    await _KEEP.run(tx, month=month, sealed=_seal(key, found, month))


async def waiting(tx: AsyncConnection, before: date) -> Sequence[date]:
    """Months that began before this day and were not published, oldest first."""
    c = counts.c
    found = select(c.month).where(c.month < before, c.sealed.is_not(None)).order_by(c.month)
    return (await tx.execute(found)).scalars().all()


async def take(tx: AsyncConnection, keys: KeyRing, month: date) -> Mapping[str, int] | None:
    """The counts of a month, and for the last time: nothing of them is left. None if they were taken before.

    Raises `KeyGone` when its key was shredded.
    """
    row = await _HOLD.first(tx, month=month)
    if row is None or row[0] is None:
        return None
    key = keys.old_month_key(month)
    if key is None:
        raise KeyGone(month.isoformat())
    await _KEEP.run(tx, month=month, sealed=None)
    return _open(key, row[0], month)


async def publish(tx: AsyncConnection, figures: Iterable[Figure]) -> None:
    rows = [asdict(figure) for figure in figures]
    if rows:
        await tx.execute(insert(statistics), rows)


async def published(tx: AsyncConnection, month: date | None = None) -> list[Figure]:
    """All figures, or those of a month, in the order of months and codes."""
    c = statistics.c
    query = select(statistics).order_by(c.month, c.placement)
    rows = (await tx.execute(query if month is None else query.where(c.month == month))).mappings()
    return [Figure(**row) for row in rows]


async def erase(tx: AsyncConnection, before: datetime) -> int:
    """Drops the rows of months that ended before this moment, published or not. Gives their number."""
    return (await tx.execute(delete(counts).where(counts.c.month < month_of(before)))).rowcount


def month_of(moment: datetime) -> date:
    """First day of the month, in UTC."""
    return moment.astimezone(UTC).date().replace(day=1)


def _seal(key: bytes, found: Mapping[str, int], month: date) -> bytes:
    plain = orjson.dumps(found) + b"\x80"
    return datakey.seal(key, plain + bytes(-len(plain) % STEP), place("counts", month.isoformat()))


def _open(key: bytes, sealed: bytes, month: date) -> dict[str, int]:
    found: dict[str, int] = orjson.loads(datakey.unpad(datakey.unseal(key, sealed, place("counts", month.isoformat()))))
    return found
