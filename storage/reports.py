"""Sealed reports, ready for the officers of their units. Nothing in here can open one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, and_, cast, delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from storage.errors import NotSealed
from storage.tables import deliveries, receipts, report_parts, report_units, reports

AGE_LINE = b"age-encryption.org/v1\n"


@dataclass(frozen=True)
class ReceiptRow:
    """What the server keeps of a receipt code: where to look, and whom to answer. The code itself is not kept.

    `memo`: an age file that only the code opens, by which a later conversation follows the report."""

    lookup: bytes
    recipient: str
    memo: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Case:
    """All reports of one conversation, and of those that followed by its receipt code. `newest`: id of the last one."""

    digest: bytes
    newest: bytes
    memo: bytes = field(repr=False)


@dataclass(frozen=True)
class ReportRow:
    """A report as an officer fetches it. `parts`: large attachments, age files of their own."""

    id: bytes
    kind: str
    tier: str
    practice: bool
    day: date
    sealed: bytes = field(repr=False)
    parts: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True)
class ListedReport:
    """A line in a unit's list. `size` in bytes; `officer` acknowledged it, None while nobody did; `many`: it came among
    unusually many, as its flags say."""

    id: bytes
    kind: str
    tier: str
    practice: bool
    day: date
    size: int
    officer: str | None
    many: bool = False


async def file(
    tx: AsyncConnection,
    report_id: bytes,
    sealed: bytes,
    parts: Mapping[str, bytes],
    units: Sequence[str],
    tier: str,
    practice: bool,
    day: date,
    receipt: ReceiptRow | None,
    conversation_digest: bytes,
    *,
    kind: str = "full",
    many: bool = False,
) -> bool:
    """Keeps the report for its units. False if this conversation has one of this kind already: nothing changes then.

    Raises `NotSealed` if anything handed over is not an age file.
    """
    memo = [receipt.memo] if receipt and receipt.memo is not None else []
    if not all(blob.startswith(AGE_LINE) for blob in (sealed, *parts.values(), *memo)):
        raise NotSealed
    row = {"id": report_id, "conversation_digest": conversation_digest, "kind": kind, "sealed": sealed}
    new = upsert(reports).values(**row, tier=tier, practice=practice, day=day, many=many)
    unseen = new.on_conflict_do_nothing(index_elements=["conversation_digest", "kind"]).returning(reports.c.id)
    if (await tx.execute(unseen)).first() is None:
        return False
    await tx.execute(insert(report_units), [{"report": report_id, "unit": unit} for unit in dict.fromkeys(units)])
    if parts:
        rows = [{"report": report_id, "name": name, "sealed": blob} for name, blob in parts.items()]
        await tx.execute(insert(report_parts), rows)
    if receipt:
        values = {"lookup": receipt.lookup, "report": report_id, "recipient": receipt.recipient, "memo": receipt.memo}
        await tx.execute(insert(receipts).values(values))
    return True


async def filed(tx: AsyncConnection, conversation_digest: bytes, *, kind: str = "full") -> bytes | None:
    """The id of the report of this kind that this conversation has filed, if any."""
    c = reports.c
    query = select(c.id).where(c.conversation_digest == conversation_digest, c.kind == kind)
    return (await tx.execute(query)).scalar()


async def fetch(
    tx: AsyncConnection, report_id: bytes, *, unit: str | None = None, with_parts: bool = True
) -> ReportRow | None:
    """The report; None if there is none, if it was withdrawn, or if it is not for this unit. Large attachments may make
    hundreds of megabytes: without `with_parts` its `parts` are empty."""
    c = reports.c
    query = select(c.id, c.kind, c.tier, c.practice, c.day, c.sealed).where(c.id == report_id, c.withdrawn.is_(None))
    if unit is not None:
        query = query.where(c.id.in_(select(report_units.c.report).where(report_units.c.unit == unit)))
    row = (await tx.execute(query)).first()
    if row is None:
        return None
    parts = await _parts(tx, report_id) if with_parts else {}
    return ReportRow(row.id, row.kind, row.tier, row.practice, row.day, row.sealed, parts)


async def part_names(tx: AsyncConnection, report_id: bytes) -> list[str]:
    """The names of a report's large attachments, in their order."""
    c = report_parts.c
    return list((await tx.execute(select(c.name).where(c.report == report_id).order_by(c.name))).scalars())


