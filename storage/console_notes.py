"""What an officer did at the console, until the worker has told it to the audit chain.

The console holds no key that signs the chain. It leaves a note in the very transaction that hands a report out, and the
worker appends the row in the transaction that removes the note: so none is lost, and none is told twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import audit, queue
from storage.tables import console_notes


@dataclass(frozen=True, slots=True)
class Note:
    """`event`: what the officer did with the report, as the audit chain calls it; `day` in UTC."""

    event: str
    report: bytes
    officer: str
    payload_sha256: bytes
    day: date


async def leave(tx: AsyncConnection, note: Note) -> None:
    """Keeps the note and queues the job that tells the chain of it."""
    row = {"event": note.event, "report": note.report, "officer": note.officer, "day": note.day}
    new = insert(console_notes).values(payload_sha256=note.payload_sha256, **row).returning(console_notes.c.id)
    await queue.enqueue_note(tx, (await tx.execute(new)).scalar_one())


async def tell(tx: AsyncConnection, note_id: int, signer: Ed25519PrivateKey) -> bool:
    """Appends the note to the audit chain and removes it. False if that was done before."""
    c = console_notes.c
    taken = delete(console_notes).where(c.id == note_id)
    row = (await tx.execute(taken.returning(c.event, c.report, c.officer, c.payload_sha256, c.day))).first()
    if row is None:
        return False
    await audit.append(tx, row.event, row.report, row.officer, row.payload_sha256, signer, day=row.day)
    return True
