from datetime import timedelta

import pytest

from storage import copies
from storage.copies import LEASE


async def noted(database, now, *several) -> None:
    async with database.begin() as tx:
        for ids in several:
            await copies.note(tx, "sms", ids, now)


async def due(database, now) -> list[tuple[str, ...]]:
    async with database.begin() as tx:
        return [one.ids for one in await copies.take(tx, now)]


async def test_what_may_be_deleted_is_given_once_with_attachments_before_their_message(database, now) -> None:
    await noted(database, now, ["MM1/Media/ME1", "MM1"], ["SM2"])
    assert await due(database, now) == [("MM1/Media/ME1", "MM1"), ("SM2",)]
    assert await due(database, now) == []


async def test_what_was_given_to_somebody_who_died_comes_again(database, now) -> None:
    await noted(database, now, ["SM1"])
    assert await due(database, now) == [("SM1",)]
    assert await due(database, now + LEASE) == [("SM1",)]


async def test_what_is_gone_never_comes_again(database, now) -> None:
    await noted(database, now, ["SM1"], ["SM2"])
    async with database.begin() as tx:
        first, _ = await copies.take(tx, now)
        await copies.deleted(tx, [first.row])
    assert await due(database, now + LEASE) == [("SM2",)]


async def test_what_failed_comes_at_its_time_and_tells_how_often_it_failed(database, now) -> None:
    await noted(database, now, ["SM1"])
    later = now + timedelta(minutes=1)
    async with database.begin() as tx:
        (one,) = await copies.take(tx, now)
        assert one.attempts == 0
        await copies.later(tx, one.row, later)
    assert await due(database, later - timedelta(seconds=1)) == []
    async with database.begin() as tx:
        (one,) = await copies.take(tx, later)
    assert (one.channel, one.attempts) == ("sms", 1)


async def test_two_who_take_at_once_are_given_different_ones_and_neither_waits(
    database, now, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "MOST", 2)
    await noted(database, now, ["SM1"], ["SM2"], ["SM3"])
    async with database.begin() as one, database.begin() as other:
        first, second = await copies.take(one, now), await copies.take(other, now)
    assert [copy.ids for copy in first] == [("SM1",), ("SM2",)]
    assert [copy.ids for copy in second] == [("SM3",)]