async def part(tx: AsyncConnection, report_id: bytes, name: str) -> bytes | None:
    """One large attachment, an age file; None if the report has none of this name."""
    c = report_parts.c
    return (await tx.execute(select(c.sealed).where(c.report == report_id, c.name == name))).scalar()


async def listing(tx: AsyncConnection, unit: str) -> list[ListedReport]:
    """The unit's reports, most urgent first, then newest."""
    c, mine = reports.c, report_units.c
    query = (
        select(c.id, c.kind, c.tier, c.practice, c.day, func.octet_length(c.sealed).label("size"), mine.officer, c.many)
        .join(report_units, mine.report == c.id)
        .where(mine.unit == unit, c.withdrawn.is_(None))
        .order_by(c.tier, c.day.desc(), c.id)
    )
    rows = await tx.execute(query)
    return [ListedReport(r.id, r.kind, r.tier, r.practice, r.day, r.size, r.officer, r.many) for r in rows]


async def acknowledge(
    tx: AsyncConnection, report_id: bytes, unit: str, officer: str, *, day: date | None = None
) -> bool:
    """An officer of the unit has it: its notices stop. False if it is not there or was acknowledged before."""
    mine, c = report_units.c, deliveries.c
    first = update(report_units).where(mine.report == report_id, mine.unit == unit, mine.officer.is_(None))
    done = await tx.execute(first.values(officer=officer, acknowledged=day or datetime.now(UTC).date()))
    await tx.execute(update(deliveries).where(and_(c.report == report_id, c.unit == unit)).values(due=None))
    return done.rowcount == 1


async def withdraw(tx: AsyncConnection, conversation_digest: bytes, *, day: date | None = None) -> list[bytes]:
    """The person takes their reports back: no officer fetches them any more, notices stop. Gives their ids.

    Their receipt codes lead nowhere from then on, as if they had never been given: whoever finds one learns nothing.
    """
    c = reports.c
    mine = update(reports).where(c.conversation_digest == conversation_digest, c.withdrawn.is_(None))
    taken = await tx.execute(mine.values(withdrawn=day or datetime.now(UTC).date()).returning(c.id))
    ids = list(taken.scalars())
    await tx.execute(update(deliveries).where(deliveries.c.report.in_(ids)).values(due=None))
    await tx.execute(delete(receipts).where(receipts.c.report.in_(ids)))
    return ids


async def case_of(tx: AsyncConnection, lookup: bytes) -> Case | None:
    """What this receipt code leads back to; None for one that was never given, or whose report is gone."""
    query = (
        select(reports.c.conversation_digest, receipts.c.memo)
        .join(reports, receipts.c.report == reports.c.id)
        .where(receipts.c.lookup == lookup, receipts.c.memo.is_not(None), reports.c.withdrawn.is_(None))
    )
    row = (await tx.execute(query)).first()
    last = await newest(tx, row.conversation_digest) if row else None
    return Case(row.conversation_digest, last, row.memo) if row and row.memo is not None and last else None


async def newest(tx: AsyncConnection, conversation_digest: bytes) -> bytes | None:
    """The id of the last report of a case that was not taken back."""
    c = reports.c
    mine = select(c.id).where(c.conversation_digest == conversation_digest, c.withdrawn.is_(None))
    return (await tx.execute(mine.order_by(_number().desc()).limit(1))).scalar()


async def next_number(tx: AsyncConnection, conversation_digest: bytes) -> int:
    """For the `kind` of the next report of a case: several conversations may add to it. Hold the audit chain, so that
    no other report is filed meanwhile."""
    last = select(func.max(_number())).where(reports.c.conversation_digest == conversation_digest)
    return ((await tx.execute(last)).scalar() or 0) + 1


async def _parts(tx: AsyncConnection, report_id: bytes) -> dict[str, bytes]:
    c = report_parts.c
    rows = await tx.execute(select(c.name, c.sealed).where(c.report == report_id).order_by(c.name))
    return {row.name: row.sealed for row in rows}


def _number() -> ColumnElement[int]:
    """The place of a report in its case: the digits that end its kind."""
    return cast(func.substring(reports.c.kind, "[0-9]+$"), BigInteger)
