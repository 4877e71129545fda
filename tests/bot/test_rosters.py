from pathlib import Path

import pytest

from bot import rosters
from bot.settings import Settings
from storage import roster_seen
from storage.database import Database
from storage.keys import KeyRing
from storage.roster import Roster, RosterRefused
from tests.house import UNITS, Officers


@pytest.fixture
def officers(tmp_path: Path) -> Officers:
    return Officers.appoint(tmp_path, KeyRing.open(tmp_path / "keys"))


async def loaded(database: Database, folder: Path, keys: tuple[str, ...], **more: object) -> Roster:
    settings = Settings(_env_file=None, data_dir=folder, roster_keys=keys, **more)
    async with database.begin() as tx:
        return await rosters.load(tx, settings)


async def refused(database: Database, folder: Path, keys: tuple[str, ...], **more: object) -> str:
    with pytest.raises(RosterRefused) as caught:
        await loaded(database, folder, keys, **more)
    return str(caught.value)


async def test_a_roster_that_both_directors_signed_is_in_force_and_remembered(
    database: Database, tmp_path: Path, officers: Officers
) -> None:
    roster = await loaded(database, tmp_path, officers.directors)
    assert set(roster.units) == set(UNITS)
    async with database.begin() as tx:
        assert await roster_seen.seen(tx, "roster") == roster.version
        assert await roster_seen.seen(tx, "practice") == 0
    assert (await loaded(database, tmp_path, officers.directors)).version == roster.version


async def test_an_older_roster_does_not_come_back(database: Database, tmp_path: Path, officers: Officers) -> None:
    async with database.begin() as tx:
        await roster_seen.remember(tx, 9, "roster")
    assert "older than version 9" in await refused(database, tmp_path, officers.directors)


async def test_a_roster_of_strangers_is_refused(database: Database, tmp_path: Path, officers: Officers) -> None:
    others = Officers.appoint(tmp_path / "others", KeyRing.open(tmp_path / "keys")).directors
    assert "signed by 0 of the 2" in await refused(database, tmp_path, others)
    mixed = (officers.directors[0], others[1])
    assert "signed by 1 of the 2" in await refused(database, tmp_path, mixed)
    assert await loaded(database, tmp_path, mixed, roster_threshold=1)


async def test_a_missing_or_damaged_file_is_refused_by_name(
    database: Database, tmp_path: Path, officers: Officers
) -> None:
    file = tmp_path / "roster.json"
    file.write_bytes(file.read_bytes()[:-9])
    assert await refused(database, tmp_path, officers.directors) == "not a roster"
    file.unlink()
    assert str(file) in await refused(database, tmp_path, officers.directors)


@pytest.mark.parametrize("keys", [("zarzamora", "x"), ("aa" * 32,)])
async def test_keys_that_are_none_or_too_few_are_refused_and_not_shown(
    database: Database, tmp_path: Path, officers: Officers, keys: tuple[str, ...]
) -> None:
    said = await refused(database, tmp_path, keys)
    assert not any(key in said for key in keys if len(key) > 1)


async def test_practice_and_real_rosters_do_not_stand_in_for_each_other(
    database: Database, tmp_path: Path, officers: Officers
) -> None:
    practice = Officers.appoint(tmp_path / "practice", KeyRing.open(tmp_path / "keys"), practice=True)
    assert (await loaded(database, tmp_path, ())).practice
    there = {"roster": str(tmp_path / "practice" / "roster.json")}
    assert "practice" in await refused(database, tmp_path, practice.directors, **there)
    # … and the real one under the practice folder's trust
    (tmp_path / "practice" / "roster.json").write_bytes((tmp_path / "roster.json").read_bytes())
    (tmp_path / "practice" / "directors").write_text("\n".join(officers.directors))
    assert "practice" in await refused(database, tmp_path, ())


async def test_in_practice_nobody_is_trusted_before_the_officers_were_made_up(
    database: Database, tmp_path: Path
) -> None:
    assert "practice mode, since FARO_ROSTER_KEYS is empty" in await refused(database, tmp_path, ())
