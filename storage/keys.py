"""The key ring: files outside the database and its backups, without which the database names nobody and says nothing.

<keys>/epochs/<n>.key          wraps data keys; one for every six hours; shredded when nothing lives under it
<keys>/pseudonyms/<y>-<m>.key  makes addresses into pseudonyms; one a month; shredded after the next month
<keys>/digest.key  pepper.key  sealer.key      long-lived; these are to be backed up, apart from the database
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage import datakey, keyfiles
from storage.datakey import DataKey, place
from storage.errors import KeyGone

EPOCH_SECONDS = 6 * 3600
MARK_BYTES = 8


class KeyRing:
    """All processes of one machine share the folder; several machines share it as a mounted volume."""

    def __init__(self, directory: Path, epochs: Path | None = None) -> None:
        """`epochs` may lie elsewhere, on a tmpfs: then a reboot forgets the open conversations, and nothing else."""
        self._root = keyfiles.folder(directory)
        self._epochs = keyfiles.short_lived(epochs or directory / "epochs")
        self._months = keyfiles.short_lived(directory / "pseudonyms")
        self._digest_key = keyfiles.read_or_make(directory / "digest.key")
        self.pepper = keyfiles.read_or_make(directory / "pepper.key")
        self._known: dict[Path, bytes] = {}

    @classmethod
    def open(cls, directory: Path, *, epochs: Path | None = None) -> KeyRing:
        """Opens the ring in this folder and makes what is missing."""
        return cls(directory, epochs)

    def sealer_key(self) -> Ed25519PrivateKey:
        """Signs manifests and the audit chain; the raw 32-byte seed lies in `sealer.key`."""
        return Ed25519PrivateKey.from_private_bytes(keyfiles.read_or_make(self._root / "sealer.key"))

    # Pseudonyms.

    def pseudonym(self, channel: str, address: str, now: datetime) -> bytes:
        """32 bytes that stand for this address this month. HMAC-SHA256 under the month's key, made when first asked."""
        return self._hmac(self._make(self._months / f"{_month(now)}.key"), channel, address)

    def previous_pseudonym(self, channel: str, address: str, now: datetime) -> bytes | None:
        """The same under last month's key, while that lives: so a conversation goes on over the turn of a month."""
        key = self._read(self._months / f"{_previous_month(now)}.key")
        return self._hmac(key, channel, address) if key else None

    def month_key(self, month: date, now: datetime) -> bytes:
        """32 bytes of this month, which is that of `now`, for what is counted in it; gone with the pseudonym key."""
        return self._hmac(self._make(self._months / f"{_month(now)}.key"), "counts", month.isoformat())

    def old_month_key(self, month: date) -> bytes | None:
        """The same of any month whose key still lives."""
        key = self._read(self._months / f"{month:%Y-%m}.key")
        return self._hmac(key, "counts", month.isoformat()) if key else None

    def shred_months(self, now: datetime) -> int:
        """Shreds the pseudonym keys older than last month's. Gives their number."""
        old = [path for path in self._months.glob("*.key") if path.stem < _previous_month(now)]
        return self._shred(old)

    # Digests.

    def digest(self, purpose: str, *parts: str) -> bytes:
        """32 bytes, keyed: equal for equal parts, and nothing can be guessed from it without the ring."""
        return self._hmac(self._digest_key, purpose, *parts)

    # Data keys.

    def new_data_key(self, aad: bytes, now: datetime) -> DataKey:
        """A fresh key, wrapped under the epoch of `now`. `aad` names the row that will hold it."""
        return self._wrap(secrets.token_bytes(keyfiles.KEY_BYTES), aad, now)

    def open_data_key(self, epoch: int, wrapped: bytes, aad: bytes) -> DataKey:
        """Raises `KeyGone` if the epoch was shredded, `Tampered` if the wrapped key belongs to another row."""
        kek = self._read(self._epoch_file(epoch))
        if kek is None or _mark(kek) != wrapped[:MARK_BYTES]:
            raise KeyGone(str(epoch))
        return DataKey(epoch, wrapped, datakey.unseal(kek, wrapped[MARK_BYTES:], aad))

    def renew(self, key: DataKey, aad: bytes, now: datetime) -> DataKey:
        """The same key under the present epoch, so that old epochs empty themselves while a conversation goes on."""
        return key if key.epoch == epoch_of(now) else self._wrap(key.key, aad, now)

    def shred_epochs(self, before: datetime) -> int:
        """Shreds every epoch key whose six hours ended by `before`. Gives their number."""
        first_kept = epoch_of(before)
        return self._shred([path for path in self._epochs.glob("*.key") if int(path.stem) < first_kept])

    def epochs(self) -> int:
        """How many epochs' keys there are."""
        return sum(1 for _ in self._epochs.glob("*.key"))

    # Below the surface.

    def _wrap(self, key: bytes, aad: bytes, now: datetime) -> DataKey:
        epoch = epoch_of(now)
        kek = self._make(self._epoch_file(epoch))
        return DataKey(epoch, _mark(kek) + datakey.seal(kek, key, aad), key)

    def _epoch_file(self, epoch: int) -> Path:
        return self._epochs / f"{epoch}.key"

    def _make(self, path: Path) -> bytes:
        return self._read(path) or self._known.setdefault(path, keyfiles.read_or_make(path))

    def _read(self, path: Path) -> bytes | None:
        """From memory only while the file is there: another process may have shredded it."""
        if path in self._known and path.exists():
            return self._known[path]
        self._known.pop(path, None)
        key = keyfiles.read(path)
        if key:
            self._known[path] = key
        return key

    def _shred(self, paths: list[Path]) -> int:
        for path in paths:
            self._known.pop(path, None)
            keyfiles.shred(path)
        return len(paths)

    @staticmethod
    def _hmac(key: bytes, *parts: str) -> bytes:
        return hmac.digest(key, place(*parts), hashlib.sha256)


def epoch_of(moment: datetime) -> int:
    """Number of the six-hour span since 1970 that holds this moment."""
    return int(moment.timestamp()) // EPOCH_SECONDS


def epoch_start(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch * EPOCH_SECONDS, UTC)


def _mark(kek: bytes) -> bytes:
    """Tells an epoch's key from a later one of the same epoch: a tmpfs is empty after a reboot, and it is made anew."""
    return hmac.digest(kek, b"faro/epoch-mark/v1", hashlib.sha256)[:MARK_BYTES]


def _month(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m")


def _previous_month(moment: datetime) -> str:
    year, month = moment.astimezone(UTC).year, moment.astimezone(UTC).month
    return f"{year - 1}-12" if month == 1 else f"{year}-{month - 1:02d}"
