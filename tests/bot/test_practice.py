import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import practice
from storage import identity, keys
from storage.roster import Roster
from storage.trust import Trust


def roster_in(place: Path) -> Roster:
    trust = Trust.beside(place / "roster.json")
    assert trust is not None
    return Roster.load(place / "roster.json", trust.directors, trust.threshold)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    practice.prepare(folder)
    return folder


def test_the_roster_is_marked_as_practice_and_signed_by_two(data_dir: Path) -> None:
    trust = Trust.beside(data_dir / "practice" / "roster.json")
    assert trust is not None
    assert trust.threshold == practice.DIRECTORS == 2
    assert practice.directors(data_dir) == trust.directors
    assert roster_in(data_dir / "practice").practice


def test_every_unit_has_an_officer_whose_key_opens_with_the_passphrase(data_dir: Path) -> None:
    place = data_dir / "practice"
    roster, today = roster_in(place), datetime.now(UTC).date()
    assert len(roster.units) == 6
    assert {unit.country for unit in roster.units.values()} == {"CO", "ES"}
    assert roster.units_without_key(roster.units, today) == []
    passphrase = (place / "passphrase").read_text().strip()
    key = identity.read_key_file(place / "coat.key", passphrase)
    assert roster.recipients(["coat"], today) == [key.recipient]


def test_officers_accept_the_seal_of_this_server(data_dir: Path) -> None:
    sealer = keys.KeyRing.open(data_dir / "keys").sealer_key().public_key()
    assert roster_in(data_dir / "practice").knows_sealer(sealer)


def test_keys_and_passphrase_are_private(data_dir: Path) -> None:
    private = [*(data_dir / "practice").glob("*.key"), data_dir / "practice" / "passphrase"]
    assert len(private) == 7
    assert {stat.S_IMODE(file.stat().st_mode) for file in private} == {0o600}
    assert stat.S_IMODE((data_dir / "practice").stat().st_mode) == 0o700


def test_a_second_start_keeps_the_keys(data_dir: Path) -> None:
    before = (data_dir / "practice" / "roster.json").read_bytes()
    practice.prepare(data_dir)
    assert (data_dir / "practice" / "roster.json").read_bytes() == before


def test_half_a_folder_and_another_seal_are_made_anew(tmp_path: Path) -> None:
    place = practice.prepare(tmp_path)
    (place / "directors").unlink()
    practice.prepare(tmp_path)
    assert roster_in(place).practice
    (tmp_path / "keys" / "sealer.key").unlink()
    practice.prepare(tmp_path)
    sealer = keys.KeyRing.open(tmp_path / "keys").sealer_key().public_key()
    assert roster_in(place).knows_sealer(sealer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["keys", "practice"]
