"""Jobs: queued in the transaction that needs them, through procrastinate's own SQL function.

How the worker registers its task bodies (`bot/worker.py`):

    app = make_app(database_url)

    @app.task(name=TURN, queue=TURNS)
    async def turn(*, conversation: str, inbox_id: int) -> None: ...   # `bytes.fromhex(conversation)`

    @app.periodic(cron=RESCUE_EVERY)
    @app.task(name=RESCUE, queue=UPKEEP)
    async def rescue_stalled(*, timestamp: int) -> None:
        await rescue(app)
        async with database.begin() as tx:
            await sweep(tx, datetime.now(UTC))

    async with app.open_async():
        await app.run_worker_async(concurrency=8)

A job carries numbers and nothing else. Two jobs with one lock never run together and keep their order, also while the
first of them waits for a retry: so a turn and the sends of a conversation have locks of their own.
"""

from __future__ import annotations

import asyncio
import select
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import procrastinate
import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import LOST_SECONDS, lasting, libpq_url
from storage.statement import Statement

TURN, SEND, DELIVER, NOTE = "turn", "send", "deliver", "note"
ERASE, RESCUE, COPIES = "erase_expired", "rescue_stalled", "erase_copies"
TURNS, SENDS, DELIVERIES, NOTES, UPKEEP = "turns", "sends", "deliveries", "notes", "upkeep"

RESCUE_EVERY = "* * * * * */5"  # seconds come last
ERASE_EVERY = "*/10 * * * *"
COPIES_EVERY = "* * * * * */3"

HEARTBEAT_SECONDS = 1.0
STALLED_SECONDS = 6.0
MOST_DEATHS = 5  # a message that ended its worker this often is parked
LONGEST = timedelta(minutes=5)  # no job of a conversation takes so long
UNCLAIMED = timedelta(seconds=30)  # after that long without a job, a message gets one

# A job is handed out along the index of priorities, and its lock looked up by an index too: the one way that costs the
# same however many wait. By its statistics, made when few waited, the server takes others: 25 ms a job at 10,000.
_OTHER_PLANS = ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_sort")

_DEFER = Statement("""
    SELECT procrastinate_defer_jobs_v1(ARRAY[
        ROW(%(queue)s, %(task)s, 0, %(lock)s, NULL, CAST(%(args)s AS jsonb), CAST(%(at)s AS timestamptz))
    ]::procrastinate_job_to_defer_v1[])
""")

# A worker that lost the database for the instant in which a job ended, and lives on, never told how it ended.
_UNTOLD_JOBS = """
    SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts, worker_id
    FROM procrastinate_jobs AS j WHERE status = 'doing' AND queue_name <> %(upkeep)s AND NOT EXISTS (
        SELECT FROM procrastinate_events WHERE job_id = j.id AND type = 'started' AND at > now() - %(longest)s
    )
"""

# Messages that no job is going to take: counted, given a job, and parked when that has been tried too often.
_UNTAKEN = Statement("""
    UPDATE inbox SET attempts = attempts + 1, parked = CASE WHEN attempts >= 2 * %(most)s THEN 'no_turn' END
    WHERE id IN (
        SELECT id FROM inbox AS i WHERE parked IS NULL AND received < %(before)s AND NOT EXISTS (
            SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND task_name = %(task)s
            AND lock = encode(i.conversation, 'hex') AND CAST(args ->> 'inbox_id' AS bigint) = i.id
        ) FOR UPDATE SKIP LOCKED
    ) RETURNING id, conversation, parked, attempts > %(most)s
""")

_UNSENT = Statement("""
    SELECT DISTINCT conversation FROM outbox AS o WHERE status = 'waiting' AND due < %(before)s AND NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing')
        AND lock IN (encode(o.conversation, 'hex'), 'send:' || encode(o.conversation, 'hex'))
    )
""")

_UNTOLD = Statement("""
    SELECT id FROM deliveries AS d WHERE due < %(before)s AND NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock = 'deliver:' || d.id
    )
""")

# Not by time: note and job are written together, and the note goes before its job does.
_UNNOTED = Statement("""
    SELECT id FROM console_notes AS n WHERE NOT EXISTS (
        SELECT FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND lock = 'note:' || n.id
    )
""")


@dataclass(frozen=True)
class Depth:
    """How much waits: for `doctor` and the metrics."""

    waiting: int
    running: int
    failed: int


def make_app(database_url: str, *, pool: int = 4) -> procrastinate.App:
    """The queue on this database. Done jobs are deleted; the heart beats fast so that a dead worker is noticed soon.

    What procrastinate itself writes may be lost when the server's machine dies: a taken job then waits again and a done
    one is rescued, and both find their message done. Jobs are queued in our own transactions, which are not lost.
    """
    settings = lasting(database_url, synchronous_commit="off", **dict.fromkeys(_OTHER_PLANS, "off"))
    connector = procrastinate.PsycopgConnector(
        conninfo=libpq_url(database_url), min_size=1, max_size=pool, pool_factory=_pool, configure=_one_by_one,
        timeout=LOST_SECONDS, kwargs={**settings, "prepare_threshold": 1},
    )  # fmt: skip
    return procrastinate.App(
        connector=connector,
        worker_defaults={
            "delete_jobs": "successful",
            # New jobs are notified. Polling finds the retried ones, and a turn that waited for the one before it.
            "fetch_job_polling_interval": 0.25,
            "update_heartbeat_interval": HEARTBEAT_SECONDS,
            "stalled_worker_timeout": STALLED_SECONDS,
        },
    )


