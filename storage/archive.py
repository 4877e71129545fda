"""The padded tar inside a sealed file, written and read in its single canonical form (FORMAT.md, section 3)."""

import re
import tarfile
from collections.abc import Mapping

from storage.refused import Refused

BLOCK = 512
SMALLEST, MIB = 64 * 1024, 1024 * 1024
MAX_SIZE = 64 * MIB
NAME = re.compile(r"(manifest\.(json|sig)|report\.(txt|json)|att/[1-9][0-9]?\.[a-z0-9]{1,5})\Z", re.ASCII)


class ArchiveRefused(Refused):
    """Not an archive of ours, whatever else it may be."""


def pack(members: Mapping[str, bytes], smallest: int = SMALLEST) -> bytes:
    """The archive of these members, in this order, zero-padded to its bucket."""
    blocks = [part for name, data in members.items() for part in (_header(name, len(data)), data, _fill(len(data)))]
    size = sum(map(len, blocks)) + 2 * BLOCK
    if size > MAX_SIZE:
        raise ArchiveRefused("too large")
    return b"".join([*blocks, bytes(2 * BLOCK + _bucket(size, smallest) - size)])


def unpack(data: bytes) -> dict[str, bytes]:
    """The members, in their order. Raises ArchiveRefused."""
    if len(data) > MAX_SIZE or len(data) % BLOCK:
        raise ArchiveRefused("a size that no archive has")
    members: dict[str, bytes] = {}
    at = 0
    while not _blank(block := data[at : at + BLOCK]):
        name, size = _read_header(block)
        start, at = at + BLOCK, at + BLOCK + size + len(_fill(size))
        if name in members or at > len(data) or not _blank(data[start + size : at]):
            raise ArchiveRefused("a member that is double, cut, or padded with something")
        members[name] = data[start : start + size]
    if len(data) - at < 2 * BLOCK or not _blank(data[at:]):
        raise ArchiveRefused("no clean end")
    return members


def _header(name: str, size: int) -> bytes:
    if not NAME.match(name):
        raise ArchiveRefused("a member of another name")
    info = tarfile.TarInfo(name)
    info.size = size
    return info.tobuf(tarfile.USTAR_FORMAT)


def _read_header(block: bytes) -> tuple[str, int]:
    """Name and size; the whole block must be what `_header` makes of them, so no other feature of tar is read."""
    try:
        name = block[:100].rstrip(b"\0").decode("ascii")
        size = int(block[124:135].decode("ascii"), 8)
    except ValueError:
        raise ArchiveRefused("a malformed header") from None
    if not 0 <= size <= MAX_SIZE or _header(name, size) != block:
        raise ArchiveRefused("a header that is not canonical")
    return name, size


def _fill(size: int) -> bytes:
    return bytes(-size % BLOCK)


def _blank(data: bytes) -> bool:
    return data.count(0) == len(data)


def _bucket(size: int, smallest: int) -> int:
    """The size that an archive of `size` bytes is padded to: a power of two up to 1 MiB, then whole MiB."""
    bucket = smallest
    while bucket < min(size, MIB):
        bucket *= 2
    return bucket if size <= bucket else -(-size // MIB) * MIB
