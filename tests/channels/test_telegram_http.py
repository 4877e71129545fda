"""The library's calls over our own client."""

from __future__ import annotations

import aiohttp
import pytest
from telegram.error import NetworkError, TelegramError

from bot.channels.http import client
from bot.channels.telegram_http import Request
from tests.channels.platforms.telegram import TOKEN, TelegramPlatform


async def test_what_the_network_did_is_the_cause_of_the_librarys_error(botapi: TelegramPlatform) -> None:
    request = Request(0.2)
    async with client(0.2) as request.session:
        botapi.fail("cut", "getMe")
        with pytest.raises(NetworkError) as caught:
            await request.post(f"{botapi.url}/bot{TOKEN}/getMe")
        assert isinstance(caught.value.__cause__, aiohttp.ClientError)
        assert TOKEN not in str(caught.value)
        assert await request.post(f"{botapi.url}/bot{TOKEN}/getMe")


async def test_a_longer_wait_can_be_asked_for(botapi: TelegramPlatform) -> None:
    request = Request(0.05)
    botapi.gate = None
    async with client(0.05) as request.session:
        await request.post(f"{botapi.url}/bot{TOKEN}/deleteWebhook")
        with pytest.raises(NetworkError):
            await request.post(f"{botapi.url}/bot{TOKEN}/getUpdates?timeout=1")
        assert await request.post(f"{botapi.url}/bot{TOKEN}/getUpdates?timeout=1", read_timeout=3) == []


def test_an_answer_that_cannot_be_read_is_not_quoted() -> None:
    with pytest.raises(TelegramError) as caught:
        Request.parse_json_payload(b"Zarzamora")
    assert "Zarzamora" not in str(caught.value)
