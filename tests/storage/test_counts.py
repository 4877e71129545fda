import asyncio
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from storage import counts, retention
from storage.counts import STEP, Figure
from storage.errors import KeyGone
from storage.tables import counts as table

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


async def add(database, keys, moment, *placements):
    for placement in placements:
        async with database.begin() as tx:
            await counts.add(tx, keys, placement, moment)


async def rows(database):
    async with database.begin() as tx:
        return [tuple(row) for row in await tx.execute(select(table).order_by(table.c.month))]


async def test_conversations_are_counted_by_placement_and_month(database, keys, now) -> None:
    await add(database, keys, now, "7K3M9", "7K3M9", "V9FTH")
    await add(database, keys, datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), "7K3M9")
    await add(database, keys, datetime(2026, 12, 1, tzinfo=UTC), "7K3M9")
    async with database.begin() as tx:
        assert await counts.waiting(tx, NOVEMBER) == []
        assert await counts.waiting(tx, DECEMBER) == [NOVEMBER]
        assert await counts.take(tx, keys, NOVEMBER) == {"7K3M9": 3, "V9FTH": 1}
        assert await counts.take(tx, keys, DECEMBER) == {"7K3M9": 1}


async def test_many_at_once_are_all_counted(database, keys, now) -> None:
    await asyncio.gather(*(add(database, keys, now, "7K3M9") for _ in range(20)))
    async with database.begin() as tx:
        assert await counts.take(tx, keys, NOVEMBER) == {"7K3M9": 20}


async def test_a_turn_that_fails_counts_nothing(database, keys, now) -> None:
    async with database.begin() as tx:
        await counts.add(tx, keys, "7K3M9", now)
        await tx.rollback()
    assert await rows(database) == []


async def test_a_stolen_database_tells_neither_which_placements_nor_how_often(database, keys, now) -> None:
    """One placement once, or two hundred a thousand times: as many bytes, and none of them readable."""
    await add(database, keys, now, "7K3M9")
    ((_, few),) = await rows(database)
    many = {f"{number:05}": 1000 for number in range(200)}
    key = keys.month_key(NOVEMBER, now)
    sealed = counts._seal(key, many, NOVEMBER)
    assert counts._open(key, sealed, NOVEMBER) == many
    assert len(sealed) == len(few) == STEP + 12 + 16
    assert b"7K3M9" not in few


async def test_what_was_taken_is_gone_and_the_month_stays_closed(database, keys, now) -> None:
    await add(database, keys, now, "7K3M9")
    async with database.begin() as tx:
        await counts.take(tx, keys, NOVEMBER)
    assert await rows(database) == [(NOVEMBER, None)]
    await add(database, keys, now, *["7K3M9"] * 3)  # turns that took long
    async with database.begin() as tx:
        assert await counts.waiting(tx, DECEMBER) == []
        assert await counts.take(tx, keys, NOVEMBER) is None


async def test_counts_lose_their_key_after_the_next_month_and_then_their_row(database, keys, now) -> None:
    await add(database, keys, now, "7K3M9")
    await retention.run(database, keys, datetime(2026, 12, 31, tzinfo=UTC))
    async with database.begin() as tx:
        assert await counts.waiting(tx, DECEMBER) == [NOVEMBER]
    await retention.run(database, keys, datetime(2027, 1, 1, tzinfo=UTC))
    assert await rows(database) == []


async def test_without_the_key_of_its_month_nobody_reads_the_counts(database, keys, now) -> None:
    await add(database, keys, now, "7K3M9")
    keys.shred_months(datetime(2027, 1, 1, tzinfo=UTC))
    async with database.begin() as tx:
        with pytest.raises(KeyGone):
            await counts.take(tx, keys, NOVEMBER)


async def test_figures_come_back_as_published_and_only_once(database) -> None:
    figures = [Figure(NOVEMBER, "7K3M9", "Avianca A320", "BOG-MAD", "ES", 22, 11),
               Figure(DECEMBER, "7K3M9", "Avianca A320", "BOG-MAD", "ES", 11, 11)]  # fmt: skip
    async with database.begin() as tx:
        await counts.publish(tx, [])
        await counts.publish(tx, reversed(figures))
        assert await counts.published(tx) == figures
        assert await counts.published(tx, DECEMBER) == figures[1:]
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await counts.publish(tx, figures[:1])


@pytest.mark.parametrize(("conversations", "step"), [(3, 11), (12, 11), (0, 11), (5, 1)])
async def test_a_figure_that_tells_of_a_few_people_cannot_be_written(database, conversations, step) -> None:
    with pytest.raises(IntegrityError):
        async with database.begin() as tx:
            await counts.publish(tx, [Figure(NOVEMBER, "7K3M9", "A", "", "", conversations, step)])
