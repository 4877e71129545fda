"""Signs of a prank or a flood reach the officers as flags; nobody is blocked for them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import floods
from bot.cli import faro
from bot.placements import COLUMNS, NAME, Placements
from storage import reports
from tests.engine import Engine
from tests.house import House, furnished

ACCOUNT = "me van a matar, me tienen en una casa grande cerca del río con otras tres y no nos dejan salir a la calle"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    rows = ["7K3M9,Puerta 1,BOG-MAD,ES,es,1000,2099-12-31", "V9FTH,Puerta 2,BOG-MAD,ES,es,0,2099-12-31"]
    (tmp_path / NAME).write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")
    return tmp_path


async def tells(house: House, *lines: str, channel: str = "telegram") -> None:
    phone = await house.phone(channel)
    for line in lines:
        await phone.say(line)
    await house.quiet(30)


def test_what_is_usual_grows_with_the_cards(listed: Path) -> None:
    cards = Placements.load(listed).by_code
    assert [floods.usual(cards[code]) for code in ("7K3M9", "V9FTH")] == [100, 50]


async def test_a_placement_that_begins_too_many_conversations_has_its_reports_flagged_and_none_refused(
    listed: Path, database_url: str, engine: Engine
) -> None:
    async with furnished(listed, database_url, engine) as house:
        for _ in range(50):
            await (await house.phone("telegram")).say("Viaje V9FTH")
        await house.quiet(60)
        await tells(house, "Viaje 7K3M9", "me van a matar")
        await tells(house, "Viaje V9FTH", "me van a matar")
        bodies = await house.bodies("coat")
        assert [(body["source"]["placement"], body["flags"]) for body in bodies] == [
            ("7K3M9", ["without_consent"]), ("V9FTH", ["without_consent", "flood"]),
        ]  # fmt: skip
        assert "quizá muchas personas a la vez" in (await house.reports("coat"))[1].parts["report.txt"].decode()
        async with house.service.database.begin() as tx:
            assert sorted(one.many for one in await reports.listing(tx, "coat")) == [False, True]


async def test_the_same_account_from_several_people_is_flagged_from_the_third_on(house: House) -> None:
    for said in (ACCOUNT, ACCOUNT.upper(), ACCOUNT + ".", "me van a matar"):
        await tells(house, said)
    assert ["repeated" in body["flags"] for body in await house.bodies("coat")] == [False, False, True, False]


async def test_one_person_who_adds_to_an_account_does_not_repeat_it(house: House) -> None:
    await tells(house, ACCOUNT, "estamos cerca de la estación", "somos cuatro", "hay un perro", "y una reja verde")
    bodies = await house.bodies("coat")
    assert len(bodies) == 5
    assert not any("repeated" in body["flags"] for body in bodies)


async def test_nothing_of_it_tells_a_thief_of_the_database_what_was_said_or_which_card_it_was(
    listed: Path, database_url: str, engine: Engine
) -> None:
    async with furnished(listed, database_url, engine) as house:
        await tells(house, "Viaje 7K3M9", ACCOUNT)
        assert await house.count("tallies") == 2
        async with house.service.database.begin() as tx:
            (row,) = (await tx.exec_driver_sql("SELECT string_agg(t::text, ' ') FROM tallies t")).all()
        assert not any(word in row[0] for word in ("7K3M9", "río", b"7K3M9".hex()))


async def test_the_officers_list_says_which_came_among_many(
    listed: Path, database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with furnished(listed, database_url, engine) as house:
        for _ in range(3):
            await tells(house, ACCOUNT)
        settings = house.service.settings
        for name in ("data_dir", "database_url"):
            monkeypatch.setenv(f"FARO_{name.upper()}", str(getattr(settings, name)))
        monkeypatch.setenv("FARO_ROSTER_KEYS", ",".join(settings.roster_keys))
        done = await asyncio.to_thread(CliRunner().invoke, faro, ["officer", "list", "--unit", "coat"])
        assert done.output.count("among unusually many") == 1
