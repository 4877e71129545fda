"""A tar that somebody hands in: plain files of plain names, or nothing."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from bench.fuzz_backups import packed, packed_badly, tricks
from storage import plain_tar
from storage.plain_tar import TarRefused

TRICKS = 65  # that `tricks` plays, so that none is left out unseen


def names(data: bytes) -> list[str]:
    with plain_tar.opened(io.BytesIO(data)) as archive:
        return archive.names


def test_plain_files_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(packed({"a/b": b"one", "c": b""}))
    with plain_tar.opened(tmp_path / "a.tar") as archive:
        assert archive.names == ["a/b", "c"]
        assert (archive.read("a/b", 3), archive.file("c").read()) == (b"one", b"")
        with pytest.raises(TarRefused, match="larger"):
            archive.read("a/b", 2)
        with pytest.raises(TarRefused, match="d is missing"):
            archive.read("d", 9)


def test_no_trick_makes_it_hold_more_than_it_has() -> None:
    """Each is refused, or what is read is no longer than the tar itself."""
    played = list(tricks("a", b"sound"))
    assert len(played) == TRICKS
    read = [_read(data) for data in played]
    assert read.count(None) > TRICKS // 2
    assert all(content is None or len(content) <= len(data) for content, data in zip(read, played, strict=True))


def _read(data: bytes) -> bytes | None:
    try:
        with plain_tar.opened(io.BytesIO(data)) as archive:
            return archive.file("a").read()
    except TarRefused:
        return None


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_what_is_no_file_is_refused(kind: bytes) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        member = tarfile.TarInfo("a")
        member.type, member.linkname = kind, "a"
        archive.addfile(member)
    with pytest.raises(TarRefused, match="no plain file"):
        names(out.getvalue())


@pytest.mark.parametrize("name", ["../a", "/a", "a/../b", "a//b", "./a", "..", "a\nb", "a\x1b[2J", "a" * 300])
def test_a_name_that_leads_elsewhere_or_is_none_is_refused(name: str) -> None:
    with pytest.raises(TarRefused):
        names(packed_badly(name, {"b": b"x"}))


def test_a_name_twice_and_more_members_than_any_of_ours_has_are_refused() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for _ in range(2):
            archive.addfile(tarfile.TarInfo("a"))
    with pytest.raises(TarRefused, match="twice"):
        names(out.getvalue())
    many = packed({str(place): b"" for place in range(plain_tar.MOST + 1)})
    with pytest.raises(TarRefused, match="more members"):
        names(many)


def test_a_cut_one_and_one_that_is_none_are_refused() -> None:
    whole = packed({"a": bytes(2000)})
    for data in (whole[:1500], b"x" * 2000, b""):
        with pytest.raises(TarRefused):
            names(data)


def test_a_file_beyond_eight_gigabytes_may_have_its_size_in_a_header_of_its_own() -> None:
    member = tarfile.TarInfo("a")
    member.size, member.pax_headers = 3, {"size": "3"}
    data = member.tobuf(tarfile.PAX_FORMAT) + b"abc".ljust(512, b"\0") + bytes(1024)
    with plain_tar.opened(io.BytesIO(data)) as archive:
        assert archive.read("a", 3) == b"abc"
