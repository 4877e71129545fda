import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.errors import KeyGone, Tampered
from storage.keys import EPOCH_SECONDS, KeyRing, epoch_of, epoch_start

EPOCH = timedelta(seconds=EPOCH_SECONDS)


def test_many_processes_that_open_a_new_ring_at_once_get_the_same_keys(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: KeyRing.open(tmp_path / "keys"), range(16)))
    assert len({ring.pepper for ring in rings}) == 1
    assert len({ring.digest("message", "1") for ring in rings}) == 1
    assert len({ring.sealer_key().private_bytes_raw() for ring in rings}) == 1


def test_only_the_owner_can_read_the_keys(keys: KeyRing, tmp_path: Path, now: datetime) -> None:
    keys.new_data_key(b"place", now)
    keys.pseudonym("sms", "1", now)
    keys.sealer_key()
    files = list((tmp_path / "keys").rglob("*.key"))
    names = {"2026-11.key", "digest.key", "pepper.key", "sealer.key", f"{epoch_of(now)}.key"}
    assert {path.name for path in files} == names
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.parent.stat().st_mode & 0o777 for path in files} == {0o700}


def test_folders_of_short_lived_keys_ask_backups_to_leave_them_out(keys: KeyRing, tmp_path: Path) -> None:
    for name in ("epochs", "pseudonyms"):
        tag = (tmp_path / "keys" / name / "CACHEDIR.TAG").read_text()
        assert tag.startswith("Signature: 8a477f597d28d172789f06886806bc55")


def test_a_pseudonym_is_the_same_for_a_month_and_another_in_the_next(keys: KeyRing, now: datetime) -> None:
    first = keys.pseudonym("sms", "+5730000", now)
    assert len(first) == 32
    assert keys.pseudonym("sms", "+5730000", now + timedelta(days=15)) == first
    assert keys.pseudonym("sms", "+5730000", now + timedelta(days=16)) != first
    assert keys.earlier_pseudonyms("sms", "+5730000", now + timedelta(days=16)) == [first]


def test_pseudonyms_of_channels_and_addresses_never_run_together(keys: KeyRing, now: datetime) -> None:
    assert keys.pseudonym("sms", "+1", now) != keys.pseudonym("whatsapp", "+1", now)
    assert keys.pseudonym("a", "bc", now) != keys.pseudonym("ab", "c", now)


def test_there_is_no_earlier_pseudonym_before_the_first_month(keys: KeyRing, now: datetime) -> None:
    assert keys.earlier_pseudonyms("sms", "+1", now) == []


def test_pseudonym_keys_are_shredded_after_the_following_month(keys: KeyRing, now: datetime) -> None:
    first = keys.pseudonym("sms", "+1", now)
    next_month = datetime(2026, 12, 31, 23, 59, tzinfo=UTC)
    keys.pseudonym("sms", "+1", next_month)
    assert keys.shred_months(next_month) == 0
    assert keys.earlier_pseudonyms("sms", "+1", next_month) == [first]
    in_two = datetime(2027, 1, 1, tzinfo=UTC)
    assert keys.shred_months(in_two) == 1
    assert keys.earlier_pseudonyms("sms", "+1", next_month) == []


def test_a_data_key_opens_only_for_the_row_that_it_was_made_for(keys: KeyRing, now: datetime) -> None:
    made = keys.new_data_key(b"row 1", now)
    assert keys.open_data_key(made.epoch, made.wrapped, b"row 1").key == made.key
    with pytest.raises(Tampered):
        keys.open_data_key(made.epoch, made.wrapped, b"row 2")


def test_another_process_sees_at_once_that_an_epoch_was_shredded(tmp_path: Path, now: datetime) -> None:
    one, other = KeyRing.open(tmp_path), KeyRing.open(tmp_path)
    made = one.new_data_key(b"row", now)
    assert other.open_data_key(made.epoch, made.wrapped, b"row").key == made.key
    assert one.shred_epochs(epoch_start(made.epoch) + EPOCH) == 1
    with pytest.raises(KeyGone):
        other.open_data_key(made.epoch, made.wrapped, b"row")
    with pytest.raises(KeyGone):
        one.open_data_key(made.epoch, made.wrapped, b"row")


def test_an_epoch_key_made_anew_after_a_reboot_is_not_taken_for_the_lost_one(keys: KeyRing, now: datetime) -> None:
    lost = keys.new_data_key(b"row", now)
    keys.shred_epochs(now + EPOCH)
    assert keys.new_data_key(b"row", now).epoch == lost.epoch
    with pytest.raises(KeyGone):
        keys.open_data_key(lost.epoch, lost.wrapped, b"row")


def test_a_key_made_anew_is_read_also_where_its_file_has_the_number_of_the_lost_one(
    tmp_path: Path, now: datetime
) -> None:
    one, other = KeyRing.open(tmp_path), KeyRing.open(tmp_path)
    lost = one.new_data_key(b"row", now)
    other.open_data_key(lost.epoch, lost.wrapped, b"row")
    (path,) = (tmp_path / "epochs").glob("*.key")
    before = path.stat()
    while path.stat().st_ctime_ns == before.st_ctime_ns:  # until the file system's clock has moved on
        path.write_bytes(secrets.token_bytes(32))
    assert path.stat().st_ino == before.st_ino
    made = KeyRing.open(tmp_path).new_data_key(b"row", now)
    assert other.open_data_key(made.epoch, made.wrapped, b"row").key == made.key


def test_an_epoch_that_has_not_ended_is_not_shredded(keys: KeyRing, now: datetime) -> None:
    made = keys.new_data_key(b"row", now)
    assert keys.shred_epochs(epoch_start(made.epoch) + EPOCH - timedelta(seconds=1)) == 0
    keys.open_data_key(made.epoch, made.wrapped, b"row")


def test_a_renewed_key_is_the_same_key_under_the_present_epoch(keys: KeyRing, now: datetime) -> None:
    made = keys.new_data_key(b"row", now)
    assert keys.renew(made, b"row", now) is made
    renewed = keys.renew(made, b"row", now + EPOCH)
    assert renewed.key == made.key
    assert renewed.epoch == made.epoch + 1
    assert keys.open_data_key(renewed.epoch, renewed.wrapped, b"row").key == made.key


def test_epoch_keys_may_lie_on_another_disk(tmp_path: Path, now: datetime) -> None:
    ring = KeyRing.open(tmp_path / "keys", epochs=tmp_path / "memory")
    made = ring.new_data_key(b"row", now)
    assert (tmp_path / "memory" / f"{made.epoch}.key").exists()
    assert not (tmp_path / "keys" / "epochs").exists()


def test_a_ring_keeps_its_long_lived_keys(tmp_path: Path) -> None:
    one, later = KeyRing.open(tmp_path), KeyRing.open(tmp_path)
    assert one.digest("message", "telegram", "7") == later.digest("message", "telegram", "7")
    assert one.digest("message", "telegram", "7") != one.digest("other", "telegram", "7")
    assert one.sealer_key().public_key() == later.sealer_key().public_key()
