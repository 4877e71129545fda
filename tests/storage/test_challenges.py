from datetime import UTC, datetime, timedelta

import pytest

from storage.challenges import SECONDS, Challenges

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@pytest.fixture
def challenges(tmp_path):
    return Challenges(tmp_path / "keys")


def test_a_challenge_counts_for_two_minutes_and_no_two_are_alike(challenges):
    first, second = challenges.new(NOW), challenges.new(NOW)
    assert first != second
    assert len(bytes.fromhex(first)) == 32
    assert challenges.genuine(first, NOW)
    assert challenges.genuine(first, NOW + timedelta(seconds=SECONDS - 1))
    assert not challenges.genuine(first, NOW + timedelta(seconds=SECONDS))
    assert not challenges.genuine(first, NOW - timedelta(seconds=1))


def test_no_changed_digit_and_no_other_spelling_is_genuine(challenges):
    made = challenges.new(NOW)
    changed = [made[:at] + ("0" if made[at] != "0" else "1") + made[at + 1 :] for at in range(64)]
    spelt = [made.upper(), made + "00", made[:-2], f" {made}", "", "x" * 64, "é" * 64, "00" * 32]
    tried = [one for one in [*changed, *spelt] if one != made]
    assert len(tried) > 70
    assert [one for one in tried if challenges.genuine(one, NOW)] == []


def test_consoles_share_the_key_and_another_installation_has_another(challenges, tmp_path):
    made = challenges.new(NOW)
    assert Challenges(tmp_path / "keys").genuine(made, NOW)
    assert not Challenges(tmp_path / "elsewhere").genuine(made, NOW)


def test_its_key_is_the_only_one_and_removed_it_is_made_anew(challenges, tmp_path):
    made = challenges.new(NOW)
    files = list((tmp_path / "keys").rglob("*.key"))
    assert [path.relative_to(tmp_path).as_posix() for path in files] == ["keys/console/challenge.key"]
    assert (files[0].parent / "CACHEDIR.TAG").exists()  # no backup needs it
    assert files[0].stat().st_mode & 0o777 == 0o600
    assert files[0].parent.stat().st_mode & 0o777 == 0o700
    files[0].unlink()
    assert not challenges.genuine(made, NOW)
    assert challenges.genuine(challenges.new(NOW), NOW)
