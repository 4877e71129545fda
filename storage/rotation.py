"""Replacing keys while everything runs, one change after the other; each can be done again if it was cut off.

What becomes of what the former key protected is said by each function; SECURITY.md says what a change is good for.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import audit, conversations, keyfiles, signing
from storage.database import Database
from storage.keys import KeyRing, epoch_of
from storage.tables import conversations as conversations_table

SEALER, NEXT, FORMER = "sealer.key", "sealer.next.key", "sealer.former.key"
PUBLIC = "sealer.pub"  # of those that were replaced: sealer-1.pub, sealer-2.pub, oldest first


@contextmanager
def one_at_a_time(keys: Path) -> Iterator[None]:
    """A second change waits until the first is done."""
    with (keyfiles.folder(keys) / "rotate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def pepper(keys: Path) -> None:
    """New receipt codes come of a new one. Old codes are found under the former, at 0.3 s more for each look-up."""
    keyfiles.change(keys / "pepper.key")


def handles(keys: Path) -> None:
    """Handles of pages that are open stay good until nobody can write under one any more (`retention.py`)."""
    keyfiles.change(keys / "handle.key")


def month(keys: Path, now: datetime) -> None:
    """Who writes from now on gets another pseudonym; a conversation under way moves with its next message."""
    keyfiles.change(keyfiles.short_lived(keys / "pseudonyms") / f"{now.astimezone(UTC):%Y-%m}.key")


async def epoch(database: Database, keys: KeyRing, folder: Path, now: datetime) -> int:
    """Puts the data keys of all conversations under a new key. Gives their number.

    The former key goes with its six hours: a door may just have wrapped something under it."""
    keyfiles.change(keyfiles.short_lived(folder / "epochs") / f"{epoch_of(now)}.key")
    moved = 0
    async with database.begin() as tx:
        ids = (await tx.execute(select(conversations_table.c.id))).scalars().all()
    for id in ids:
        async with database.begin() as tx:
            moved += await conversations.rewrap(tx, keys, id, now)
    return moved


def next_sealer(keys: Path) -> Ed25519PublicKey:
    """The public half of the key that is to follow; made when first asked. Directors put it into the roster."""
    return _public(keyfiles.read_or_make(keys / NEXT))


async def sealer(database: Database, keys: Path) -> None:
    """The next key seals from now on, once the chain says so under the present one; whose private half is shredded.

    Call it when a roster that names both is in force. Reports and rows of before stay as they are."""
    if (keys / NEXT).exists():
        _note(keys, _public(keyfiles.read_or_make(keys / SEALER)).public_bytes_raw())
        async with database.begin() as tx:
            await audit.head(tx, hold=True)  # nobody seals in between
            await _hand_on(tx, keyfiles.read_or_make(keys / SEALER), next_sealer(keys))
        async with database.begin() as tx:
            await audit.head(tx, hold=True)
            _put_in_force(keys)
    finish_sealer(keys)


def former_sealers(keys: Path) -> list[Ed25519PublicKey]:
    """The public halves of those that handed the chain on, oldest first: backups of their time are signed by them."""
    return [Ed25519PublicKey.from_public_bytes(key) for key in keyfiles.formers(keys / PUBLIC)]


def finish_sealer(keys: Path) -> bool:
    """Shreds the private half of a sealer that was replaced. False if there is none."""
    former = keyfiles.read(keys / FORMER)
    if former is None or former == keyfiles.read(keys / SEALER):
        return False
    keyfiles.shred(keys / FORMER)
    return True


async def _hand_on(tx: AsyncConnection, present: bytes, following: Ed25519PublicKey) -> None:
    """The row that names the next key; once, however often this is tried."""
    digest = hashlib.sha256(following.public_bytes_raw()).digest()
    if not any(_names(row, digest) for row in await audit.rows(tx)):
        signer = Ed25519PrivateKey.from_private_bytes(present)
        await audit.append(tx, audit.SEALER, None, "sealer", digest, signer, signed=True)


def _names(row: audit.AuditRow, digest: bytes) -> bool:
    body = signing.parse(row.body, audit.CTX)
    return (body.get("event"), body.get("payload_sha256")) == (audit.SEALER, digest.hex())


def _note(keys: Path, public: bytes) -> None:
    known = list(keyfiles.formers(keys / PUBLIC))
    if public not in known:
        keyfiles.publish(keyfiles.former(keys / PUBLIC, len(known) + 1), public)


def _put_in_force(keys: Path) -> None:
    """The former is kept by another name first, so that it can be shredded and not only forgotten."""
    present = keyfiles.read(keys / SEALER)
    if present is not None and keyfiles.read(keys / FORMER) != present:
        keyfiles.shred(keys / FORMER)
        (keys / FORMER).hardlink_to(keys / SEALER)
    (keys / NEXT).replace(keys / SEALER)


def _public(seed: bytes) -> Ed25519PublicKey:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key()
