"""The key ring: files outside the database and its backups, without which the database names nobody and says nothing.

<keys>/epochs/<n>.key          wraps data keys; one for every six hours; shredded when nothing lives under it
<keys>/pseudonyms/<y>-<m>.key  makes addresses into pseudonyms; one a month; shredded after the next month
<keys>/digest.key  pepper.key  sealer.key  handle.key   long-lived; to be backed up, apart from the database

Each but the digest key can be replaced while everything runs (`storage/rotation.py`). A former key lies beside the new
one as `<name>-<n>.key` for as long as something may need it, of a former sealer the public half alone, as
`sealer-<n>.pub`; every process sees the change at its next look.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
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
        self._known: dict[Path, tuple[tuple[int, int], bytes]] = {}  # by path: which file it was, and what it held
        self._make(directory / "pepper.key")

    @classmethod
    def open(cls, directory: Path, *, epochs: Path | None = None) -> KeyRing:
        """Opens the ring in this folder and makes what is missing."""
        return cls(directory, epochs)

    def sealer_key(self) -> Ed25519PrivateKey:
        """Signs manifests and the audit chain; the raw 32-byte seed lies in `sealer.key`."""
        return Ed25519PrivateKey.from_private_bytes(keyfiles.read_or_make(self._root / "sealer.key"))

    @property
    def pepper(self) -> bytes:
        """Under which new receipt codes are made."""
        return self._make(self._root / "pepper.key")

    @property
    def peppers(self) -> list[bytes]:
        """The pepper and all former ones, newest first: a code stays one for as long as its report is kept."""
        return [self.pepper, *reversed(list(self._formers(self._root / "pepper.key")))]

    def handle_marks(self, secret: bytes) -> list[bytes]:
        """By which a page's handle is known as issued here: the mark of new ones first, then those of former keys."""
        path = self._root / "handle.key"
        return [self._hmac(key, "handle", secret.hex()) for key in (self._make(path), *self._formers(path))]

    def shred_handles(self, before: datetime) -> int:
        """Shreds the former keys of handles if the last of them was replaced before this moment. Gives their number."""
        paths = list(self._root.glob("handle-*.key"))
        newest = max((path.stat().st_mtime for path in paths), default=0.0)
        return self._shred(paths if newest < before.timestamp() else [])

    # Pseudonyms.

    def pseudonym(self, channel: str, address: str, now: datetime) -> bytes:
        """32 bytes that stand for this address this month. HMAC-SHA256 under the month's key, made when first asked."""
        return self._hmac(self._make(self._months / f"{_month(now)}.key"), channel, address)

    def earlier_pseudonyms(self, channel: str, address: str, now: datetime) -> list[bytes]:
        """The same under keys that were replaced this month and under last month's, while those live: so a conversation
        goes on when the key changes."""
        this, last = (self._months / f"{month}.key" for month in (_month(now), _previous_month(now)))
        key = self._read(last)
        keys = (*self._formers(this), *((key, *self._formers(last)) if key else ()))
        return [self._hmac(key, channel, address) for key in keys]

    def month_key(self, month: date, now: datetime) -> bytes:
        """32 bytes of this month, which is that of `now`, for what is counted in it; gone with the pseudonym key.

        Always of the month's first key, so that the counts stay readable when that of the pseudonyms is replaced."""
        path = self._months / f"{_month(now)}.key"
        key = self._make(path)
        return self._hmac(next(self._formers(path), key), "counts", month.isoformat())

    def old_month_key(self, month: date) -> bytes | None:
        """The same of any month whose key still lives."""
        path = self._months / f"{month:%Y-%m}.key"
        key = next(self._formers(path), None) or self._read(path)
        return self._hmac(key, "counts", month.isoformat()) if key else None

    def tally(self, month: str, *parts: str) -> bytes:
        """32 bytes that stand for something that happened in this month (`2026-11`), and perhaps for an address in it:
        nobody can guess at it any more once the key is gone. What is counted begins anew when the key is replaced."""
        return self._hmac(self._make(self._months / f"{month}.key"), "tally", *parts)

    def shred_months(self, now: datetime) -> int:
        """Shreds the pseudonym keys older than last month's. Gives their number."""
        previous = _previous_month(now)
        old = [path for path in self._months.glob("*.key") if path.stem[: len(previous)] < previous]
        return self._shred(old)

    # Digests.

    def digest(self, purpose: str, *parts: str) -> bytes:
        """32 bytes, keyed: equal for equal parts, and nothing can be guessed from it without the ring. The key is kept
        for good: nothing that can be guessed at with it, such as an address, goes in here."""
        return self._hmac(self._digest_key, purpose, *parts)

    # Data keys.

    def new_data_key(self, aad: bytes, now: datetime) -> DataKey:
        """A fresh key, wrapped under the epoch of `now`. `aad` names the row that will hold it."""
        return self._wrap(secrets.token_bytes(keyfiles.KEY_BYTES), aad, now)

    def open_data_key(self, epoch: int, wrapped: bytes, aad: bytes) -> DataKey:
        """Raises `KeyGone` if the epoch was shredded, `Tampered` if the wrapped key belongs to another row."""
        path = self._epoch_file(epoch)
        key = self._read(path)
        for kek in (key, *self._formers(path)) if key else ():
            if _mark(kek) == wrapped[:MARK_BYTES]:
                return DataKey(epoch, wrapped, datakey.unseal(kek, wrapped[MARK_BYTES:], aad))
        raise KeyGone(str(epoch))

    def renew(self, key: DataKey, aad: bytes, now: datetime) -> DataKey:
        """The same key under the present epoch's, so that old ones empty themselves while a conversation goes on."""
        return key if self.is_present(key.wrapped, now) else self._wrap(key.key, aad, now)

    def is_present(self, wrapped: bytes, now: datetime) -> bool:
        """Is it wrapped under the key that wraps new ones now?"""
        return _mark(self._make(self._epoch_file(epoch_of(now)))) == wrapped[:MARK_BYTES]

    def shred_epochs(self, before: datetime) -> int:
        """Shreds every epoch key whose six hours ended by `before`. Gives their number."""
        first_kept = epoch_of(before)
        old = [path for path in self._epochs.glob("*.key") if int(path.stem.partition("-")[0]) < first_kept]
        return self._shred(old)

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
        return self._read(path) or keyfiles.read_or_make(path)

    def _formers(self, path: Path) -> Iterator[bytes]:
        for number in count(1):
            key = self._read(keyfiles.former(path, number))
            if key is None:
                return
            yield key

    def _read(self, path: Path) -> bytes | None:
        """From memory only while the file is the one that was read: another process may shred or replace it.

        The inode alone does not tell: a file system gives that of a removed file to the next one.
        """
        try:
            seen = path.stat()
        except FileNotFoundError:
            self._known.pop(path, None)
            return None
        known, file = self._known.get(path), (seen.st_ino, seen.st_ctime_ns)
        if known and known[0] == file:
            return known[1]
        key = keyfiles.read(path)
        if key:
            self._known[path] = (file, key)
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
