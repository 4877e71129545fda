"""An officer's key: made on the officer's side, kept in a file under a passphrase (FORMAT.md, section 8)."""

import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from storage import age, signing
from storage.age import HybridIdentity, HybridRecipient, ScryptIdentity, ScryptRecipient
from storage.refused import Refused

CARD = "faro/officer-card/v1"
# Lower-case Crockford Base 32: no letter that is taken for a digit, and none for another letter.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
# 19 characters hold 95 bits, more than seven words of a list of 7,776 (90 bits).
GROUPS = (4, 5, 5, 5)
MAX_FILE = 64 * 1024


class KeyFileRefused(Refused):
    """Not a key file, or one that holds no post-quantum key."""


class WrongPassphrase(Refused):
    """The passphrase does not open the key file."""


@dataclass(frozen=True, repr=False)
class OfficerKey:
    """An identity that opens reports, and the signing key that comes of the same seed."""

    identity: HybridIdentity

    @cached_property
    def recipient(self) -> HybridRecipient:
        return self.identity.recipient()

    @cached_property
    def signing_key(self) -> Ed25519PrivateKey:
        expand = HKDFExpand(hashes.SHA256(), length=32, info=b"faro/officer-signing/v1")
        return Ed25519PrivateKey.from_private_bytes(expand.derive(self.identity.seed))

    @property
    def signing_public(self) -> str:
        return signing.public_text(self.signing_key.public_key())

    def card(self, name: str) -> bytes:
        """The public half as a signed document, for the directors."""
        body = {"ctx": CARD, "id": name, "recipient": str(self.recipient), "signing": self.signing_public}
        return signing.sign(body, self.signing_key)


def new_key() -> OfficerKey:
    """A fresh key."""
    return OfficerKey(HybridIdentity.generate())


def new_passphrase() -> str:
    """A generated passphrase of four groups (95 bits), never a chosen one."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(size)) for size in GROUPS)


def write_key_file(path: Path, key: OfficerKey, passphrase: str) -> None:
    """Write a new file that only its owner may read. Raises FileExistsError: a key is never overwritten."""
    text = f"# public key: {key.recipient}\n# signing key: {key.signing_public}\n{key.identity.secret()}\n"
    sealed = age.encrypt(text.encode("ascii"), [ScryptRecipient(passphrase)])
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(sealed)
        file.flush()
        os.fsync(file.fileno())


def needs_passphrase(path: Path) -> bool:
    """False for an identity in the open, as `age-keygen -pq` writes it."""
    with path.open("rb") as file:
        return file.read(len(age.VERSION_LINE)) == age.VERSION_LINE


def read_key_file(path: Path, passphrase: str) -> OfficerKey:
    """The key in a file, sealed or in the open. Raises WrongPassphrase or KeyFileRefused."""
    with path.open("rb") as file:
        data = file.read(MAX_FILE)
    if data.startswith(age.VERSION_LINE):
        data = _unseal(data, passphrase)
    lines = [line.strip() for line in data.decode("ascii", "replace").splitlines()]
    secrets_found = [line for line in lines if line and not line.startswith("#")]
    if len(secrets_found) != 1:
        raise KeyFileRefused("a key file holds one secret key")
    try:
        return OfficerKey(HybridIdentity.parse(secrets_found[0]))
    except age.KeyRefused:
        raise KeyFileRefused("not a post-quantum secret key") from None


def _unseal(data: bytes, passphrase: str) -> bytes:
    try:
        return age.decrypt(data, [ScryptIdentity(passphrase)])
    except age.NoMatch:
        raise WrongPassphrase("the passphrase does not open this key file") from None
    except age.AgeError:
        raise KeyFileRefused("a damaged key file") from None
