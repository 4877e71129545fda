"""age v1 files (c2sp.org/age), read and written on the primitives of `cryptography` alone."""

import io
import secrets
from collections.abc import Sequence
from typing import BinaryIO, Protocol

from storage.age import header, payload, scrypt
from storage.age.errors import (
    AgeError,
    HeaderFailure,
    HmacFailure,
    KeyRefused,
    NoMatch,
    PayloadFailure,
    RecipientsRefused,
)
from storage.age.header import VERSION_LINE, Header, Stanza
from storage.age.hybrid import HybridIdentity, HybridRecipient
from storage.age.scrypt import ScryptIdentity, ScryptRecipient
from storage.age.x25519 import X25519Identity, X25519Recipient

__all__ = [
    "VERSION_LINE",
    "AgeError",
    "Header",
    "HeaderFailure",
    "HmacFailure",
    "HybridIdentity",
    "HybridRecipient",
    "Identity",
    "KeyRefused",
    "NoMatch",
    "PayloadFailure",
    "Recipient",
    "RecipientsRefused",
    "ScryptIdentity",
    "ScryptRecipient",
    "Stanza",
    "X25519Identity",
    "X25519Recipient",
    "decrypt",
    "decrypt_stream",
    "encrypt",
    "encrypt_stream",
    "identity",
    "read_header",
    "rewrap",
]

FILE_KEY = 16


class Recipient(Protocol):
    """Anyone that a file can be sealed to."""

    post_quantum: bool

    def wrap(self, file_key: bytes) -> Stanza: ...


class Identity(Protocol):
    """Anyone that may open a file."""

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None: ...


def encrypt(plain: bytes, recipients: Sequence[Recipient]) -> bytes:
    """An age file of `plain`. Raises RecipientsRefused."""
    target = io.BytesIO()
    encrypt_stream(io.BytesIO(plain), target, recipients)
    return target.getvalue()


def encrypt_stream(source: BinaryIO, target: BinaryIO, recipients: Sequence[Recipient]) -> None:
    """Seal `source` to its end into `target`, holding one chunk in memory. Raises RecipientsRefused."""
    _check_together(recipients)
    file_key = secrets.token_bytes(FILE_KEY)
    target.write(header.write(file_key, [recipient.wrap(file_key) for recipient in recipients]))
    payload.write(file_key, source, target)


def decrypt(data: bytes, identities: Sequence[Identity]) -> bytes:
    """The plaintext of an age file; nothing at all unless the whole file is genuine.

    Raises HeaderFailure, NoMatch, HmacFailure or PayloadFailure.
    """
    target = io.BytesIO()
    decrypt_stream(io.BytesIO(data), target, identities)
    return target.getvalue()


def decrypt_stream(source: BinaryIO, target: BinaryIO, identities: Sequence[Identity]) -> None:
    """Open `source` into `target` chunk by chunk; on PayloadFailure the target holds a genuine beginning only."""
    file_key = _unwrap(header.read(source), identities)
    payload.read(file_key, source, target)


def rewrap(data: bytes, identities: Sequence[Identity], recipients: Sequence[Recipient]) -> bytes:
    """The same file for other recipients: a new header, and the payload as it was, byte for byte."""
    _check_together(recipients)
    read = read_header(data)
    file_key = _unwrap(read, identities)
    return header.write(file_key, [recipient.wrap(file_key) for recipient in recipients]) + data[read.length :]


def read_header(data: bytes) -> Header:
    """The header of a file, which nothing has proved yet; the payload follows it. Raises HeaderFailure."""
    return header.read(io.BytesIO(data))


def identity(text: str) -> HybridIdentity | X25519Identity:
    """The identity that an `AGE-SECRET-KEY-...` string stands for. Raises KeyRefused."""
    kind = HybridIdentity if text.upper().startswith("AGE-SECRET-KEY-PQ-") else X25519Identity
    return kind.parse(text)


def _unwrap(read: Header, identities: Sequence[Identity]) -> bytes:
    if len(read.stanzas) > 1 and any(stanza.type == scrypt.TYPE for stanza in read.stanzas):
        raise HeaderFailure("a passphrase stanza must stand alone")
    for candidate in identities:
        if file_key := candidate.unwrap(read.stanzas):
            read.check(file_key)
            return file_key
    raise NoMatch("the file is not addressed to this key")


def _check_together(recipients: Sequence[Recipient]) -> None:
    """The spec's rules for one header: somebody, a passphrase alone, and never post-quantum beside classical."""
    if not recipients:
        raise RecipientsRefused("no recipient")
    if len(recipients) > 1 and any(isinstance(recipient, ScryptRecipient) for recipient in recipients):
        raise RecipientsRefused("a passphrase must stand alone")
    if len({recipient.post_quantum for recipient in recipients}) > 1:
        raise RecipientsRefused("post-quantum and classical recipients in one file")
