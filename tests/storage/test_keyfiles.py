from pathlib import Path

from storage import keyfiles


def test_a_key_is_made_once(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    assert keyfiles.read(path) is None
    key = keyfiles.read_or_make(path)
    assert len(key) == 32
    assert keyfiles.read_or_make(path) == key == keyfiles.read(path)


def test_no_draft_is_left_beside_the_key(tmp_path: Path) -> None:
    keyfiles.read_or_make(tmp_path / "a.key")
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


def test_the_loser_of_a_race_takes_the_winners_key(tmp_path: Path) -> None:
    path = tmp_path / "a.key"
    path.write_bytes(b"w" * 32)
    keyfiles.publish(path, b"l" * 32)
    assert path.read_bytes() == b"w" * 32
    assert [path.name for path in tmp_path.iterdir()] == ["a.key"]


def test_a_shredded_key_is_overwritten_before_it_goes(tmp_path: Path) -> None:
    path, other = tmp_path / "a.key", tmp_path / "same file"
    keyfiles.read_or_make(path)
    other.hardlink_to(path)
    keyfiles.shred(path)
    assert not path.exists()
    assert other.read_bytes() == bytes(32)


def test_shredding_twice_does_no_harm(tmp_path: Path) -> None:
    keyfiles.read_or_make(tmp_path / "a.key")
    keyfiles.shred(tmp_path / "a.key")
    keyfiles.shred(tmp_path / "a.key")


def test_a_folder_that_others_could_enter_is_closed(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    assert keyfiles.folder(tmp_path / "keys").stat().st_mode & 0o777 == 0o700
