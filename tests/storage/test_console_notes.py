import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, func, select, text

from storage import audit, console_notes, queue, signing
from storage.console_notes import Note
from storage.tables import console_notes as table

NOTE = Note("fetched", bytes(16), "ana", bytes(32), datetime(2026, 11, 26, tzinfo=UTC).date())


async def left(database):
    async with database.begin() as tx:
        await console_notes.leave(tx, NOTE)
        return await tx.scalar(select(func.max(table.c.id)))


async def told(database, keys, number):
    async with database.begin() as tx:
        return await console_notes.tell(tx, number, keys.sealer_key())


async def chain(database, keys):
    async with database.begin() as tx:
        rows = await audit.rows(tx)
    assert audit.verify(rows, keys.sealer_key().public_key()).ok
    return [signing.parse(row.body, audit.CTX) for row in rows]


async def test_the_chain_tells_what_was_noted_as_of_the_day_it_was_done(database, keys):
    assert await told(database, keys, await left(database))
    (row,) = await chain(database, keys)
    assert (row["event"], row["actor"], row["day"]) == ("fetched", "ana", "2026-11-26")
    assert (row["report_id"], row["payload_sha256"]) == ("00" * 16, "00" * 32)


async def test_a_job_that_runs_twice_tells_it_once(database, keys):
    number = await left(database)
    assert sorted(await asyncio.gather(*(told(database, keys, number) for _ in range(4)))) == [False] * 3 + [True]
    assert len(await chain(database, keys)) == 1


async def test_a_worker_that_dies_before_the_commit_leaves_the_note(database, keys):
    number = await left(database)

    async def dies():
        async with database.begin() as tx:
            assert await console_notes.tell(tx, number, keys.sealer_key())
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await dies()
    assert await chain(database, keys) == []
    assert await told(database, keys, number)


async def test_a_note_whose_job_was_lost_gets_another_and_one_that_has_a_job_does_not(database):
    await left(database)
    await left(database)
    async with database.begin() as tx:
        await tx.execute(text("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = 1"))
        assert await queue.sweep(tx, datetime.now(UTC)) == 1
        assert await queue.sweep(tx, datetime.now(UTC)) == 0
        jobs = await tx.execute(text("SELECT task_name, queue_name, lock, args FROM procrastinate_jobs ORDER BY id"))
        told = [tuple(row) for row in jobs]
        await tx.execute(delete(table))
    assert told == [("note", "notes", f"note:{number}", {"note_id": number}) for number in (1, 2, 1)]


async def test_no_note_without_its_job(database):
    async def dies():
        async with database.begin() as tx:
            await console_notes.leave(tx, NOTE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await dies()
    async with database.begin() as tx:
        assert await tx.scalar(select(func.count()).select_from(table)) == 0
        assert await tx.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
