"""In how many conversations something happened lately, by keyed digest: enough to see a flood, and nothing more.

A row says that a thing, which only the key ring can name, happened once more in some hour. Rows are only put in, so
that nobody waits for anybody; they are gone within two days. An address may be part of a thing: the digests are made
under the key of pseudonyms, which is in no backup, changes each month and is shredded.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.keys import KeyRing
from storage.statement import Statement
from storage.tables import tallies

MARK_BYTES = 16

_ADD = Statement("""
    INSERT INTO tallies (name, mark, hour) VALUES (%(name)s, %(mark)s, %(hour)s) ON CONFLICT DO NOTHING
""")

_COUNT = Statement("""
    SELECT count(*) FROM (SELECT FROM tallies WHERE name = %(name)s LIMIT %(most)s) AS found
""")


async def add(tx: AsyncConnection, keys: KeyRing, thing: tuple[str, ...], by: str, now: datetime) -> None:
    """It happened, once more unless it was the same one (`by`) as before. `thing`: what, and last the span of time in
    which, as `2026-11-15` or more of it."""
    name = _name(keys, thing)
    mark = keys.tally(_month(thing), "mark", name.hex(), by)[:MARK_BYTES]
    await _ADD.run(tx, name=name, mark=mark, hour=now.replace(minute=0, second=0, microsecond=0))


async def count(tx: AsyncConnection, keys: KeyRing, thing: tuple[str, ...], most: int) -> int:
    """How often, counted no further than `most`."""
    row = await _COUNT.first(tx, name=_name(keys, thing), most=most)
    return int(row[0]) if row else 0


async def erase(tx: AsyncConnection, before: datetime) -> int:
    """Drops what happened before this moment. Gives the number of rows."""
    return (await tx.execute(delete(tallies).where(tallies.c.hour < before))).rowcount


def _name(keys: KeyRing, thing: tuple[str, ...]) -> bytes:
    return keys.tally(_month(thing), "name", *thing)


def _month(thing: tuple[str, ...]) -> str:
    return thing[-1][: len("2026-11")]
