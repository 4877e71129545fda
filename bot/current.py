"""What the steps of one turn share: they work on the same message, in the same transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Channel
from bot.conversation import Talk
from bot.service import Service
from storage.conversations import Conversation
from storage.outbox import Handed


@dataclass(slots=True)
class Turn:
    """One message under way. `handed`: the replies, once they are in the outbox."""

    service: Service
    tx: AsyncConnection
    conversation: Conversation
    channel: Channel
    talk: Talk
    now: datetime
    handed: Handed | None = None
