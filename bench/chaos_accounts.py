"""Twilio of the chaos run: of every fifth message it also tells what became of it, the later news first."""

from __future__ import annotations

import asyncio
from typing import override

from bot.channels import Delivery
from tests.channels.platforms.server import Reply
from tests.channels.platforms.twilio import ACCOUNT, Message, TwilioPlatform

TOLD_EVERY = (
    5  # each news is a webhook, and the end of a message asks for its deletion: all of them would be most of it
)


class Accounts(TwilioPlatform):
    """`final`: messages of ours whose end was told and acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.final: set[str] = set()
        self.telling: set[asyncio.Task[None]] = set()
        self._accepted = 0

    def copies(self) -> set[str]:
        """What is still held and could be deleted: people's messages, and ours whose end was told."""
        return {sid for sid, message in self.messages.items() if message.status == "received" or sid in self.final}

    @override
    def _accept(self, given: dict[str, str]) -> Reply:
        reply = super()._accept(given)
        self._accepted += 1
        if reply.status == 201 and self._accepted % TOLD_EVERY == 0:
            task = asyncio.create_task(self._told(self.messages[next(reversed(self.messages))]))
            self.telling.add(task)
            task.add_done_callback(self.telling.discard)
        return reply

    async def _told(self, message: Message) -> None:
        for status in ("delivered", "sent"):
            await self.deliver(self._news(message, status))
            self.final.add(message.sid)

    def _news(self, message: Message, status: str) -> Delivery:
        fields = {"AccountSid": ACCOUNT, "MessageSid": message.sid, "MessageStatus": status, "From": message.sender,
                  "To": message.to, "ApiVersion": "2010-04-01"}  # fmt: skip
        return self.signed("/webhooks/twilio/status", fields)
