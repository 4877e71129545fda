import asyncio

import pytest
from click.testing import CliRunner

from bot.channels.telegram import ALLOWED
from bot.cli import faro
from tests.channels.platforms.telegram import SECRET, TOKEN, TelegramPlatform

PUBLIC = "https://faro.example.org"


async def run(monkeypatch: pytest.MonkeyPatch, **settings: str) -> str:
    for name, value in {"FARO_ROSTER_KEYS": "aa", **settings}.items():
        monkeypatch.setenv(name, value)
    result = await asyncio.to_thread(CliRunner().invoke, faro, ["webhooks"])
    return f"{result.exit_code} {result.output} {result.exception or ''}"


async def test_telegram_is_told_where_to_deliver_with_which_secret_and_what(monkeypatch: pytest.MonkeyPatch) -> None:
    platform = TelegramPlatform()
    await platform.start()
    try:
        said = await run(monkeypatch, FARO_PUBLIC_URL=PUBLIC, FARO_TELEGRAM_TOKEN=TOKEN, FARO_TELEGRAM_SECRET=SECRET,
                         FARO_TELEGRAM_API_URL=platform.url)  # fmt: skip
    finally:
        await platform.close()
    assert platform.webhook["url"] == f"{PUBLIC}/webhooks/telegram"
    assert set(platform.webhook["allowed_updates"]) == set(ALLOWED)
    assert platform.secret == SECRET
    assert said.startswith("0 telegram: delivers to")
    assert SECRET not in said
    assert TOKEN not in said


async def test_what_is_to_be_entered_at_twilio_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    said = await run(monkeypatch, FARO_PUBLIC_URL=PUBLIC, FARO_TWILIO_ACCOUNT_SID="AC" + "0" * 32,
                     FARO_TWILIO_AUTH_TOKEN="t0ken", FARO_SMS_SENDER="+15005550006")  # fmt: skip
    assert f"{PUBLIC}/webhooks/sms#rc=" in said
    assert "whatsapp" not in said
    assert "t0ken" not in said


async def test_without_a_public_address_there_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "FARO_PUBLIC_URL is missing" in await run(monkeypatch)
