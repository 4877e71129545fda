from datetime import timedelta

from storage import deliveries, reports

SEALED = b"age-encryption.org/v1\nsealed"
ID, URGENT = b"r" * 16, b"u" * 16


async def filed(tx, now, id=ID, tier="P2"):
    await reports.file(tx, id, SEALED, {}, ["coat"], tier, False, now.date(), None, id * 2)
    return await deliveries.plan(tx, id, "coat", now)


async def test_a_notice_is_planned_once_and_due_from_then_on(database, now) -> None:
    async with database.begin() as tx:
        id = await filed(tx, now)
        assert await deliveries.plan(tx, ID, "coat", now + timedelta(hours=1)) == id
        assert await deliveries.due(tx, now - timedelta(seconds=1)) == []
        assert await deliveries.due(tx, now) == [deliveries.DeliveryRow(id, ID, "coat", "P2", False, now, 0, 0)]


async def test_the_most_urgent_comes_first(database, now) -> None:
    async with database.begin() as tx:
        await filed(tx, now)
        await filed(tx, now + timedelta(minutes=5), URGENT, "P0")
        assert [row.tier for row in await deliveries.due(tx, now + timedelta(hours=1))] == ["P0", "P2"]


async def test_a_notice_that_was_sent_is_not_sent_again(database, now) -> None:
    async with database.begin() as tx:
        id = await filed(tx, now)
        assert await deliveries.delivered(tx, id, now) is None
        assert await deliveries.get(tx, id) is None
        assert await deliveries.due(tx, now + timedelta(days=9)) == []


async def test_a_notice_that_failed_is_due_at_its_next_try(database, now) -> None:
    later = now + timedelta(minutes=2)
    async with database.begin() as tx:
        id = await filed(tx, now)
        await deliveries.failed(tx, id, "mail_down", later)
        assert await deliveries.due(tx, now) == []
        assert [row.attempts for row in await deliveries.due(tx, later)] == [1]


async def test_a_notice_that_nobody_could_be_sent_is_put_off_without_a_failure(database, now) -> None:
    async with database.begin() as tx:
        id = await filed(tx, now)
        await deliveries.postpone(tx, id, now + timedelta(hours=1))
        assert await deliveries.due(tx, now) == []
        assert [row.attempts for row in await deliveries.due(tx, now + timedelta(hours=1))] == [0]
        await reports.acknowledge(tx, ID, "coat", "officer-7")
        await deliveries.postpone(tx, id, now)
        assert await deliveries.due(tx, now) == []


async def test_an_urgent_report_is_told_again_until_an_officer_acknowledges_it(database, now) -> None:
    async with database.begin() as tx:
        id = await filed(tx, now, URGENT, "P0")
        moment = now
        for times in range(1, 5):
            again = await deliveries.delivered(tx, id, moment)
            assert again == moment + deliveries.REPEAT
            assert [row.sent for row in await deliveries.due(tx, again)] == [times]
            moment = again
        await reports.acknowledge(tx, URGENT, "coat", "officer-7")
        assert await deliveries.due(tx, now + timedelta(days=1)) == []
        assert await deliveries.delivered(tx, id, moment) is None


async def test_a_failure_told_after_the_acknowledgement_starts_nothing_again(database, now) -> None:
    async with database.begin() as tx:
        id = await filed(tx, now, URGENT, "P0")
        await reports.acknowledge(tx, URGENT, "coat", "officer-7")
        await deliveries.failed(tx, id, "mail_down", now)
        assert await deliveries.due(tx, now) == []
