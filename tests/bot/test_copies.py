"""Copies that Twilio keeps are deleted there, many by one job."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.channels import Outgoing
from bot.copies import LATER, erase_due
from storage import copies
from tests.engine import Engine
from tests.house import House, furnished


@pytest.fixture
async def idle(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """A house without a worker: nothing is deleted but by the test."""
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        yield house


async def sent(house: House, number: int) -> list[str]:
    """So many messages to one telephone, noted as final; Twilio keeps a copy of each."""
    phone, channel = house.twilio.sms(), house.service.channels.on["sms"]
    sids = [sid for _ in range(number) for sid in await channel.send(phone.address, Outgoing("…"))]
    async with house.service.database.begin() as tx:
        for sid in sids:
            await copies.note(tx, "sms", [sid], house.clock())
    return sids


async def test_all_that_are_due_go_at_once_and_nothing_of_them_is_remembered(idle: House) -> None:
    await sent(idle, 40)
    await erase_due(idle.service)
    assert (idle.twilio.messages, await idle.count("copies")) == ({}, 0)


async def test_one_that_is_under_way_is_asked_for_later_and_the_others_are_gone(idle: House) -> None:
    _, second, _ = await sent(idle, 3)
    idle.twilio.messages[second].status = "sent"
    await erase_due(idle.service)
    assert list(idle.twilio.messages) == [second]
    await erase_due(idle.service)  # nothing is due
    idle.twilio.messages[second].status = "delivered"
    idle.clock.ahead += LATER[0] + timedelta(seconds=1)
    await erase_due(idle.service)
    assert (idle.twilio.messages, await idle.count("copies")) == ({}, 0)


async def test_what_a_platform_never_deletes_is_asked_for_over_hours_then_left_to_it_and_told(
    idle: House, caplog: pytest.LogCaptureFixture
) -> None:
    (sid,) = await sent(idle, 1)
    idle.twilio.messages[sid].status = "sent"
    for wait in LATER:
        await erase_due(idle.service)
        assert await idle.count("copies") == 1
        idle.clock.ahead += wait + timedelta(seconds=1)
    assert "copy_left" not in caplog.text
    await erase_due(idle.service)
    assert await idle.count("copies") == 0
    assert "copy_left_to_platform" in caplog.text
    assert all(earlier < later for earlier, later in pairwise(LATER))


async def test_what_was_deleted_and_not_recorded_is_asked_for_again_without_harm(idle: House) -> None:
    sids = await sent(idle, 2)
    await idle.service.channels.on["sms"].erase("", tuple(sids))  # by a worker that died then
    await erase_due(idle.service)
    assert await idle.count("copies") == 0


async def test_copies_of_a_channel_that_is_off_wait_and_hold_nobody_up(idle: House) -> None:
    async with idle.service.database.begin() as tx:
        await copies.note(tx, "post", ["1"], idle.clock())
    await sent(idle, 1)
    await erase_due(idle.service)
    assert (idle.twilio.messages, await idle.count("copies WHERE channel = 'post' AND attempts = 1")) == ({}, 1)
