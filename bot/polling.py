"""Telegram without a public address: updates are asked for, and confirmed only after they are committed."""

from __future__ import annotations

import asyncio

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from bot import log
from bot.channels.telegram import Telegram
from bot.errors import SendError
from bot.ingest import ingest
from bot.service import Service
from storage.errors import StorageError

WAIT_SECONDS = 25  # one question to Telegram stays open for so long
PAUSE_SECONDS = 3.0  # after a failure
_ONE_POLLER = text("SELECT pg_advisory_xact_lock(hashtext('faro.telegram.polling'))")  # Telegram refuses a second one


async def poll(service: Service) -> None:
    """Runs until cancelled. Several gateways may start it; one polls, the others wait to take its place."""
    channel = service.channels.on["telegram"]
    assert isinstance(channel, Telegram)
    while True:
        try:
            async with service.database.begin() as turn_of_mine:
                await turn_of_mine.execute(_ONE_POLLER)
                await _in_turn(service, channel)
        except (StorageError, SQLAlchemyError) as error:  # the lock may be gone with its connection: queue up again
            log.failure("polling", error)
            await asyncio.sleep(PAUSE_SECONDS)


async def _in_turn(service: Service, channel: Telegram) -> None:
    offset = 0  # whatever is not confirmed yet; what was committed before changes nothing
    while True:
        try:
            offset = await _once(service, channel, offset)
        except SendError as error:
            log.failure("polling", error)
            await asyncio.sleep(error.after or PAUSE_SECONDS)


async def _once(service: Service, channel: Telegram, offset: int) -> int:
    """Asking for the next offset is what confirms the updates before it, so that it moves after their commit."""
    for update_id, received in await channel.poll(offset, WAIT_SECONDS):
        await ingest(service, channel, received)
        offset = update_id + 1
    return offset
