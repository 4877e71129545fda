"""The classical recipient type `X25519`: read for foreign files, never written into a report."""

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.age import bech32
from storage.age.errors import HeaderFailure, KeyRefused
from storage.age.header import Stanza, decode64, encode64

TYPE = "X25519"
INFO = b"age-encryption.org/v1/X25519"
RECIPIENT, IDENTITY = "age", "age-secret-key-"
FIXED_NONCE = bytes(12)


@dataclass(frozen=True)
class X25519Recipient:
    """A public key, `age1...`."""

    public: bytes
    post_quantum = False

    @classmethod
    def parse(cls, text: str) -> "X25519Recipient":
        return cls(bech32_payload(text, RECIPIENT, 32))

    def __str__(self) -> str:
        return bech32.encode(RECIPIENT, self.public)

    def wrap(self, file_key: bytes) -> Stanza:
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        key = _wrap_key(ephemeral, self.public, salt=share + self.public)
        return Stanza((TYPE, encode64(share)), key.encrypt(FIXED_NONCE, file_key, None))


@dataclass(frozen=True)
class X25519Identity:
    """A private key, `AGE-SECRET-KEY-1...`."""

    key: X25519PrivateKey

    @classmethod
    def generate(cls) -> "X25519Identity":
        return cls(X25519PrivateKey.generate())

    @classmethod
    def parse(cls, text: str) -> "X25519Identity":
        return cls(X25519PrivateKey.from_private_bytes(bech32_payload(text, IDENTITY, 32)))

    def secret(self) -> str:
        return bech32.encode(IDENTITY, self.key.private_bytes_raw()).upper()

    def recipient(self) -> X25519Recipient:
        return X25519Recipient(self.key.public_key().public_bytes_raw())

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None if no stanza is for this key. Raises HeaderFailure."""
        return next((key for stanza in stanzas if stanza.type == TYPE and (key := self._open(stanza))), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        share = sealed_key(stanza, arguments=2, share=32)
        salt = share + self.key.public_key().public_bytes_raw()
        try:
            return _wrap_key(self.key, share, salt).decrypt(FIXED_NONCE, stanza.body, None)
        except InvalidTag:
            return None


def sealed_key(stanza: Stanza, *, arguments: int, share: int) -> bytes:
    """The first argument after the type, decoded; refuses a stanza of another shape.

    The body's length is checked before it is opened, against partitioning oracles (c2sp.org/age).
    """
    if len(stanza.args) != arguments or len(stanza.body) != 32:
        raise HeaderFailure("a stanza has the wrong number of arguments, or a body of a wrong length")
    return decode64(stanza.args[1].encode("ascii"), share)


def bech32_payload(text: str, prefix: str, length: int) -> bytes:
    """The bytes of a key string that must have this prefix and length. Raises KeyRefused."""
    try:
        found, data = bech32.decode(text)
    except bech32.Bech32Error:
        raise KeyRefused("the key is mistyped: its checksum does not fit") from None
    if found != prefix or len(data) != length:
        raise KeyRefused("a key of another kind")
    return data


def _wrap_key(own: X25519PrivateKey, other: bytes, salt: bytes) -> ChaCha20Poly1305:
    try:
        shared = own.exchange(X25519PublicKey.from_public_bytes(other))
    except ValueError:  # an all-zero shared secret
        raise HeaderFailure("a share of low order") from None
    return ChaCha20Poly1305(HKDF(hashes.SHA256(), 32, salt=salt, info=INFO).derive(shared))
