import asyncio
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text

from storage import conversations, deliveries, inbox, outbox, queue, reports
from storage.database import Database
from storage.tables import inbox as inbox_table

LATER = timedelta(minutes=1)


async def accepted(database, keys, now, platform_id="m1", address="+1", job=True):
    """`job`: False for a message whose job was lost."""
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", address, now)
        row = await inbox.accept(tx, keys, conversation, platform_id, {"text": platform_id}, now)
        assert row
        if not job:
            await tx.execute(text("DELETE FROM procrastinate_jobs"))
    return conversation, row


async def jobs(database: Database) -> list[tuple]:
    query = text("SELECT task_name, lock, args, status::text FROM procrastinate_jobs ORDER BY id")
    async with database.begin() as tx:
        return [tuple(row) for row in await tx.execute(query)]


async def run_all(app, database: Database) -> None:
    """Runs what is due, and ends when nothing is."""
    due = text(
        "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND COALESCE(scheduled_at, now()) <= now()"
    )
    async with asyncio.timeout(60):
        while True:
            await app.run_worker_async(wait=False, concurrency=4, install_signal_handlers=False)
            async with database.begin() as tx:
                if not (await tx.execute(due)).scalar():
                    return


async def test_a_job_is_there_if_and_only_if_its_transaction_commits(database, keys, now) -> None:
    conversation, row = await accepted(database, keys, now)
    expected = ("turn", conversation.id.hex(), {"conversation": conversation.id.hex(), "inbox_id": row}, "todo")
    assert await jobs(database) == [expected]
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with database.begin() as tx:
            await queue.enqueue_send(tx, conversation.id)
            _ = 1 / 0
    assert await jobs(database) == [expected]


async def test_turns_of_one_person_run_in_order_and_never_together(database, database_url, keys, now) -> None:
    app, running, seen = queue.make_app(database_url), set(), []

    @app.task(name=queue.TURN, queue=queue.TURNS)
    async def turn(*, conversation: str, inbox_id: int) -> None:
        assert conversation not in running
        running.add(conversation)
        async with database.begin() as tx:
            opened = await conversations.lock(tx, keys, bytes.fromhex(conversation))
            seen.append((conversation, (await inbox.take(tx, opened, inbox_id))["text"]))
            await inbox.done(tx, inbox_id)
        running.discard(conversation)

    for n in range(8):
        for person in ("+1", "+2", "+3"):
            await accepted(database, keys, now, f"{person} {n}", person)
    async with app.open_async():
        await run_all(app, database)
    assert len(seen) == 24
    for person in ("+1", "+2", "+3"):
        assert [words for _, words in seen if words.startswith(person)] == [f"{person} {n}" for n in range(8)]
    assert await jobs(database) == []  # a job that succeeded leaves nothing


async def test_a_send_that_waits_for_its_time_does_not_hold_up_the_turns(database, database_url, keys, now) -> None:
    app, seen = queue.make_app(database_url), []

    @app.task(name=queue.TURN, queue=queue.TURNS)
    async def turn(*, conversation: str, inbox_id: int) -> None:
        seen.append("turn")

    @app.task(name=queue.SEND, queue=queue.SENDS)
    async def send(*, conversation: str) -> None:
        seen.append("send")

    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", "+1", now)
        await queue.enqueue_send(tx, conversation.id, datetime.now(UTC) + timedelta(hours=1))
    await accepted(database, keys, now)
    async with app.open_async():
        await run_all(app, database)
    assert seen == ["turn"]


