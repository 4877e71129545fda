"""The channels, wired to their platforms on the loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.sms import SMS
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import RememberedContents, WhatsApp
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.telegram import TelegramPhone, TelegramPlatform
from tests.channels.platforms.twilio import TwilioPhone, TwilioPlatform
from tests.channels.rigs import TIMEOUT, telegram_settings, twilio_settings


@pytest.fixture
def now() -> list[float]:
    """The platforms' clock, in seconds; a test may move it."""
    return [1_760_000_000.0]


@pytest.fixture
def gate() -> Collect:
    return Collect()


@pytest.fixture
async def botapi(now: list[float], gate: Collect) -> AsyncIterator[TelegramPlatform]:
    platform = TelegramPlatform(now=lambda: now[0])
    platform.gate = gate
    await platform.start()
    yield platform
    await platform.close()


@pytest.fixture
async def telegram(botapi: TelegramPlatform) -> AsyncIterator[Telegram]:
    channel = Telegram(telegram_settings(botapi), timeout=TIMEOUT)
    await channel.start()
    yield channel
    await channel.close()


@pytest.fixture
def person(botapi: TelegramPlatform) -> TelegramPhone:
    return botapi.phone()


@pytest.fixture
async def twilio(now: list[float], gate: Collect) -> AsyncIterator[TwilioPlatform]:
    platform = TwilioPlatform(now=lambda: now[0])
    platform.gate = gate
    await platform.start()
    yield platform
    await platform.close()


@pytest.fixture
async def whatsapp(twilio: TwilioPlatform) -> AsyncIterator[WhatsApp]:
    channel = WhatsApp(twilio_settings(twilio), RememberedContents(), timeout=TIMEOUT)
    await channel.start()
    yield channel
    await channel.close()


@pytest.fixture
async def sms(twilio: TwilioPlatform) -> AsyncIterator[SMS]:
    channel = SMS(twilio_settings(twilio), timeout=TIMEOUT)
    await channel.start()
    yield channel
    await channel.close()


@pytest.fixture
def phone(twilio: TwilioPlatform) -> TwilioPhone:
    """With WhatsApp."""
    return twilio.whatsapp()
