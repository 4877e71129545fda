"""The drill on a real house: what a seizure finds after a report and an exit, and of a conversation that goes on."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import drill
from bot.drill import Loot
from bot.errors import SettingsError
from tests.channels.platforms.phone import Phone
from tests.house import House
from tests.promises import MARKS, TO_CONSENT, WHOLE, tell

LIVING = "Ornitorrinco"


async def gone_and_living(house: House) -> tuple[Phone, Phone]:
    """One person told everything, was reported, and left; another is still writing."""
    first, second = await house.phone("telegram"), await house.phone("whatsapp")
    await tell(house, first, [*WHOLE, "salir"])
    await tell(house, second, ["hola", *TO_CONSENT[1:], "2", "saltar", "1", f"sí, lo guarda {LIVING}"])
    return first, second


def seized(house: House, words: list[str], addresses: list[str], *, database_only: bool = False) -> tuple[Loot, str]:
    settings = house.service.settings
    with tempfile.TemporaryDirectory(prefix="faro-") as folder:
        loot = drill.take(settings, settings.database_url, Path(folder), words, addresses, database_only=database_only)
        assert not (Path(folder) / "data" / "keys" / "epochs").exists()
    return loot, "\n".join(drill.report(loot, settings, database_only=database_only))


async def test_of_a_person_who_left_nothing_is_found_and_of_one_who_writes_only_where_the_keys_are(
    house: House,
) -> None:
    first, second = await gone_and_living(house)
    words, addresses = [*MARKS, LIVING, "telegram"], [first.address, second.address]
    loot, told = seized(house, words, addresses)
    assert loot.words.pop("telegram")  # the search finds what is there
    assert set(map(len, loot.words.values())) == {0}  # no file holds any word as it lies
    assert [loot.told[mark] for mark in MARKS] == [0] * len(MARKS)
    assert loot.told[LIVING] >= 1
    assert (loot.conversations.opened, loot.conversations.total) == (1, 1)
    assert "1 of 1 opened" in told
    assert "THEIR WORDS AND ADDRESSES CAN BE READ" in told
    assert loot.people == 1
    sealed, opened = loot.reports
    assert sealed >= 1
    assert opened == 0
    assert loot.keys_tried >= 5
    assert "FARO_TWILIO_AUTH_TOKEN: Twilio's own log" in told


async def test_of_a_stolen_backup_without_keys_no_conversation_opens(house: House) -> None:
    first, second = await gone_and_living(house)
    loot, told = seized(house, [*MARKS, LIVING], [first.address, second.address], database_only=True)
    assert set(map(len, loot.words.values())) == {0}
    assert set(loot.told.values()) == {0}
    assert (loot.conversations.opened, loot.conversations.total, loot.people, loot.keys_tried) == (0, 1, 0, 0)
    assert "any living conversation, and who has one" in told
    assert "living conversations, by channel: whatsapp 1" in told


async def test_the_attempts_are_real_a_key_that_is_left_on_the_host_opens_its_reports(house: House) -> None:
    await gone_and_living(house)
    key = house.officers.keys["coat"].identity
    (house.service.settings.data_dir / "forgotten.key").write_text(f"{key.secret()}\n")
    loot, told = seized(house, [], [])
    assert loot.reports[1] >= 1
    assert f"{loot.reports[1]} of {loot.reports[0]} opened" in told


async def test_the_command_tells_it_and_keeps_what_was_taken_only_where_it_is_told_to(
    house: House, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = house.service.settings
    monkeypatch.setenv("FARO_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("FARO_DATABASE_URL", settings.database_url)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    run = CliRunner().invoke(drill.drill, ["--out", "loot", "--word", "faro"])
    assert run.exit_code == 0, run.output
    assert "What a reader can't learn" in run.output
    assert "It lies in loot" in run.output
    assert len(list((elsewhere / "loot" / "database").glob("*.tsv"))) > 15
    assert (elsewhere / "loot" / "data" / "keys" / "digest.key").exists()
    for wrong in ("loot", str(settings.data_dir / "loot")):
        assert isinstance(CliRunner().invoke(drill.drill, ["--out", wrong]).exception, SettingsError)
