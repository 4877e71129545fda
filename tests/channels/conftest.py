"""The channels, wired to their platforms on the loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.sms import SMS
from bot.channels.telegram import Telegram
from bot.channels.web import Web
from bot.channels.whatsapp import RememberedContents, WhatsApp
from storage import mailbox
from storage.database import Database
from storage.keys import KeyRing
from storage.mailbox import Mailbox
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.telegram import TelegramPhone, TelegramPlatform
from tests.channels.platforms.twilio import TwilioPhone, TwilioPlatform
from tests.channels.platforms.web import MailboxPhone, WebPlatform
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


@pytest.fixture
async def page(keys: KeyRing, shared_database_url: str, gate: Collect) -> AsyncIterator[MailboxPhone]:
    """Somebody who writes on the page. Nobody else knows their mailbox, so that one database serves all."""
    database, handle = Database(shared_database_url), mailbox.new_handle(keys)
    yield MailboxPhone(Mailbox.of(keys, handle), handle, gate, database)
    await database.close()


@pytest.fixture
async def postgres(shared_database_url: str, page: MailboxPhone) -> AsyncIterator[WebPlatform]:
    """The database, by way of a port that can fail."""
    platform = WebPlatform(shared_database_url, page.box)
    await platform.start()
    yield platform
    await platform.close()


@pytest.fixture
async def web(postgres: WebPlatform, keys: KeyRing) -> AsyncIterator[Web]:
    database = Database(postgres.url, pool=2)
    channel = Web(database, lambda: keys, "https://faro.example", timeout=TIMEOUT)
    await channel.start()
    await channel.check()  # the driver asks a server some questions when it first meets it
    yield channel
    await channel.close()
    await database.close()
