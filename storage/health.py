"""What `doctor` asks the database: is it the right one, does it keep time, and does anything wait too long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import MIGRATIONS
from storage.deliveries import URGENT
from storage.tables import deliveries, inbox, outbox, report_units, reports


@dataclass(frozen=True)
class Health:
    """`clock`: how far the database's clock is ahead of ours; `heartbeat`: since the last sign of any worker, None
    without one; `waits`: age of the oldest message that is neither answered nor parked; the lists hold row numbers."""

    clock: timedelta
    heartbeat: timedelta | None
    waits: timedelta
    parked_messages: tuple[int, ...]
    parked_sends: tuple[int, ...]
    failing_notices: tuple[int, ...]
    unacknowledged: tuple[bytes, ...]


async def migrated(tx: AsyncConnection) -> bool:
    """Are the tables those that this code was written for?"""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    there = (await tx.execute(text("SELECT to_regclass('alembic_version')"))).scalar()
    if there is None:
        return False
    version = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return version == ScriptDirectory.from_config(config).get_current_head()


async def behind(tx: AsyncConnection) -> bool:
    """Are the tables older than this code? Newer ones serve it too (migrations/README.md)."""
    version = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return version in _former()


@cache
def _former() -> frozenset[str]:
    """Versions of the tables that this code knows and has left behind."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    return frozenset(script.revision for script in scripts.walk_revisions()) - {scripts.get_current_head()}


async def look(tx: AsyncConnection, now: datetime) -> Health:
    oldest = (await tx.execute(select(func.min(inbox.c.received)).where(inbox.c.parked.is_(None)))).scalar()
    theirs = (await tx.execute(select(func.clock_timestamp()))).scalar_one()
    beat = (await tx.execute(text("SELECT max(last_heartbeat) FROM procrastinate_workers"))).scalar()
    return Health(
        clock=theirs - now,
        heartbeat=None if beat is None else theirs - beat,
        waits=timedelta() if oldest is None else max(now - oldest, timedelta()),
        parked_messages=await _numbers(tx, select(inbox.c.id).where(inbox.c.parked.is_not(None))),
        parked_sends=await _numbers(tx, select(outbox.c.id).where(outbox.c.status == "parked")),
        failing_notices=await _numbers(
            tx, select(deliveries.c.id).where(deliveries.c.due.is_not(None), deliveries.c.attempts > 0)
        ),
        unacknowledged=await _unacknowledged(tx),
    )


async def _numbers(tx: AsyncConnection, query: Select[int]) -> tuple[int, ...]:
    return tuple((await tx.execute(query)).scalars())


async def _unacknowledged(tx: AsyncConnection) -> tuple[bytes, ...]:
    """Most urgent reports, practice apart, that no officer of any unit has acknowledged."""
    c, units = reports.c, report_units.c
    taken = select(units.report).where(units.officer.is_not(None))
    waiting = select(c.id).where(c.tier == URGENT, c.withdrawn.is_(None), c.practice.is_(False), c.id.not_in(taken))
    return tuple((await tx.execute(waiting.order_by(c.day, c.id))).scalars())
