"""The key of one conversation: everything stored of it is sealed with this key and bound to its place."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from storage.errors import Tampered

NONCE_BYTES = 12
STEP = 256  # sealed lengths grow in these steps, so that a length says little about the words


@dataclass(frozen=True)
class DataKey:
    """`wrapped` is this key sealed under the key of its epoch; it alone is stored."""

    epoch: int
    wrapped: bytes
    key: bytes = field(repr=False)

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """nonce (12) | AES-256-GCM-SIV of the padded text | tag (16). `aad` is the `place` of the row."""
        return seal(self.key, pad(plain), aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """Raises `Tampered` if the bytes were changed or lie in another place than they were sealed for."""
        return unpad(unseal(self.key, sealed, aad))

    def seal_json(self, value: Any, aad: bytes) -> bytes:
        return self.seal(orjson.dumps(value), aad)

    def open_json(self, sealed: bytes, aad: bytes) -> Any:
        return orjson.loads(self.open(sealed, aad))


def seal(key: bytes, plain: bytes, aad: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCMSIV(key).encrypt(nonce, plain, aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    try:
        return AESGCMSIV(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], aad)
    except (InvalidTag, ValueError):
        raise Tampered from None


def pad(plain: bytes) -> bytes:
    """One 0x80, then zeros to the next step (ISO/IEC 7816-4): unambiguous for texts that end in zeros."""
    return plain + b"\x80" + bytes(-(len(plain) + 1) % STEP)


def unpad(padded: bytes) -> bytes:
    plain, mark, zeros = padded.rpartition(b"\x80")
    if not mark or zeros.strip(b"\0"):
        raise Tampered
    return plain


def place(*parts: str | bytes) -> bytes:
    """Associated data for a place. Each part goes in with its length, so that two places never read the same."""
    raw = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4) + part for part in raw)
