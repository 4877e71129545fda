from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from storage import conversations, deliveries, health, inbox, reports
from storage.database import Database
from storage.keys import KeyRing

DAY = datetime(2026, 11, 15, tzinfo=UTC).date()


async def look(database: Database, now: datetime) -> health.Health:
    async with database.begin() as tx:
        return await health.look(tx, now)


async def test_a_fresh_database_waits_for_nothing_and_has_no_worker(database: Database) -> None:
    seen = await look(database, datetime.now(UTC))
    assert abs(seen.clock) < timedelta(seconds=5)
    assert seen.heartbeat is None
    assert seen.waits == timedelta()
    assert (seen.parked_messages, seen.parked_sends, seen.failing_notices, seen.unacknowledged) == ((), (), (), ())


async def test_tables_of_another_version_are_noticed(database: Database, empty_database_url: str) -> None:
    async with database.begin() as tx:
        assert await health.migrated(tx)
        await tx.execute(text("UPDATE alembic_version SET version_num = '0000'"))
        assert not await health.migrated(tx)
    empty = Database(empty_database_url)
    async with empty.begin() as tx:
        assert not await health.migrated(tx)
    await empty.close()


async def test_the_oldest_message_counts_until_it_is_parked(database: Database, keys: KeyRing, now: datetime) -> None:
    async with database.begin() as tx:
        conversation = await conversations.admit(tx, keys, "sms", "+1", now)
        first = await inbox.accept(tx, keys, conversation, "1", {"text": "a"}, now - timedelta(minutes=9))
        await inbox.accept(tx, keys, conversation, "2", {"text": "b"}, now - timedelta(minutes=4))
    assert (await look(database, now)).waits == timedelta(minutes=9)
    assert first is not None
    async with database.begin() as tx:
        await inbox.park(tx, first, "engine_down")
    seen = await look(database, now)
    assert seen.waits == timedelta(minutes=4)
    assert seen.parked_messages == (first,)


async def test_an_urgent_report_is_shown_until_one_officer_acknowledges_it(database: Database, now: datetime) -> None:
    sealed = reports.AGE_LINE + b"x"
    async with database.begin() as tx:
        for number, tier in ((1, "P0"), (2, "P1")):
            report = bytes([number]) * 16
            await reports.file(tx, report, sealed, {}, ["coat", "icbf"], tier, False, DAY, None, bytes([number]))
            await deliveries.plan(tx, report, "coat", now)
    assert (await look(database, now)).unacknowledged == (b"\1" * 16,)
    async with database.begin() as tx:
        await reports.acknowledge(tx, b"\1" * 16, "icbf", "officer")
    assert (await look(database, now)).unacknowledged == ()


async def test_an_urgent_report_of_practice_alarms_nobody(database: Database) -> None:
    async with database.begin() as tx:
        await reports.file(tx, b"\1" * 16, reports.AGE_LINE + b"x", {}, ["coat"], "P0", True, DAY, None, b"1")
    assert (await look(database, datetime.now(UTC))).unacknowledged == ()


async def test_a_notice_that_failed_is_shown(database: Database, now: datetime) -> None:
    async with database.begin() as tx:
        report = b"\1" * 16
        await reports.file(tx, report, reports.AGE_LINE + b"x", {}, ["coat"], "P1", False, DAY, None, b"1")
        notice = await deliveries.plan(tx, report, "coat", now)
    assert (await look(database, now)).failing_notices == ()
    async with database.begin() as tx:
        await deliveries.failed(tx, notice, "notify_later", now + timedelta(minutes=1))
    assert (await look(database, now)).failing_notices == (notice,)
