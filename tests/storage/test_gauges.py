from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from storage import conversations, gauges, inbox, queue
from storage.database import Database
from storage.gauges import HEART_STOPPED, Jobs, Waits
from storage.keys import KeyRing

REPORT = text("""
    INSERT INTO reports (id, conversation_digest, kind, sealed, tier, practice, day, withdrawn)
    VALUES (:id, :id, 'whole', 'age-encryption.org/v1'::bytea, :tier, :practice, :day, :withdrawn)
""")
NOTICE = text("INSERT INTO deliveries (report, unit, planned, due, sent) VALUES (:id, 'coat', :planned, :due, :sent)")
UNIT = text("INSERT INTO report_units (report, unit, officer) VALUES (:id, 'coat', :officer)")


async def look(database: Database, now: datetime) -> gauges.Gauges:
    async with database.begin() as tx:
        return await gauges.look(tx, now)


async def test_of_an_empty_database_everything_is_nothing(database: Database) -> None:
    seen = await look(database, datetime.now(UTC))
    assert (seen.workers, seen.head, seen.parked_messages, seen.parked_sends) == (0, 0, 0, 0)
    assert (seen.jobs, seen.notices, seen.unacknowledged, seen.reports) == ({}, {}, {}, {})
    assert seen.oldest_message == timedelta()
    assert abs(seen.clock) < timedelta(seconds=5)


async def test_jobs_are_counted_by_queue_and_those_of_a_later_moment_do_not_wait(database: Database) -> None:
    async with database.begin() as tx:
        await queue.enqueue_turn(tx, b"a" * 16, 1)
        await queue.enqueue_turn(tx, b"b" * 16, 2)
        await queue.enqueue_send(tx, b"a" * 16, datetime.now(UTC) + timedelta(hours=1))
        await queue.enqueue_deliver(tx, 1, datetime.now(UTC) - timedelta(minutes=5))
    async with database.begin() as tx:
        await tx.execute(text("UPDATE procrastinate_events SET at = now() - interval '90 seconds' WHERE job_id = "
                              "(SELECT min(id) FROM procrastinate_jobs)"))  # fmt: skip
    seen = await look(database, datetime.now(UTC))
    turns = seen.jobs[queue.TURNS]
    assert (turns.waiting, turns.running, turns.failed) == (2, 0, 0)
    assert timedelta(seconds=89) < turns.oldest < timedelta(seconds=120)
    assert seen.jobs[queue.SENDS] == Jobs()
    assert timedelta(minutes=5) <= seen.jobs[queue.DELIVERIES].oldest < timedelta(minutes=6)
    async with database.begin() as tx:
        await tx.execute(text("UPDATE procrastinate_jobs SET status = 'doing' WHERE queue_name = 'turns'"))
    assert (await look(database, datetime.now(UTC))).jobs[queue.TURNS] == Jobs(running=2)


async def test_messages_that_wait_and_what_is_parked_are_told_apart(
    database: Database, keys: KeyRing, now: datetime
) -> None:
    async with database.begin() as tx:
        talk = await conversations.admit(tx, keys, "sms", "+15005550006", now)
        first = await inbox.accept(tx, keys, talk, "1", {"text": "x"}, now - timedelta(minutes=9))
        await inbox.accept(tx, keys, talk, "2", {"text": "y"}, now - timedelta(minutes=3))
        assert first
        assert await gauges.oldest_message(tx, now) == timedelta(minutes=9)
        await inbox.park(tx, first, "no_turn")
    seen = await look(database, now)
    assert (seen.parked_messages, seen.oldest_message) == (1, timedelta(minutes=3))


async def test_reports_wait_by_tier_until_a_unit_acknowledges_and_practice_does_not_count(
    database: Database, now: datetime
) -> None:
    async with database.begin() as tx:
        for id, tier, practice, withdrawn, officer, sent in [
            (b"1", "P0", False, None, None, 3), (b"2", "P0", False, None, "ana", 1), (b"3", "P2", False, None, None, 0),
            (b"4", "P0", True, None, None, 0), (b"5", "P0", False, now.date(), None, 0),
        ]:  # fmt: skip
            row = {"id": id, "tier": tier, "practice": practice, "day": now.date(), "withdrawn": withdrawn}
            await tx.execute(REPORT, row)
            planned = now - timedelta(hours=int(id))
            await tx.execute(NOTICE, {"id": id, "planned": planned, "due": now, "sent": sent})
            await tx.execute(UNIT, {"id": id, "officer": officer})
    seen = await look(database, now)
    assert seen.unacknowledged == {"P0": Waits(1, timedelta(hours=1)), "P2": Waits(1, timedelta(hours=3))}
    assert seen.notices == {"P2": Waits(1, timedelta(hours=3))}
    assert seen.reports == {"P0": 3, "P2": 1}


async def test_only_workers_with_a_beating_heart_count(database: Database) -> None:
    async with database.begin() as tx:
        for silent in (timedelta(), HEART_STOPPED + timedelta(seconds=1)):
            beat = text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - :silent)")
            await tx.execute(beat, {"silent": silent})
    assert (await look(database, datetime.now(UTC))).workers == 1


async def test_the_clock_is_compared_with_the_databases(database: Database) -> None:
    async with database.begin() as tx:
        ahead = await gauges.clock_skew(tx, datetime.now(UTC) - timedelta(minutes=2))
    assert timedelta(seconds=115) < ahead < timedelta(seconds=125)
