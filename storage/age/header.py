"""The textual header of an age file: version line, stanzas, MAC (c2sp.org/age, "Header")."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.age.errors import HeaderFailure, HmacFailure

VERSION_LINE = b"age-encryption.org/v1\n"
COLUMNS = 64
# Far above any header made by people (a post-quantum stanza has 1.6 kB), far below what would hurt to hold.
MAX_HEADER = 4 * 1024 * 1024
BASE64 = re.compile(rb"[A-Za-z0-9+/]*\Z")


@dataclass(frozen=True, slots=True)
class Stanza:
    """The file key, wrapped for one recipient: arguments of printable ASCII, the type first, and a body."""

    args: tuple[str, ...]
    body: bytes

    @property
    def type(self) -> str:
        return self.args[0]


@dataclass(frozen=True, slots=True)
class Header:
    """A header as read: its stanzas, the bytes that the MAC covers, the MAC, and its whole length in bytes."""

    stanzas: tuple[Stanza, ...]
    covered: bytes
    mac: bytes
    length: int

    def check(self, file_key: bytes) -> None:
        """Raise HmacFailure unless this header was made with `file_key`."""
        if not bytes_eq(_mac(file_key, self.covered), self.mac):
            raise HmacFailure("the header is not the one that was written")


def write(file_key: bytes, stanzas: Sequence[Stanza]) -> bytes:
    """The bytes of a header."""
    covered = VERSION_LINE + b"".join(_stanza(stanza) for stanza in stanzas) + b"---"
    return covered + b" " + encode64(_mac(file_key, covered)).encode() + b"\n"


def read(source: BinaryIO) -> Header:
    """Read a header and leave `source` at the first byte of the payload. Raises HeaderFailure."""
    lines = _Lines(source)
    if lines.next() != VERSION_LINE[:-1]:
        raise HeaderFailure("not an age v1 file")
    stanzas: list[Stanza] = []
    while (line := lines.next()).startswith(b"-> "):
        stanzas.append(_read_stanza(line, lines))
    if not stanzas or not line.startswith(b"--- "):
        raise HeaderFailure("no stanza, or no MAC line")
    covered = b"\n".join(lines.read[:-1]) + b"\n---"
    return Header(tuple(stanzas), covered, decode64(line[4:], 32), sum(map(len, lines.read)) + len(lines.read))


def encode64(data: bytes) -> str:
    """Base 64 without padding."""
    return base64.b64encode(data).rstrip(b"=").decode("ascii")


def decode64(text: bytes, length: int | None = None) -> bytes:
    """The bytes of a canonical unpadded Base 64 text, `length` of them if given. Raises HeaderFailure."""
    if not BASE64.match(text):
        raise HeaderFailure("a character outside Base 64")
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4))
    except binascii.Error:
        raise HeaderFailure("not Base 64") from None
    if encode64(data).encode() != text or length not in (None, len(data)):
        raise HeaderFailure("Base 64 that is not canonical, or of a wrong length")
    return data


class _Lines:
    """The lines of a header, each ended by a line feed, remembered as they are read."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.read, self.left = source, list[bytes](), MAX_HEADER

    def next(self) -> bytes:
        line = self.source.readline(self.left)
        if not line.endswith(b"\n"):
            raise HeaderFailure("the header is cut, or too long")
        self.left -= len(line)
        self.read.append(line[:-1])
        return line[:-1]


def _read_stanza(line: bytes, lines: _Lines) -> Stanza:
    args = line[3:].split(b" ")
    if not all(arg and all(0x21 <= byte <= 0x7E for byte in arg) for arg in args):
        raise HeaderFailure("a stanza's arguments must be printable and parted by one space")
    body = [lines.next()]
    while len(body[-1]) == COLUMNS:
        body.append(lines.next())
    if len(body[-1]) > COLUMNS:
        raise HeaderFailure("a line of a stanza's body is too long")
    return Stanza(tuple(arg.decode("ascii") for arg in args), decode64(b"".join(body)))


def _stanza(stanza: Stanza) -> bytes:
    body = encode64(stanza.body)
    # A body that fills its last line is followed by an empty one: the first short line ends a stanza.
    lines = [body[at : at + COLUMNS] for at in range(0, len(body) + 1, COLUMNS)]
    return "\n".join(["-> " + " ".join(stanza.args), *lines, ""]).encode("ascii")


def _mac(file_key: bytes, covered: bytes) -> bytes:
    key = HKDF(hashes.SHA256(), 32, salt=None, info=b"header").derive(file_key)
    mac = HMAC(key, hashes.SHA256())
    mac.update(covered)
    return mac.finalize()
