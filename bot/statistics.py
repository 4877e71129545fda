"""How many conversations began with a placement's code, by month: enough to see which cards are read, and no more.

Counted once a conversation, with its first message, in that turn's own transaction. While a month lasts nobody is
shown anything. When it is over it is published once and for good, and the counts themselves are forgotten:

- a placement with fewer than k conversations (FARO_STATISTICS_K) is absent, as one that nobody met;
- every other number is rounded down to a multiple of k;
- there is no total, neither of a route nor of a month, since a total less its parts would be the hidden rest.

So whatever figures of whatever reports are added or subtracted, the result is a multiple of k, and the same as if any
placement had had up to k-1 conversations more or fewer within its step: none of them tells of fewer than k people.

What this does not hide. Whoever writes k-1 conversations himself sees at the end of the month whether anybody else
wrote by that code (not who, when or what). A conversation is no person: who begins anew is counted anew. Whoever
rules the running host sees every message as it comes, and can count them without this.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from bot import log
from bot.current import Turn
from bot.placements import Placements
from bot.service import Service
from storage import counts
from storage.counts import Figure
from storage.database import Database
from storage.errors import KeyGone
from storage.keys import KeyRing

COLUMNS = ("month", "placement", "place", "route", "destination", "conversations_at_least")
SETTLED = timedelta(hours=1)  # after a month: turns that began in it have long committed


def shown(found: Mapping[str, int], k: int) -> dict[str, int]:
    """What may be published of these counts, in the order of codes."""
    return {code: found[code] // k * k for code in sorted(found) if found[code] >= k}


async def begun(turn: Turn) -> None:
    """Counts this turn's conversation if it is its first one, and came by a card that is known. To be done last."""
    if turn.conversation.fresh and turn.talk.placement in turn.service.placements.by_code:
        await counts.add(turn.tx, turn.service.keys, turn.talk.placement, turn.now)


async def publish_due(service: Service) -> None:
    """Publishes the months that are over, each once."""
    await publish(service.database, service.keys, service.placements, service.settings.statistics_k, service.clock())


async def publish(database: Database, keys: KeyRing, placements: Placements, k: int, now: datetime) -> None:
    """The same, with what it needs. A month whose key is gone can't be published any more."""
    async with database.begin() as tx:
        months = await counts.waiting(tx, counts.month_of(now - SETTLED))
    for month in months:
        try:
            async with database.begin() as tx:
                found = await counts.take(tx, keys, month)
                await counts.publish(tx, _figures(shown(found or {}, k), placements, month, k))
        except KeyGone as error:
            log.failure("month_not_published", error)


def table(figures: Sequence[Figure]) -> str:
    """For people: one line a placement; the same words whether nobody came or too few."""
    if not figures:
        return "No placement had so many conversations that a number may be shown."
    lines = [(f"{one.month:%Y-%m}", one.placement, f"{one.conversations} or more", _about(one)) for one in figures]
    wide = max(len(number) for _, _, number, _ in lines)
    return "\n".join(f"{month}  {code}  {number:>{wide}}  {about}" for month, code, number, about in lines)


def as_csv(figures: Iterable[Figure]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows((f"{one.month:%Y-%m}", one.placement, one.place, one.route, one.destination, one.conversations)
                     for one in figures)  # fmt: skip
    return file.getvalue()


def _figures(numbers: Mapping[str, int], placements: Placements, month: date, k: int) -> list[Figure]:
    """Place, route and destination are frozen too: two reports of a month never differ."""
    rows = []
    for code, number in numbers.items():
        card = placements.by_code.get(code)
        about = (card.place, card.route, card.destination) if card else ("", "", "")
        rows.append(Figure(month, code, *about, number, k))
    return rows


def _about(one: Figure) -> str:
    return ", ".join(part for part in (one.place, one.route, one.destination) if part)


def month_named(text: str) -> date:
    """The first day of a month such as 2026-11. Raises `ValueError`."""
    return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
