import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import archive

MEMBERS = {"manifest.json": b"{}", "manifest.sig": bytes(64), "report.txt": b"words", "att/1.jpg": bytes(600)}


def foreign(*infos: tarfile.TarInfo, size: int = archive.SMALLEST) -> bytes:
    """A tar that another program made, padded to a bucket."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for info in infos:
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    return target.getvalue().ljust(size, b"\0")


def member(name: str, **values: object) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    for key, value in values.items():
        setattr(info, key, value)
    return info


def test_members_come_back_in_their_order():
    assert list(archive.unpack(archive.pack(MEMBERS)).items()) == list(MEMBERS.items())


def test_other_programs_read_it_as_a_tar():
    with tarfile.open(fileobj=io.BytesIO(archive.pack(MEMBERS)), mode="r:") as tar:
        assert {info.name: tar.extractfile(info).read() for info in tar} == MEMBERS


def test_attachment_of_nothing_but_zeros_survives_the_padding():
    zeros = {"att/1.bin": bytes(40_000), "att/2.bin": bytes(512), "att/3.bin": b"", "att/4.bin": b"x" + bytes(511)}
    assert archive.unpack(archive.pack(zeros)) == zeros


@pytest.mark.parametrize(
    ("size", "bucket"),
    [(0, 64), (1, 64), (62 * 1024, 64), (64 * 1024, 128), (130 * 1024, 256), (600 * 1024, 1024), (1100 * 1024, 2048),
     (2047 * 1024, 3072)],
)  # fmt: skip
def test_sizes_are_buckets(size, bucket):
    assert len(archive.pack({"att/1.bin": bytes(size)})) == bucket * 1024


@settings(max_examples=200)
@given(st.dictionaries(st.sampled_from(["report.txt", "att/1.jpg", "att/99.ogg"]), st.binary(max_size=2000)))
def test_whatever_is_packed_is_unpacked(members):
    assert archive.unpack(archive.pack(members)) == members


@pytest.mark.parametrize(
    "name",
    ["../report.txt", "/etc/passwd", "att/../x.jpg", "att/0.jpg", "att/100.jpg", "att/1.JPG", "att/1", "report.txt\n",
     "x", "att/1.jpg/", "att//1.jpg", "./report.txt", "report.txt\0.jpg"],
)  # fmt: skip
def test_odd_names_are_neither_written_nor_read(name):
    with pytest.raises(archive.ArchiveRefused):
        archive.pack({name: b""})
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack(foreign(member(name)))


@pytest.mark.parametrize(
    "info",
    [
        member("report.txt", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        member("report.txt", type=tarfile.LNKTYPE, linkname="manifest.json"),
        member("report.txt", type=tarfile.CHRTYPE),
        member("report.txt", type=tarfile.FIFOTYPE),
        member("report.txt", type=tarfile.DIRTYPE),
        member("report.txt", type=tarfile.GNUTYPE_SPARSE),
        member("report.txt", mode=0o4777),
        member("report.txt", uname="root"),
        member("report.txt", mtime=1),
        member("report.txt", pax_headers={"path": "/etc/passwd"}),
        member("att/" + "1" * 200 + ".jpg"),
    ],
    ids=["symlink", "hard link", "device", "fifo", "folder", "sparse", "setuid", "owner", "time", "pax", "long name"],
)
def test_every_other_feature_of_tar_is_refused(info):
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack(foreign(info))


def test_size_that_promises_more_than_there_is_is_refused():
    data = bytearray(archive.pack({"report.txt": b"words"}))
    for claimed in (10**6, 8**11 - 1):
        bomb = tarfile.TarInfo("report.txt")
        bomb.size = claimed
        data[:512] = bomb.tobuf(tarfile.USTAR_FORMAT)
        with pytest.raises(archive.ArchiveRefused):
            archive.unpack(bytes(data))


def test_nothing_hides_in_the_padding():
    data = archive.pack({"report.txt": b"words"})
    for at in (512 + 5, 512 + 511, 1024 + 600, len(data) - 1):
        with pytest.raises(archive.ArchiveRefused):
            archive.unpack(data[:at] + b"x" + data[at + 1 :])


@pytest.mark.parametrize("data", [b"", b"\0" * 512, b"\0" * 1000, b"x" * 1024, archive.pack(MEMBERS)[:2048]])
def test_what_has_no_clean_end_is_refused(data):
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack(data)


def test_member_that_stands_twice_is_refused():
    block = archive.pack({"report.txt": b"words"})[:1024]
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack(block + block + bytes(2048))


def test_archive_above_the_limit_is_neither_written_nor_read():
    with pytest.raises(archive.ArchiveRefused):
        archive.pack({"att/1.bin": bytes(archive.MAX_SIZE)})
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack(bytes(archive.MAX_SIZE + 512))


@settings(max_examples=500)
@given(st.binary(max_size=3000))
def test_noise_is_refused_and_raises_nothing_else(noise):
    with pytest.raises(archive.ArchiveRefused):
        archive.unpack((b"report.txt" + noise + b"x" * 512)[: (len(noise) + 522) // 512 * 512])
