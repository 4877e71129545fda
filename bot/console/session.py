"""One request of somebody who is signed in: the officer, a transaction, and what may be done with the reports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.exceptions import HTTPException

from bot.console.service import Console
from bot.desk import Desk
from storage import console_notes, console_sessions
from storage.console_notes import Note
from storage.console_sessions import Session
from storage.roster import Roster


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An officer at the desk of their unit, in one transaction."""

    tx: AsyncConnection
    officer: str
    desk: Desk


@asynccontextmanager
async def of(console: Console, token: str) -> AsyncIterator[SignedIn]:
    """Who holds this token. Nothing counts before the block has ended: what is handed out is handed out after it.

    Raises `HTTPException` (401) without a session, and when the roster in force no longer has the officer.
    """
    now = console.clock()
    async with console.database.begin() as tx:
        session = await console_sessions.use(tx, token, now)
        if session is None or not _counts(await console.roster(tx), session, now.date()):
            raise HTTPException(401)
        yield SignedIn(tx, session.officer, _desk(tx, session, now.date()))


def _counts(roster: Roster, session: Session, today: date) -> bool:
    """The same officer, of the same unit, with the same key, today."""
    same = (session.officer, session.unit, session.signing)
    return any((one.name_id, one.unit, one.signing) == same and one.counts_on(today) for one in roster.officers)


def _desk(tx: AsyncConnection, session: Session, today: date) -> Desk:
    """What is done is left as a note to the worker, who alone has the key that signs the audit chain."""

    async def tell(event: str, report_id: bytes, payload_sha256: bytes) -> None:
        await console_notes.leave(tx, Note(event, report_id, session.officer, payload_sha256, today))

    return Desk(tx, session.unit, tell)
