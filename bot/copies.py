"""Deletes the copies that a platform keeps of messages: one job for all that came due, not one for each.

At-least-once: what was deleted and not recorded is asked for again, which the platform answers like the first time.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot import log
from bot.errors import SendError
from bot.service import Service
from storage import copies
from storage.copies import Copies

AT_ONCE = 16  # calls to platforms; they take as many messages a second of one sender as these delete
# Before each new try, since a platform deletes nothing that is still under way; after the last it is left to it.
LATER = tuple(timedelta(minutes=minutes) for minutes in (1, 10, 60, 360))


async def erase_due(service: Service) -> None:
    """Everything that is due now, up to a limit; the next job goes on."""
    async with service.database.begin() as tx:
        due = await copies.take(tx, service.clock())
    if not due:
        return
    places = asyncio.Semaphore(AT_ONCE)
    erased = await asyncio.gather(*(_erase(service, one, places) for one in due))
    kept = [one for one, gone in zip(due, erased, strict=True) if not gone]
    again = {one.row: LATER[one.attempts] for one in kept if one.attempts < len(LATER)}
    for one in kept:
        if one.row not in again:
            log.event("copy_left_to_platform", channel=one.channel)
    async with service.database.begin() as tx:
        await copies.deleted(tx, [one.row for one in due if one.row not in again])
        for row, wait in again.items():
            await copies.later(tx, row, service.clock() + wait)


async def _erase(service: Service, one: Copies, places: asyncio.Semaphore) -> bool:
    """False if it is still there: under way, the platform is down, or its channel is off."""
    channel = service.channels.on.get(one.channel)
    if channel is None:
        return False
    try:
        async with places:
            await channel.erase("", one.ids)
    except SendError as error:
        log.failure("copy_not_deleted", error, channel=one.channel)
        return False
    return True