async def enqueue_turn(tx: AsyncConnection, conversation_id: bytes, inbox_id: int, *, last: bool = False) -> None:
    """One turn for this message, after all earlier turns of the conversation. `last`: it is only given up."""
    args = {"conversation": conversation_id.hex(), "inbox_id": inbox_id, **({"last": True} if last else {})}
    await _defer(tx, TURNS, TURN, conversation_id.hex(), args)


async def enqueue_send(tx: AsyncConnection, conversation_id: bytes, at: datetime | None = None) -> None:
    """Sends what waits in this conversation's outbox, at `at` or now."""
    args = {"conversation": conversation_id.hex()}
    await _defer(tx, SENDS, SEND, f"send:{conversation_id.hex()}", args, at)


async def enqueue_deliver(tx: AsyncConnection, delivery_id: int, at: datetime | None = None) -> None:
    """Tells a unit that a report waits, at `at` or now."""
    await _defer(tx, DELIVERIES, DELIVER, f"deliver:{delivery_id}", {"delivery_id": delivery_id}, at)


async def enqueue_note(tx: AsyncConnection, note_id: int) -> None:
    """Tells the audit chain what an officer did at the console."""
    await _defer(tx, NOTES, NOTE, f"note:{note_id}", {"note_id": note_id})


async def rescue(app: procrastinate.App) -> int:
    """Gives the jobs of dead workers to living ones, and those that end never. Gives their number.

    Several rescuers at once do no harm; nor does a job that runs twice: a message is taken once. Raises what went wrong
    with one job only when all others have been looked after.
    """
    stalled = await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS)
    untold = await app.connector.execute_query_all_async(_UNTOLD_JOBS, upkeep=UPKEEP, longest=LONGEST)
    jobs = {job.id: job for job in [*stalled, *map(Job.from_row, untold)]}
    ends = await asyncio.gather(*(_rescue(app, job) for job in jobs.values()), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end
    return sum(end is True for end in ends)


async def sweep(tx: AsyncConnection, now: datetime) -> int:
    """Gives a job to everything that is due and has none, whatever became of it. Gives the number of jobs.

    A message that was swept `MOST_DEATHS` times is given up by its next job, so that the person gets the numbers; one
    that can't even be given up as often is parked without: `doctor` shows both.
    """
    before = now - UNCLAIMED
    messages = await _UNTAKEN.rows(tx, most=MOST_DEATHS, before=before, task=TURN)
    again = [(id, conversation, last) for id, conversation, parked, last in sorted(messages) if parked is None]
    for id, conversation, last in again:
        await enqueue_turn(tx, conversation, id, last=last)
    unsent = await _UNSENT.rows(tx, before=before)
    for (conversation,) in unsent:
        await enqueue_send(tx, conversation)
    untold = await _UNTOLD.rows(tx, before=before)
    for (delivery,) in untold:
        await enqueue_deliver(tx, delivery)
    unnoted = await _UNNOTED.rows(tx)
    for (note,) in unnoted:
        await enqueue_note(tx, note)
    return len(again) + len(unsent) + len(untold) + len(unnoted)


async def depth(tx: AsyncConnection) -> Depth:
    """How many jobs wait, run and failed."""
    rows = await tx.execute(text("SELECT status::text AS status, count(*) AS n FROM procrastinate_jobs GROUP BY 1"))
    counts = {row.status: row.n for row in rows}
    return Depth(counts.get("todo", 0), counts.get("doing", 0), counts.get("failed", 0))


async def _defer(
    tx: AsyncConnection, queue: str, task: str, lock: str, args: Mapping[str, object], at: datetime | None = None
) -> None:
    await _DEFER.run(tx, queue=queue, task=task, lock=lock, args=orjson.dumps(args).decode(), at=at)


def _pool(**arguments: Any) -> AsyncConnectionPool[Any]:
    return AsyncConnectionPool(**{**arguments, "check": _answering})


async def _one_by_one(connection: psycopg.AsyncConnection) -> None:
    """Each statement of procrastinate is a transaction of its own: it never needs two in one."""
    await connection.set_autocommit(True)


async def _answering(connection: psycopg.AsyncConnection) -> None:
    """Asks the server only where it said something unasked, as it does when it goes away: a round trip for each use."""
    polled = select.poll()
    polled.register(connection.fileno(), select.POLLIN)
    if polled.poll(0):
        await AsyncConnectionPool.check_connection(connection)


async def _rescue(app: procrastinate.App, job: Job) -> bool:
    if job.id is None:
        return False
    try:
        if job.queue == UPKEEP:  # the next is due soon, or waits already for this one to end: two can't wait
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
        elif job.attempts < MOST_DEATHS:
            await app.job_manager.retry_job(job)
        else:
            await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    except ConnectorException:
        if await app.job_manager.get_job_status_async(job.id) == Status.DOING:
            raise
        return False  # another rescuer was first
    return True