async def test_a_worker_killed_in_mid_turn_leaves_the_message_untouched_and_it_is_taken_once(
    database, database_url, keys, tmp_path, now
) -> None:
    conversation, row = await accepted(database, keys, now)
    script = Path(__file__).with_name("killed_worker.py")
    worker = await asyncio.create_subprocess_exec(
        *(sys.executable, script, database_url, tmp_path / "keys"),
        stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(script.parents[2])},
    )
    assert worker.stdout
    try:
        async with asyncio.timeout(60):
            assert await worker.stdout.readline() == b"in the middle\n"
    finally:
        worker.send_signal(signal.SIGKILL)
        await worker.wait()

    async with database.begin() as tx:  # waits for the dead worker's transaction to be rolled back
        opened = await conversations.lock(tx, keys, conversation.id)
        assert await inbox.take(tx, opened, row) == {"text": "m1"}
        assert await outbox.waiting(tx, opened, now=now) == []

    app, taken = queue.make_app(database_url), []

    @app.task(name=queue.TURN, queue=queue.TURNS)
    async def turn(*, conversation: str, inbox_id: int) -> None:
        async with database.begin() as tx:
            opened = await conversations.lock(tx, keys, bytes.fromhex(conversation))
            message = await inbox.take(tx, opened, inbox_id)
            if message:
                taken.append(message["text"])
                await inbox.done(tx, inbox_id)

    async with app.open_async():
        assert await queue.rescue(app) == 0  # its last heartbeat is not old enough yet
        age_heartbeats(database_url)
        rescued = await asyncio.gather(*(queue.rescue(app) for _ in range(4)))
        assert sum(rescued) == 1
        await run_all(app, database)
        assert await queue.rescue(app) == 0
        await run_all(app, database)
    assert taken == ["m1"]
    assert await jobs(database) == []


def age_heartbeats(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '7 seconds'")


async def test_a_worker_that_lives_keeps_its_jobs(database, database_url, keys, now) -> None:
    app, rescued = queue.make_app(database_url), []

    @app.task(name=queue.TURN, queue=queue.TURNS)
    async def turn(*, conversation: str, inbox_id: int) -> None:
        rescued.append(await queue.rescue(app))

    await accepted(database, keys, now)
    async with app.open_async():
        await run_all(app, database)
    assert rescued == [0]


async def test_a_job_that_a_living_worker_never_told_the_end_of_is_given_back(
    database, database_url, keys, now
) -> None:
    """The database was gone for the instant in which it ended: the worker's heart beats on."""
    await accepted(database, keys, now)
    app = queue.make_app(database_url)
    async with app.open_async():
        job = await app.job_manager.fetch_job(queues=None, worker_id=await app.job_manager.register_worker())
        assert job
        assert await queue.rescue(app) == 0
        async with database.begin() as tx:
            await tx.execute(text("UPDATE procrastinate_events SET at = at - interval '6 minutes'"))
        assert await queue.rescue(app) == 1
    assert [status for *_, status in await jobs(database)] == ["todo"]


async def test_an_upkeep_job_whose_worker_died_holds_up_neither_the_next_one_nor_the_rescue_of_turns(
    database, database_url, keys, now
) -> None:
    app = queue.make_app(database_url)

    @app.task(name=queue.COPIES, queue=queue.UPKEEP, lock=queue.COPIES, queueing_lock=queue.COPIES)
    async def erase_copies() -> None: ...

    async with app.open_async():
        worker = await app.job_manager.register_worker()
        await erase_copies.defer_async()
        assert await app.job_manager.fetch_job(queues=None, worker_id=worker)
        await erase_copies.defer_async()  # waits for the one whose worker dies
        await accepted(database, keys, now)
        assert await app.job_manager.fetch_job(queues=[queue.TURNS], worker_id=worker)
        age_heartbeats(database_url)
        assert await queue.rescue(app) == 2
        assert [(task, status) for task, *_, status in await jobs(database)] == [
            (queue.COPIES, "todo"), (queue.TURN, "todo")]  # fmt: skip
        assert await app.job_manager.fetch_job(queues=[queue.UPKEEP], worker_id=worker)


async def test_a_message_that_ends_every_worker_is_given_up_by_the_queue(database, database_url, keys, now) -> None:
    await accepted(database, keys, now)
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE procrastinate_jobs SET status = 'doing', attempts = %s", (queue.MOST_DEATHS,))
    app = queue.make_app(database_url)
    async with app.open_async():
        assert await queue.rescue(app) == 1
    async with database.begin() as tx:
        assert await queue.depth(tx) == queue.Depth(waiting=0, running=0, failed=1)


async def test_a_message_without_a_job_gets_one_then_is_given_up_and_parked_when_that_never_helps(
    database, keys, now
) -> None:
    _, row = await accepted(database, keys, now, job=False)
    async with database.begin() as tx:
        assert await queue.sweep(tx, now + timedelta(seconds=5)) == 0
        for _ in range(2 * queue.MOST_DEATHS):
            assert await queue.sweep(tx, now + LATER) == 1
            assert await queue.sweep(tx, now + LATER) == 0
            await tx.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))
        assert await queue.sweep(tx, now + LATER) == 0
        parked = await inbox.parked(tx)
        assert [(message.id, message.reason) for message in parked] == [(row, "no_turn")]
        last = (await tx.execute(text("SELECT args ? 'last' FROM procrastinate_jobs ORDER BY id"))).scalars().all()
    assert last == [False] * queue.MOST_DEATHS + [True] * queue.MOST_DEATHS


