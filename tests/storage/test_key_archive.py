from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.fuzz_backups import packed, tricks
from storage import age, key_archive
from storage.age import HybridIdentity
from storage.key_archive import KeysRefused
from storage.keys import KeyRing

NAMES = ["keys/digest.key", "keys/pepper.key", "keys/sealer.key"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A data folder whose ring has all kinds of keys."""
    ring = KeyRing.open(tmp_path / "here" / "keys")
    ring.sealer_key()
    ring.pseudonym("telegram", "1", datetime.now(UTC))
    ring.new_data_key(b"row", datetime.now(UTC))
    return tmp_path / "here"


def test_keys_that_last_come_back_and_those_meant_to_vanish_do_not(here: Path, tmp_path: Path) -> None:
    identity = HybridIdentity.generate()
    assert key_archive.write(tmp_path / "keys.age", here, ["keys"], [identity.recipient()]) == NAMES
    keys = key_archive.read(tmp_path / "keys.age", identity)
    assert keys == {name: (here / name).read_bytes() for name in NAMES}
    key_archive.lay(tmp_path / "there", keys)
    assert (tmp_path / "there/keys/pepper.key").read_bytes() == (here / "keys/pepper.key").read_bytes()
    assert (tmp_path / "there/keys/pepper.key").stat().st_mode & 0o777 == 0o600
    key_archive.lay(tmp_path / "there", keys)  # the same ones may lie there


def test_any_folder_that_says_it_is_not_to_be_backed_up_stays_out(here: Path, tmp_path: Path) -> None:
    (here / "keys/other").mkdir()
    (here / "keys/other/CACHEDIR.TAG").write_text("Signature")
    (here / "keys/other/1.key").write_bytes(b"k")
    for name in ("epochs", "pseudonyms"):
        (here / "keys" / name / "CACHEDIR.TAG").unlink()
    assert key_archive.write(tmp_path / "keys.age", here, ["keys"], [HybridIdentity.generate().recipient()]) == NAMES


def test_only_the_addressed_key_opens_it(here: Path, tmp_path: Path) -> None:
    key_archive.write(tmp_path / "keys.age", here, ["keys"], [HybridIdentity.generate().recipient()])
    with pytest.raises(KeysRefused, match="not addressed"):
        key_archive.read(tmp_path / "keys.age", HybridIdentity.generate())
    (tmp_path / "keys.age").write_bytes(b"x")
    with pytest.raises(KeysRefused, match="damaged"):
        key_archive.read(tmp_path / "keys.age", HybridIdentity.generate())


def test_nothing_is_written_where_one_key_differs(here: Path, tmp_path: Path) -> None:
    identity = HybridIdentity.generate()
    key_archive.write(tmp_path / "keys.age", here, ["keys"], [identity.recipient()])
    keys = key_archive.read(tmp_path / "keys.age", identity)
    (tmp_path / "there/keys").mkdir(parents=True)
    (tmp_path / "there/keys/sealer.key").write_bytes(b"another")
    with pytest.raises(KeysRefused, match=r"another keys/sealer\.key"):
        key_archive.lay(tmp_path / "there", keys)
    assert not (tmp_path / "there/keys/pepper.key").exists()


@pytest.mark.parametrize(
    ("name", "key", "why"),
    [("../outside", b"", "damaged"), ("/outside", b"", "damaged"), ("keys/epochs/1.key", bytes(32), "no key has"),
     ("roster.json", b"", "no key has"), ("keys", b"", "no key has"), ("keys/sealer.key", bytes(5), "another length"),
     ("keys/long", bytes(100_000), "damaged")],
)  # fmt: skip
def test_who_knows_the_card_alone_can_put_nothing_else_there(tmp_path: Path, name: str, key: bytes, why: str) -> None:
    identity = HybridIdentity.generate()
    sealed = age.encrypt(packed({name: key}), [identity.recipient()])
    (tmp_path / "keys.age").write_bytes(sealed)
    with pytest.raises(KeysRefused, match=why):
        key_archive.read(tmp_path / "keys.age", identity)


def test_no_trick_of_a_tar_ends_in_anything_but_a_refusal(tmp_path: Path) -> None:
    identity = HybridIdentity.generate()
    for trick in tricks("keys/sealer.key", bytes(32)):
        (tmp_path / "keys.age").write_bytes(age.encrypt(trick, [identity.recipient()]))
        try:
            keys = key_archive.read(tmp_path / "keys.age", identity)
        except KeysRefused:
            continue
        assert keys in ({}, {"keys/sealer.key": bytes(32)})


def test_nobody_to_seal_to_is_refused(here: Path, tmp_path: Path) -> None:
    with pytest.raises(age.RecipientsRefused):
        key_archive.write(tmp_path / "keys.age", here, ["keys"], [])
    assert not (tmp_path / "keys.age").exists()
