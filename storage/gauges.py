"""What the metrics ask the database: how much waits, for how long, and for whom. Numbers and codes, no row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

HEART_STOPPED = timedelta(seconds=30)  # a worker that was silent so long counts no more

# Jobs have no time of their own: the event of their deferral does. What waits for a later moment is not late yet.
_JOBS = text("""
    SELECT queue_name AS name,
        count(*) FILTER (WHERE waits AND due <= now()) AS waiting,
        COALESCE(max(EXTRACT(EPOCH FROM now() - due)) FILTER (WHERE waits AND due <= now()), 0) AS oldest,
        count(*) FILTER (WHERE status = 'doing') AS running,
        count(*) FILTER (WHERE status = 'failed') AS failed
    FROM (
        SELECT queue_name, status, status = 'todo' AS waits, COALESCE(scheduled_at, at, now()) AS due
        FROM procrastinate_jobs AS j LEFT JOIN procrastinate_events AS e ON e.job_id = j.id AND e.type = 'deferred'
    ) AS jobs GROUP BY queue_name
""")

# Notices that never went out; and reports, each of which some unit has not acknowledged. Practice wakes nobody.
_NOTICES = text("""
    SELECT tier AS name, count(*) AS waiting, EXTRACT(EPOCH FROM :now - min(d.planned)) AS oldest
    FROM deliveries AS d JOIN reports AS r ON r.id = d.report
    WHERE d.due IS NOT NULL AND d.sent = 0 AND r.withdrawn IS NULL AND NOT r.practice GROUP BY tier
""")

_UNACKNOWLEDGED = text("""
    SELECT tier AS name, count(DISTINCT r.id) AS waiting, EXTRACT(EPOCH FROM :now - min(d.planned)) AS oldest
    FROM reports AS r JOIN deliveries AS d ON d.report = r.id
    WHERE r.withdrawn IS NULL AND NOT r.practice
        AND NOT EXISTS (SELECT FROM report_units AS u WHERE u.report = r.id AND u.officer IS NOT NULL) GROUP BY tier
""")

_REPORTS = text("SELECT tier AS name, count(*) AS number FROM reports WHERE NOT practice GROUP BY tier")

_OLDEST = text("SELECT min(received) FROM inbox WHERE parked IS NULL")

_REST = text("""
    SELECT clock_timestamp() AS clock,
        (SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - :silence) AS workers,
        (SELECT count(*) FROM inbox WHERE parked IS NOT NULL) AS messages,
        (SELECT count(*) FROM outbox WHERE status = 'parked') AS sends,
        (SELECT COALESCE(max(seq), 0) FROM audit) AS head
""")


@dataclass(frozen=True)
class Jobs:
    """Of one queue. `oldest`: how long the first of the due ones has waited."""

    waiting: int = 0
    oldest: timedelta = timedelta()
    running: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Waits:
    """How many wait, and since when the first of them."""

    waiting: int = 0
    oldest: timedelta = timedelta()


@dataclass(frozen=True)
class Gauges:
    """`clock`: how far the database's clock is ahead of ours; `workers`: those that gave a sign of life lately;
    `jobs` by queue, the others by tier, where there are any; `head`: number of the audit chain's last row."""

    clock: timedelta
    workers: int
    head: int
    parked_messages: int
    parked_sends: int
    oldest_message: timedelta
    jobs: Mapping[str, Jobs]
    notices: Mapping[str, Waits]
    unacknowledged: Mapping[str, Waits]
    reports: Mapping[str, int]


async def look(tx: AsyncConnection, now: datetime) -> Gauges:
    rest = (await tx.execute(_REST, {"silence": HEART_STOPPED})).one()
    jobs = {
        row.name: Jobs(row.waiting, timedelta(seconds=float(row.oldest)), row.running, row.failed)
        for row in await tx.execute(_JOBS)
    }
    return Gauges(
        clock=rest.clock - now,
        workers=rest.workers,
        head=rest.head,
        parked_messages=rest.messages,
        parked_sends=rest.sends,
        oldest_message=await oldest_message(tx, now),
        jobs=jobs,
        notices=await _waits(tx, _NOTICES, now),
        unacknowledged=await _waits(tx, _UNACKNOWLEDGED, now),
        reports={row.name: row.number for row in await tx.execute(_REPORTS)},
    )


async def oldest_message(tx: AsyncConnection, now: datetime) -> timedelta:
    """How long the first message that is neither answered nor parked has waited."""
    received = await tx.scalar(_OLDEST)
    return timedelta() if received is None else max(now - received, timedelta())


async def clock_skew(tx: AsyncConnection, now: datetime) -> timedelta:
    """How far the database's clock is ahead of ours."""
    theirs: datetime = (await tx.execute(text("SELECT clock_timestamp()"))).scalar_one()
    return theirs - now


async def _waits(tx: AsyncConnection, query: TextClause, now: datetime) -> dict[str, Waits]:
    rows = await tx.execute(query, {"now": now})
    return {row.name: Waits(row.waiting, max(timedelta(seconds=float(row.oldest)), timedelta())) for row in rows}
