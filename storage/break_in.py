"""Real attempts to open what was taken, with every key that was taken with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from storage import age, keyfiles
from storage.age import HybridIdentity, Identity, X25519Identity
from storage.database import libpq_url
from storage.datakey import DataKey, place
from storage.errors import KeyGone, Tampered
from storage.identity import MAX_FILE, KeyFileRefused, WrongPassphrase, read_key_file
from storage.keys import KeyRing

# What hangs on a conversation: query, and the words that each row is bound to before its own.
_SEALED = {
    ("inbox",): "SELECT digest, body FROM inbox WHERE conversation = %s",
    ("outbox",): "SELECT ref, body FROM outbox WHERE conversation = %s AND body IS NOT NULL",
    ("attachment meta",): "SELECT ref, meta FROM attachments WHERE conversation = %s",
    ("attachment",): "SELECT ref, data FROM attachments WHERE conversation = %s",
}


@dataclass(slots=True)
class Opened:
    """Conversations: how many there are, how many opened, and what stood in those."""

    total: int = 0
    opened: int = 0
    words: list[bytes] = field(default_factory=list, repr=False)


def conversations(url: str, ring: KeyRing | None) -> Opened:
    """Without a ring none is tried: the data keys lie wrapped under keys that are not in the database."""
    found = Opened()
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        rows = connection.execute("SELECT id, epoch, wrapped, state FROM conversations").fetchall()
        for id, epoch, wrapped, state in rows:
            found.total += 1
            try:
                key = ring.open_data_key(epoch, wrapped, place(id, "key")) if ring else None
            except (KeyGone, Tampered):
                key = None
            if key:
                found.opened += 1
                found.words += _words(connection, id, key, state)
    return found


def _words(connection: psycopg.Connection[tuple[bytes, ...]], id: bytes, key: DataKey, state: bytes | None
           ) -> Iterator[bytes]:  # fmt: skip
    if state is not None:
        yield key.open(state, place(id, "state"))
    for (name,), query in _SEALED.items():
        for ref, sealed in connection.execute(query.encode(), (id,)).fetchall():
            yield key.open(sealed, place(id, name, ref))


def people(url: str, ring: KeyRing | None, addresses: Iterable[str], now: datetime) -> int:
    """How many of these addresses, which somebody guessed, have a conversation here."""
    if ring is None:
        return 0
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        rows = connection.execute("SELECT channel, pseudonym FROM conversations").fetchall()
    names = {bytes(pseudonym) for _, pseudonym in rows}
    channels = {channel for channel, _ in rows}
    return sum(bool({ring.pseudonym(channel, address, now) for channel in channels} & names) for address in addresses)


def reports(url: str, identities: Sequence[Identity]) -> tuple[int, int]:
    """How many sealed files there are (reports, their large parts, receipts' memos), and how many open."""
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        rows = connection.execute(
            "SELECT sealed FROM reports UNION ALL SELECT sealed FROM report_parts"
            " UNION ALL SELECT memo FROM receipts WHERE memo IS NOT NULL"
        ).fetchall()
    return len(rows), sum(_opens(bytes(sealed), identities) for (sealed,) in rows)


def identities(folder: Path) -> list[Identity]:
    """Everything in these files that could be a private key for a sealed file: key files, opened with every passphrase
    that lies about, and any 32 bytes, taken for a seed."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size <= MAX_FILE]
    contents = {path: path.read_bytes() for path in files if "postgres" not in path.relative_to(folder).parts}
    passphrases = [data.decode(errors="replace").strip() for data in contents.values() if len(data) < 64]
    found: list[Identity] = []
    for path, data in contents.items():
        if len(data) == keyfiles.KEY_BYTES:
            found += [HybridIdentity(data), X25519Identity(X25519PrivateKey.from_private_bytes(data))]
        elif data.startswith(age.VERSION_LINE) or b"AGE-SECRET-KEY-" in data:
            likely = [word for word in passphrases if word.isascii() and "-" in word] or [""]
            found += _key_file(path, likely)
    return found


def _key_file(path: Path, passphrases: Sequence[str]) -> Iterator[Identity]:
    for passphrase in passphrases:
        try:
            yield read_key_file(path, passphrase).identity
        except (KeyFileRefused, WrongPassphrase):
            continue
        return


def _opens(sealed: bytes, identities: Sequence[Identity]) -> bool:
    try:
        age.decrypt(sealed, identities)
    except age.AgeError:
        return False
    return True
