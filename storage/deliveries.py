"""Notices to units that a report waits: planned with the report, tried until sent; P0 again until acknowledged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import deliveries, report_units, reports

URGENT = "P0"
REPEAT = timedelta(minutes=15)  # between notices of an urgent report that nobody acknowledged


@dataclass(frozen=True)
class DeliveryRow:
    """One notice. `planned`: when the report was filed; `attempts`: failures in a row; `sent`: times it went out."""

    id: int
    report_id: bytes
    unit: str
    tier: str
    practice: bool
    planned: datetime
    attempts: int
    sent: int


async def plan(tx: AsyncConnection, report_id: bytes, unit: str, due: datetime) -> int:
    """Plans the notice of this report to this unit, once; gives its number."""
    c = deliveries.c
    new = upsert(deliveries).values(report=report_id, unit=unit, planned=due, due=due)
    await tx.execute(new.on_conflict_do_nothing(index_elements=["report", "unit"]))
    return (await tx.execute(select(c.id).where(c.report == report_id, c.unit == unit))).scalar_one()


async def due(tx: AsyncConnection, now: datetime) -> list[DeliveryRow]:
    """Notices to send now, most urgent first."""
    query = _rows().where(deliveries.c.due <= now).order_by(reports.c.tier, deliveries.c.due)
    return [_read(row) for row in await tx.execute(query)]


async def get(tx: AsyncConnection, id: int) -> DeliveryRow | None:
    """The notice, while it is still to be sent; None once it was sent, acknowledged or withdrawn."""
    row = (await tx.execute(_rows().where(deliveries.c.id == id, deliveries.c.due.is_not(None)))).first()
    return None if row is None else _read(row)


async def delivered(tx: AsyncConnection, id: int, now: datetime) -> datetime | None:
    """It went out. Gives when it must go out again: an urgent report that no officer has acknowledged; else None."""
    c, mine = deliveries.c, report_units.c
    unread = exists().where(
        reports.c.id == c.report, reports.c.tier == URGENT, reports.c.withdrawn.is_(None),
        mine.report == c.report, mine.unit == c.unit, mine.officer.is_(None),
    )  # fmt: skip
    again = now + REPEAT if (await tx.execute(select(c.id).where(c.id == id, unread))).first() else None
    values = {"due": again, "sent": c.sent + 1, "attempts": 0, "reason": None}
    await tx.execute(update(deliveries).where(c.id == id).values(values))
    return again


async def failed(tx: AsyncConnection, id: int, reason: str, retry_at: datetime) -> None:
    """It did not go out; tried again at `retry_at`. `reason` is an error code."""
    c = deliveries.c
    values = {"due": retry_at, "attempts": c.attempts + 1, "reason": reason}
    await tx.execute(update(deliveries).where(c.id == id, c.due.is_not(None)).values(values))


async def postpone(tx: AsyncConnection, id: int, until: datetime) -> None:
    """There is no way to tell this unit; looked at again at `until`."""
    c = deliveries.c
    await tx.execute(update(deliveries).where(c.id == id, c.due.is_not(None)).values(due=until))


def _rows() -> Select[*tuple[Any, ...]]:
    c, r = deliveries.c, reports.c
    columns = (c.id, c.report, c.unit, r.tier, r.practice, c.planned, c.attempts, c.sent)
    return select(*columns).join(reports, r.id == c.report)


def _read(row: Row[*tuple[Any, ...]]) -> DeliveryRow:
    return DeliveryRow(*row)
