"""The payload of an age file: 64 KiB chunks under ChaCha20-Poly1305, the last one marked (c2sp.org/age, "Payload")."""

import secrets
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.age.errors import HeaderFailure, PayloadFailure

CHUNK = 64 * 1024
TAG = 16
NONCE = 16


def write(file_key: bytes, source: BinaryIO, target: BinaryIO) -> None:
    """Seal all of `source` under a fresh nonce into `target`."""
    nonce = secrets.token_bytes(NONCE)
    target.write(nonce)
    key = _key(file_key, nonce)
    chunks = _chunks(source, CHUNK)
    target.writelines(key.encrypt(_chunk_nonce(counter, last), chunk, None) for counter, chunk, last in chunks)


def read(file_key: bytes, source: BinaryIO, target: BinaryIO) -> None:
    """Open the payload that `source` stands at into `target`, chunk by chunk, each only once it is proved.

    Raises PayloadFailure; what was written before it is genuine but incomplete. A file that ends within the nonce
    counts as one whose header is cut, as the age vectors have it: HeaderFailure.
    """
    nonce = source.read(NONCE)
    if len(nonce) != NONCE:
        raise HeaderFailure("the file ends before its payload")
    key = _key(file_key, nonce)
    for counter, sealed, last in _chunks(source, CHUNK + TAG):
        chunk = _open(key, counter, sealed, last)
        if last and counter and not chunk:
            raise PayloadFailure("an empty last chunk after others")
        target.write(chunk)


def _open(key: ChaCha20Poly1305, counter: int, sealed: bytes, last: bool) -> bytes:
    try:
        return key.decrypt(_chunk_nonce(counter, last), sealed, None)
    except InvalidTag:
        raise PayloadFailure("a chunk is changed, cut, or out of its place") from None


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes and whether it is the last, of each chunk; an empty source is one empty chunk."""
    counter, chunk = 0, source.read(size)
    while following := source.read(size):
        yield counter, chunk, False
        counter, chunk = counter + 1, following
    yield counter, chunk, True


def _key(file_key: bytes, nonce: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(hashes.SHA256(), 32, salt=nonce, info=b"payload").derive(file_key))


def _chunk_nonce(counter: int, last: bool) -> bytes:
    return counter.to_bytes(11, "big") + (b"\x01" if last else b"\x00")
