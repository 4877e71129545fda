"""What is erased when, in one table, and the doing of it. Reports are not in it: officers decide about those."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage import console_sessions, counts, mailbox, tallies
from storage import conversations as talks
from storage.database import Database
from storage.keys import KeyRing, epoch_start
from storage.statement import Statement
from storage.tables import conversations, deliveries, outbox, seen

type Erase = Callable[[AsyncConnection, datetime], Awaitable[int]]

EPOCH_MARGIN = timedelta(hours=1)  # transactions that wrapped a key just before an epoch ended have long committed

_JOBS = Statement("""
    DELETE FROM procrastinate_jobs AS j WHERE status IN ('failed', 'cancelled', 'aborted', 'succeeded')
    AND NOT EXISTS (SELECT FROM procrastinate_events WHERE job_id = j.id AND at > %(before)s)
""")


async def _conversations(tx: AsyncConnection, before: datetime) -> int:
    return await talks.erase_expired(tx, before + talks.LIFE)


async def _seen(tx: AsyncConnection, before: datetime) -> int:
    return (await tx.execute(delete(seen).where(seen.c.day < before.date()))).rowcount


async def _sent(tx: AsyncConnection, before: datetime) -> int:
    c = outbox.c
    return (await tx.execute(delete(outbox).where(c.status == "sent", c.due < before))).rowcount


async def _jobs(tx: AsyncConnection, before: datetime) -> int:
    return await _JOBS.run(tx, before=before)


async def _deliveries(tx: AsyncConnection, before: datetime) -> int:
    c = deliveries.c
    return (await tx.execute(delete(deliveries).where(c.due.is_(None), c.planned < before))).rowcount


@dataclass(frozen=True)
class Rule:
    """`kept`: how long after the last use. `erase` gets the moment before which things are too old."""

    what: str
    kept: timedelta
    reason: str
    erase: Erase


RULES = (
    Rule(
        "conversations: key, state, messages, replies, attachments",
        talks.LIFE,
        "24 hours after the last word; a message that waits for its turn, or was parked, holds them 72 hours more",
        _conversations,
    ),
    Rule("mail for pages that was not seen", talks.LIFE, "the conversation that it belongs to is gone", mailbox.sweep),
    Rule("ids of sent replies", timedelta(hours=48), "the platforms delete no older message on request", _sent),
    Rule("digests of messages", timedelta(days=60), "no platform delivers a message again so late", _seen),
    Rule("failed jobs", timedelta(days=7), "they hold numbers only, and tell an operator what went wrong", _jobs),
    Rule(
        "counts of placements",
        timedelta(days=31),
        "after the month: they were published, or lost their key",
        counts.erase,
    ),
    Rule("digests of what came how often", timedelta(hours=24), "a flood is seen within a day or never", tallies.erase),
    Rule(
        "sessions of officers at the console",
        console_sessions.IDLE,
        "nobody can use one any more, nor the challenge that it began with",
        console_sessions.erase,
    ),
    Rule("notices that were sent", timedelta(days=30), "shows an operator that a unit was told", _deliveries),
)
# Erased at once, and therefore not in the table: a message when its turn is done, the words of a reply when it is
# sent, mail for a page when it was seen, a job when it succeeded, and everything of a conversation at an exit word.


async def run(database: Database, keys: KeyRing, now: datetime) -> dict[str, int]:
    """Erases what is due, each rule in its own transaction; then the keys of what is gone. Gives numbers by rule."""
    erased: dict[str, int] = {}
    for rule in RULES:
        async with database.begin() as tx:
            erased[rule.what] = await rule.erase(tx, now - rule.kept)
    async with database.begin() as tx:
        oldest = (await tx.execute(select(func.min(conversations.c.epoch)))).scalar()
    settled = now - EPOCH_MARGIN
    before = settled if oldest is None else min(settled, epoch_start(oldest))
    erased["epoch keys, when no conversation lives under them"] = keys.shred_epochs(before)
    erased["pseudonym keys, from the month before last"] = keys.shred_months(now)
    erased["former keys of handles, when no page writes under them"] = keys.shred_handles(now - talks.LIFE)
    return erased
