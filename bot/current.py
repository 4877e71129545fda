"""What the steps of one turn share: they work on the same message, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Channel
from bot.conversation import Talk
from bot.receipts import Prepared
from bot.service import Service
from storage.conversations import Conversation


@dataclass(slots=True)
class Turn:
    """One message under way. `receipt`: at hand for a complete report; `replies`: what is to be sent of it."""

    service: Service
    tx: AsyncConnection
    conversation: Conversation
    channel: Channel
    talk: Talk
    now: datetime
    receipt: Prepared | None = None
    replies: Sequence[dict[str, Any]] = ()
