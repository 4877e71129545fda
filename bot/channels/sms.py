"""SMS through Twilio: plain letters, numbered choices, two segments a message."""

from __future__ import annotations

from bot.channels import Finding, Outgoing
from bot.channels.gsm7 import ROOM, cost, transliterate
from bot.channels.pieces import each, numbered, split
from bot.channels.twilio import STATUS_PATH, TwilioChannel
from bot.settings import Settings

VALID_SECONDS = 300  # a message that comes late may come into other hands


class SMS(TwilioChannel):
    """See `bot.channels.Channel`."""

    name = "sms"
    paths = ("/webhooks/sms", STATUS_PATH)

    def __init__(self, settings: Settings, *, timeout: float = 10.0) -> None:
        super().__init__(settings, settings.sms_sender, timeout=timeout)

    def compose(self, message: Outgoing) -> list[Outgoing]:
        text = transliterate(numbered(message).text if message.buttons else message.text)
        return each(message, split(text, ROOM, cost))

    async def send(self, address: str, piece: Outgoing) -> tuple[str, ...]:
        return await self._create(address, body=piece.text, validity_period=VALID_SECONDS)

    async def _registration(self) -> Finding:
        what, remedy = "sms webhook", f"Set the number's messaging webhook to {self._hook} (POST)."
        numbers = await self._client.incoming_phone_numbers.list_async(phone_number=self._sender, limit=1)
        if not numbers:
            return Finding(False, "sms sender", "This account has no such number: look at FARO_SMS_SENDER.")
        right = (numbers[0].sms_url or "").partition("#")[0] == self._hook and numbers[0].sms_method == "POST"
        return Finding(right, what, "" if right else remedy)
