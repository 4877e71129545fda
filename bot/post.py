"""Sends what a turn wrote into the outbox, in order, after its commit, and records what was sent.

Each send is at-least-once: killed between the platform's answer and the record, the message goes out again. Neither
platform takes an idempotency key, and a question twice is better than silence. A page's mailbox does take one, the
reply's number, so that nothing comes to a page twice.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import log
from bot.channels import Channel, Outgoing
from bot.errors import SendError, Unreachable
from bot.service import Service
from storage import conversations, outbox, queue
from storage.outbox import Holder, Waiting

BACKOFF = (1, 5, 30, 120, 600, 1800)  # seconds before each new try; after the last the message is parked
LEASE = timedelta(seconds=45)  # for so long a batch belongs to its sender; nobody else sends it meanwhile
# Then the rest of a batch is left to another job: well before the lease ends, and before others may take us for dead
# (`queue.STALLED_SECONDS`) and send it too.
BATCH_SECONDS = 4.0


@dataclass(frozen=True, slots=True)
class Posting:
    """A batch that is leased to its holder."""

    conversation_id: bytes
    channel: str
    rows: Sequence[Waiting]


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one row of the outbox."""

    row: Waiting
    platform_ids: tuple[str, ...] = ()
    error: SendError | None = None


async def post(service: Service, conversation_id: bytes, holder: Holder, *, orphaned: bool = False) -> None:
    """Sends what is due for this conversation, as a job of the kind `holder`. `orphaned`: its forerunner has died."""
    now = service.clock()
    async with service.database.begin() as tx:
        conversation = await conversations.lock(tx, service.keys, conversation_id)
        if conversation and orphaned:
            await outbox.take_over(tx, conversation, now, holder)
        rows = await outbox.lease(tx, conversation, now, LEASE, holder) if conversation else []
    if conversation and rows:
        await send_now(service, Posting(conversation_id, conversation.channel, rows), beside_turns=True)


async def send_now(service: Service, posting: Posting, *, beside_turns: bool = False) -> None:
    """Sends a leased batch until it is empty, a message must wait (nothing overtakes it), or nobody is there any more.

    `beside_turns`: the person may leave meanwhile, which is looked up before each message but the first.
    """
    channel = service.channels.on[posting.channel]
    begun, done = time.monotonic(), list[Sent]()
    for row in posting.rows:
        if time.monotonic() - begun > BATCH_SECONDS:
            break
        if beside_turns and done and await _gone(service, posting.conversation_id):
            return
        done.append(await _try(channel, row))
        service.metrics.count("faro_sends_total", channel=channel.name, outcome=_outcome(done[-1]))
        if (error := done[-1].error) and (error.retry or isinstance(error, Unreachable)):
            break
    await _record(service, posting, done)


async def _gone(service: Service, conversation_id: bytes) -> bool:
    async with service.database.begin() as tx:
        return not await conversations.exists(tx, conversation_id)


async def _try(channel: Channel, row: Waiting) -> Sent:
    try:
        return Sent(row, await _do(channel, row))
    except SendError as error:
        log.failure("not_sent", error, channel=channel.name, attempt=row.attempts + 1)
        return Sent(row, error=error)


def _outcome(sent: Sent) -> str:
    if sent.error is None:
        return "sent"
    if isinstance(sent.error, Unreachable):
        return "unreachable"
    return "again" if _again(sent.row, sent.error) else "parked"


def _again(row: Waiting, error: SendError) -> bool:
    return error.retry and row.attempts < len(BACKOFF)


async def _do(channel: Channel, row: Waiting) -> tuple[str, ...]:
    match (body := row.body)["do"]:
        case "say":
            piece = replace(Outgoing.from_json(body["piece"]), number=row.id)
            return await channel.send(body["address"], piece)
        case "erase":
            await channel.erase(body["address"], tuple(body["ids"]))
        case "acknowledge":
            await channel.acknowledge(body["callback"])
    return ()


async def _record(service: Service, posting: Posting, done: Sequence[Sent]) -> None:
    now = service.clock()
    left = [row.id for row in posting.rows[len(done) :]]
    taken = {sent.row.id: sent.platform_ids for sent in done if not sent.error}
    if len(taken) == len(posting.rows) and posting.rows[-1].body["do"] != "forget":
        async with service.database.each() as tx:
            await outbox.sent(tx, taken)
        return
    async with service.database.begin() as tx:
        await outbox.sent(tx, taken)
        for sent in done:
            if sent.error:
                await _failed(tx, posting.conversation_id, sent.row, sent.error, now)
        if left:
            await outbox.release(tx, left, now)
            if not done[-1].error:
                await queue.enqueue_send(tx, posting.conversation_id)
        if any(sent.row.body["do"] == "forget" or isinstance(sent.error, Unreachable) for sent in done):
            await conversations.forget(tx, posting.conversation_id)


async def _failed(tx: AsyncConnection, conversation_id: bytes, row: Waiting, error: SendError, now: datetime) -> None:
    if _again(row, error):
        due = now + timedelta(seconds=max(BACKOFF[row.attempts], error.after or 0))
        await outbox.retry(tx, row.id, error.code, due)
        await queue.enqueue_send(tx, conversation_id, due)
    else:
        await outbox.park(tx, row.id, error.code)
        await queue.enqueue_send(tx, conversation_id)
