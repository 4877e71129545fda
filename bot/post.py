"""Sends what waits in the outbox of one conversation, in order, and records what was sent.

Each send is at-least-once: killed between the platform's answer and the record, the message goes out again. Neither
platform takes an idempotency key, and a question twice is better than silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot import log
from bot.channels import Channel, Outgoing
from bot.errors import SendError, Unreachable
from bot.service import Service
from storage import conversations, outbox, queue
from storage.outbox import Waiting

BACKOFF = (1, 5, 30, 120, 600, 1800)  # seconds before each new try; after the last the message is parked


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one row of the outbox."""

    row: Waiting
    platform_ids: tuple[str, ...] = ()
    error: SendError | None = None


async def post(service: Service, conversation_id: bytes, now: datetime) -> None:
    """Sends until the outbox is empty or a message must wait. Order is kept: nothing overtakes a message that waits."""
    async with service.database.begin() as tx:
        conversation = await conversations.lock(tx, service.keys, conversation_id)
        waiting = await outbox.waiting(tx, conversation) if conversation else []
    if not conversation or not waiting:
        return
    channel = service.channels.on[conversation.channel]
    done: list[Sent] = []
    for row in waiting:
        done.append(await _try(channel, row))
        if done[-1].error and done[-1].error.retry:
            break
    await _record(service, conversation_id, done, now)


async def _try(channel: Channel, row: Waiting) -> Sent:
    try:
        return Sent(row, await _do(channel, row.body))
    except SendError as error:
        log.failure("not_sent", error, channel=channel.name, attempt=row.attempts + 1)
        return Sent(row, error=error)


async def _do(channel: Channel, body: dict[str, Any]) -> tuple[str, ...]:
    match body["do"]:
        case "say":
            return await channel.send(body["address"], Outgoing.from_json(body["piece"]))
        case "erase":
            await channel.erase(body["address"], tuple(body["ids"]))
        case "acknowledge":
            await channel.acknowledge(body["callback"])
    return ()


async def _record(service: Service, conversation_id: bytes, done: Sequence[Sent], now: datetime) -> None:
    async with service.database.begin() as tx:
        for sent in done:
            await _outcome(tx, conversation_id, sent, now)
        if any(sent.row.body["do"] == "forget" or isinstance(sent.error, Unreachable) for sent in done):
            await conversations.erase(tx, conversation_id)


async def _outcome(tx: Any, conversation_id: bytes, sent: Sent, now: datetime) -> None:
    error, row = sent.error, sent.row
    if error is None:
        await outbox.sent(tx, row.id, sent.platform_ids)
    elif error.retry and row.attempts < len(BACKOFF):
        due = now + timedelta(seconds=max(BACKOFF[row.attempts], error.after or 0))
        await outbox.retry(tx, row.id, error.code, due)
        await queue.enqueue_send(tx, conversation_id, due)
    else:
        await outbox.park(tx, row.id, error.code)
