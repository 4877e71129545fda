from datetime import UTC, datetime
from pathlib import Path

import pytest

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


def test_names_that_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    identity = HybridIdentity.generate()
    for name in ("../outside", "keys/epochs/1.key"):
        (tmp_path / "root" / "keys" / "epochs").mkdir(parents=True, exist_ok=True)
        (tmp_path / "outside").write_bytes(b"x")
        (tmp_path / "root/keys/epochs/1.key").write_bytes(b"x")
        packed = key_archive._packed(tmp_path / "root", [name])
        (tmp_path / "keys.age").write_bytes(age.encrypt(packed, [identity.recipient()]))
        with pytest.raises(KeysRefused, match="no key has"):
            key_archive.read(tmp_path / "keys.age", identity)


def test_nobody_to_seal_to_is_refused(here: Path, tmp_path: Path) -> None:
    with pytest.raises(age.RecipientsRefused):
        key_archive.write(tmp_path / "keys.age", here, ["keys"], [])
    assert not (tmp_path / "keys.age").exists()
