"""What a platform delivered is sealed into the inbox and queued, in one transaction; only then is it acknowledged."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import log
from bot.channels import Channel, Incoming, Receipt, Received
from bot.errors import Unreachable
from bot.service import Service
from storage import conversations, copies, inbox, outbox
from storage.conversations import Conversation
from storage.errors import ConversationGone

TRIES = 3  # a conversation can be erased in the instant between being found and taking the message


async def ingest(service: Service, channel: Channel, received: Received) -> None:
    """Commits everything that a delivery meant. A message seen before changes nothing."""
    for message in received.messages:
        await _accept(service, channel, message)
    for receipt in received.receipts:
        await _told(service, channel, receipt)


async def _accept(service: Service, channel: Channel, message: Incoming) -> None:
    for attempt in range(TRIES):
        try:
            taken = await _accept_once(service, channel, message)
        except ConversationGone:
            if attempt == TRIES - 1:
                raise
        else:
            outcome = "accepted" if taken else "repeated"
            return service.metrics.count("faro_messages_total", channel=channel.name, outcome=outcome)
    return None


async def _accept_once(service: Service, channel: Channel, message: Incoming) -> bool:
    """False for a message seen before."""
    now = service.clock()
    async with service.database.each() as tx:  # nearly all messages: two statements, of which one changes something
        known = await conversations.find(tx, service.keys, channel.name, message.address, now)
        if known:
            return await _kept(service, tx, known, message, now)
    async with service.database.begin() as tx:
        conversation = await conversations.admit(tx, service.keys, channel.name, message.address, now)
        kept = await _kept(service, tx, conversation, message, now)
        if conversation.fresh and not kept:  # a repeated message of somebody who has left begins nothing
            await conversations.erase(tx, conversation.id)
        return kept


async def _kept(service: Service, tx: AsyncConnection, conversation: Conversation, message: Incoming,
                now: datetime) -> bool:  # fmt: skip
    row = await inbox.accept(tx, service.keys, conversation, message.message_id, message.to_json(), now)
    return row is not None


async def _told(service: Service, channel: Channel, receipt: Receipt) -> None:
    """What became of a message of ours: once it is final, the platform's copy may be deleted there."""
    if not receipt.final and receipt.failed is None:
        return  # on its way
    async with service.database.begin() as tx:
        if receipt.final:
            await copies.note(tx, channel.name, [receipt.platform_id], service.clock())
        if receipt.failed is None:
            return
        log.failure("failed_later", receipt.failed, channel=channel.name)
        row = await outbox.find(tx, receipt.platform_id)
        if row and isinstance(receipt.failed, Unreachable):
            await conversations.forget(tx, row.conversation)
