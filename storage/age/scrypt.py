"""The passphrase recipient type `scrypt`: for key files only, and always alone in its header."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from storage.age.errors import HeaderFailure
from storage.age.header import Stanza, encode64
from storage.age.x25519 import FIXED_NONCE, sealed_key

TYPE = "scrypt"
INFO = b"age-encryption.org/v1/scrypt"
SALT = 16
WORK_FACTOR = 18  # 2^18, as the age command line: about 0.6 s and 256 MiB
MAX_WORK_FACTOR = 20  # 1 GiB: a file may not choose how much memory its reader spends
DECIMAL = re.compile(r"[1-9][0-9]?\Z", re.ASCII)


@dataclass(frozen=True, repr=False)
class ScryptRecipient:
    """A passphrase to seal with; `work_factor` is the base-two logarithm of N."""

    passphrase: str
    work_factor: int = WORK_FACTOR
    post_quantum = True  # symmetric throughout

    def wrap(self, file_key: bytes) -> Stanza:
        salt = secrets.token_bytes(SALT)
        body = _wrap_key(self.passphrase, salt, self.work_factor).encrypt(FIXED_NONCE, file_key, None)
        return Stanza((TYPE, encode64(salt), str(self.work_factor)), body)


@dataclass(frozen=True, repr=False)
class ScryptIdentity:
    """A passphrase to open with."""

    passphrase: str
    max_work_factor: int = MAX_WORK_FACTOR

    def unwrap(self, stanzas: Sequence[Stanza]) -> bytes | None:
        """The file key, or None if the file has no passphrase or another one. Raises HeaderFailure."""
        return next((key for stanza in stanzas if stanza.type == TYPE and (key := self._open(stanza))), None)

    def _open(self, stanza: Stanza) -> bytes | None:
        salt = sealed_key(stanza, arguments=3, share=SALT)
        factor = stanza.args[2]
        if not DECIMAL.match(factor) or int(factor) > self.max_work_factor:
            raise HeaderFailure("the work factor is malformed or too high")
        try:
            return _wrap_key(self.passphrase, salt, int(factor)).decrypt(FIXED_NONCE, stanza.body, None)
        except InvalidTag:
            return None


def _wrap_key(passphrase: str, salt: bytes, work_factor: int) -> ChaCha20Poly1305:
    kdf = Scrypt(salt=INFO + salt, length=32, n=1 << work_factor, r=8, p=1)
    return ChaCha20Poly1305(kdf.derive(passphrase.encode()))