async def test_messages_without_jobs_are_queued_in_the_order_they_came(database, keys, now) -> None:
    rows = [(await accepted(database, keys, now, f"m{n}", job=False))[1] for n in range(5)]
    async with database.begin() as tx:
        await queue.sweep(tx, now + LATER)
    assert [args["inbox_id"] for _, _, args, _ in await jobs(database)] == rows


async def test_replies_without_a_job_get_one(database, keys, now) -> None:
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", "+1", now)
        await outbox.put(tx, conversation, [{"text": "1"}, {"text": "2"}], now)
        assert await queue.sweep(tx, now + LATER) == 1
        assert await queue.sweep(tx, now + LATER) == 0
    assert [job[:2] for job in await jobs(database)] == [("send", f"send:{conversation.id.hex()}")]


async def test_notices_without_a_job_get_one(database, now) -> None:
    async with database.begin() as tx:
        sealed = b"age-encryption.org/v1\n"
        await reports.file(tx, b"r" * 16, sealed, {}, ["coat"], "P1", False, now.date(), None, b"p" * 32)
        id = await deliveries.plan(tx, b"r" * 16, "coat", now)
        assert await queue.sweep(tx, now) == 0
        assert await queue.sweep(tx, now + LATER) == 1
        assert await queue.sweep(tx, now + LATER) == 0
    assert [job[0] for job in await jobs(database)] == ["deliver"]
    assert (await jobs(database))[0][2] == {"delivery_id": id}


async def test_handing_out_a_job_takes_no_look_at_all_that_wait(database, database_url) -> None:
    """As procrastinate_fetch_job_v2 asks, on its connections, while the server's statistics know of no job."""
    async with database.begin() as tx:
        await tx.execute(
            text("""INSERT INTO procrastinate_jobs (queue_name, task_name, lock)
            SELECT 'turns', 'turn', 'lock' || n FROM generate_series(1, 2000) AS n""")
        )
    app = queue.make_app(database_url)
    async with app.open_async():
        plan = await app.connector.execute_query_all_async("""
            EXPLAIN SELECT jobs.* FROM procrastinate_jobs AS jobs WHERE NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs AS o WHERE jobs.lock IS NOT NULL AND o.lock = jobs.lock AND (
                    o.status = 'doing' OR (o.status = 'todo' AND (o.priority > jobs.priority OR (
                        o.priority = jobs.priority AND o.id < jobs.id))))
            ) AND jobs.status = 'todo' AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED""")
    told = "\n".join(line["QUERY PLAN"] for line in plan)
    assert "procrastinate_jobs_priority_idx" in told
    assert "ix_procrastinate_jobs_lock" in told
    assert not any(slow in told for slow in ("Seq Scan", "Bitmap", "Hash", "Sort"))


async def test_a_job_holds_numbers_and_no_words(database, keys, now) -> None:
    conversation, row = await accepted(database, keys, now, "marcador")
    [(_, _, args, _)] = await jobs(database)
    assert args == {"conversation": conversation.id.hex(), "inbox_id": row}
    async with database.begin() as tx:
        assert (await tx.execute(select(inbox_table.c.id))).scalar() == row


async def test_upkeep_runs_every_few_seconds(database_url) -> None:
    app = queue.make_app(database_url)

    @app.periodic(cron=queue.RESCUE_EVERY)
    @app.task(name=queue.RESCUE, queue=queue.UPKEEP)
    async def rescue_stalled(*, timestamp: int) -> None: ...

    @app.periodic(cron=queue.ERASE_EVERY)
    @app.task(name=queue.ERASE, queue=queue.UPKEEP)
    async def erase_expired(*, timestamp: int) -> None: ...

    tasks = app.periodic_registry.periodic_tasks
    gaps = {}
    for (name, _), task in tasks.items():
        times = task.croniter.set_current(1_800_000_000) and [task.croniter.get_next(float) for _ in range(3)]
        gaps[name] = times[2] - times[1]
    assert gaps == {queue.RESCUE: 5.0, queue.ERASE: 600.0}
