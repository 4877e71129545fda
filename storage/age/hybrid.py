"""The post-quantum recipient type `mlkem768x25519` (X-Wing): the only one that a report is sealed to."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from storage.age import bech32
from storage.age.errors import HeaderFailure, KeyRefused
from storage.age.header import Stanza, encode64
from storage.age.x25519 import bech32_payload, sealed_key

TYPE = "mlkem768x25519"
INFO = b"age-encryption.org/mlkem768x25519"
SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.CHACHA20_POLY1305)
RECIPIENT, IDENTITY = "age1pq", "age-secret-key-pq-"
MLKEM_PUBLIC, MLKEM_CIPHERTEXT, X25519_SIZE = 1184, 1088, 32


@dataclass(frozen=True)
class HybridRecipient:
    """A public key, `age1pq1...` (1,959 characters)."""

    public: bytes
    post_quantum = True

    @classmethod
    @lru_cache(maxsize=1024)  # a roster is read anew for each report, and its officers are the same
    def parse(cls, text: str) -> "HybridRecipient":
        recipient = cls(bech32_payload(text, RECIPIENT, MLKEM_PUBLIC + X25519_SIZE))
        recipient._key  # noqa: B018  an ML-KEM key out of range is refused when it is read, not when it is used
        return recipient

    def __str__(self) -> str:
        return self._text

    def wrap(self, file_key: bytes) -> Stanza:
        sealed = SUITE.encrypt(file_key, self._key, info=INFO)
        share = sealed[: MLKEM_CIPHERTEXT + X25519_SIZE]
        return Stanza((TYPE, encode64(share)), sealed[len(share) :])

    @cached_property
    def _text(self) -> str:
        return bech32.encode(RECIPIENT, self.public)

    @cached_property
    def _key(self) -> hpke.MLKEM768X25519PublicKey:
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(self.public[:MLKEM_PUBLIC])
        except ValueError:
            raise KeyRefused("not an ML-KEM key") from None
        return hpke.MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(self.public[MLKEM_PUBLIC:]))


@dataclass(frozen=True, repr=False)
class HybridIdentity:
    """A private key, `AGE-SECRET-KEY-PQ-1...`: a seed of 32 bytes."""

    seed: bytes

    @classmethod
    def generate(cls) -> "HybridIdentity":
        return cls(secrets.token_bytes(32))

    @classmethod
    def parse(cls, text: str) -> "HybridIdentity":
        return cls(bech32_payload(text, IDENTITY, 32))

    def secret(self) -> str:
        return bech32.encode(IDENTITY, self.seed).upper()

    def recipient(self) -> HybridRecipient:
        mlkem, x25519 = self._parts
        return HybridRecipient(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None if no stanza is for this key. Raises HeaderFailure."""
        return next((key for stanza in stanzas if stanza.type == TYPE and (key := self._open(stanza))), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        share = sealed_key(stanza, arguments=2, share=MLKEM_CIPHERTEXT + X25519_SIZE)
        self._refuse_low_order(share[MLKEM_CIPHERTEXT:])
        try:
            return SUITE.decrypt(share + stanza.body, self._key, info=INFO)
        except InvalidTag:
            return None

    def _refuse_low_order(self, share: bytes) -> None:
        try:
            self._parts[1].exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError:  # an all-zero shared secret, which HPKE would report as a key that does not fit
            raise HeaderFailure("a share of low order") from None

    @cached_property
    def _parts(self) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
        # X-Wing's key expansion: SHAKE-256 of the seed, 64 bytes for ML-KEM and 32 for X25519.
        expanded = hashlib.shake_256(self.seed).digest(96)
        return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])

    @cached_property
    def _key(self) -> hpke.MLKEM768X25519PrivateKey:
        return hpke.MLKEM768X25519PrivateKey(*self._parts)
