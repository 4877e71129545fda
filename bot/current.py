"""What the steps of one turn share: they work on the same message, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Channel
from bot.conversation import Talk
from bot.receipts import Prepared
from bot.service import Service
from storage.conversations import Conversation
from storage.outbox import Handed


@dataclass(slots=True)
class Turn:
    """One message under way. `receipt`: at hand for a complete report; `handed`: the replies, once in the outbox."""

    service: Service
    tx: AsyncConnection
    conversation: Conversation
    channel: Channel
    talk: Talk
    now: datetime
    receipt: Prepared | None = None
    handed: Handed | None = None
