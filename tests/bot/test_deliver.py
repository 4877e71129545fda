"""Units are told by mail that something waits, on the loopback; an urgent report again until somebody has it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import deliver
from bot.deliver import BACKOFF, LOOK_AGAIN
from storage import deliveries, reports
from tests.bot.notify.smtp_server import MailServer, certificate, serving
from tests.engine import Engine
from tests.house import UNITS, House, furnished

DANGER = ["auxilio me pegan"]
CALM = ["hola", "1", "1", "3", "1", "1", "saltar", *["2"] * 5, "4", "2", "10", "2", "saltar", "saltar", "5"]


@pytest.fixture
async def mail(tmp_path: Path) -> AsyncIterator[MailServer]:
    async with serving(MailServer("none"), certificate(tmp_path)) as server:
        yield server


@pytest.fixture
async def told(tmp_path: Path, database_url: str, engine: Engine, mail: MailServer) -> AsyncIterator[House]:
    """The centre wants a notice, the prosecutors the sealed file too, and child protection has no mail."""
    units = UNITS | {
        "coat": replace(UNITS["coat"], email="coat@unit.example"),
        "fiscalia": replace(UNITS["fiscalia"], email="fiscalia@unit.example", wants_file=True),
    }
    more = {"smtp_url": f"smtp://127.0.0.1:{mail.port}", "mail_from": "faro@host.example"}
    async with furnished(tmp_path, database_url, engine, units=units, **more) as house:
        yield house


async def tell(house: House, lines: list[str]) -> None:
    phone = await house.phone("telegram")
    for line in lines:
        await phone.say(line)
        await house.quiet()


async def again(house: House) -> None:
    """Every notice once more, whatever its time."""
    async with house.service.database.begin() as tx:
        ids = list((await tx.execute(text("SELECT id FROM deliveries ORDER BY id"))).scalars())
    for number in ids:
        await deliver.deliver(house.service, number)


async def test_each_unit_gets_what_it_wants_and_no_word_of_the_person(told: House, mail: MailServer) -> None:
    await tell(told, DANGER)
    mails = {recipient: content for _, recipient, content in mail.mails}
    assert set(mails) == {"coat@unit.example", "fiscalia@unit.example"}
    assert b"Class: P0" in mails["coat@unit.example"]
    assert b"attachment" in mails["fiscalia@unit.example"]
    assert b"attachment" not in mails["coat@unit.example"]
    assert not any(b"auxilio" in content for content in mails.values())
    assert mail.faults == []


async def test_an_urgent_one_comes_again_until_an_officer_has_it(told: House, mail: MailServer) -> None:
    await tell(told, DANGER)
    await again(told)
    assert len(mail.mails) == 4
    async with told.service.database.begin() as tx:
        (listed,) = await reports.listing(tx, "coat")
        await reports.acknowledge(tx, listed.id, "coat", "officer-coat")
    await again(told)
    assert [recipient for _, recipient, _ in mail.mails[4:]] == ["fiscalia@unit.example"]
    waits = await told.count("procrastinate_jobs WHERE task_name = 'deliver' AND scheduled_at > now()")
    assert waits > 0


async def test_another_is_told_once(told: House, mail: MailServer) -> None:
    await tell(told, CALM)
    assert [recipient for _, recipient, _ in mail.mails] == ["coat@unit.example"]
    await again(told)
    assert len(mail.mails) == 1


async def test_a_mail_server_that_refuses_is_tried_later_and_nothing_is_lost(told: House, mail: MailServer) -> None:
    mail.refuse["MAIL"] = "451 4.3.0 later"
    await tell(told, DANGER)
    assert mail.mails == []
    assert await told.count("deliveries WHERE attempts = 1 AND due > now()") == 2
    del mail.refuse["MAIL"]
    await again(told)
    assert len(mail.mails) == 2


async def test_each_failure_waits_longer_at_most_an_hour(told: House, mail: MailServer) -> None:
    mail.refuse["MAIL"] = "550 5.7.1 never"
    await tell(told, CALM)
    for minutes in [*BACKOFF[1:], BACKOFF[-1]]:
        await again(told)
        async with told.service.database.begin() as tx:
            due = await tx.scalar(text("SELECT due FROM deliveries WHERE attempts > 0"))
        assert due is not None
        wait = due - told.clock()
        assert timedelta(minutes=minutes) - timedelta(seconds=30) < wait <= timedelta(minutes=minutes)


async def test_without_mail_a_report_lies_ready_and_waits_for_its_officer(house: House) -> None:
    await tell(house, DANGER)
    async with house.service.database.begin() as tx:
        assert len(await reports.listing(tx, "coat")) == 1
        assert await deliveries.due(tx, house.clock()) == []  # the sweep does not come back to it every few seconds
        assert len(await deliveries.due(tx, house.clock() + LOOK_AGAIN)) == len(await _unread(house))


async def _unread(house: House) -> list[int]:
    async with house.service.database.begin() as tx:
        return list((await tx.execute(text("SELECT id FROM deliveries WHERE due IS NOT NULL"))).scalars())


async def test_a_notice_that_is_no_more_is_nothing(house: House) -> None:
    await deliver.deliver(house.service, 12345)
