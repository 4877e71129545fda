"""The platforms and telephones themselves, as far as the channels' own tests don't show them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.channels import Delivery
from tests.channels.platforms.phone import Collect, Post
from tests.channels.platforms.server import Call, Loopback, Reply
from tests.channels.platforms.telegram import TOKEN, TelegramPhone, TelegramPlatform


class Door(Loopback):
    async def answer(self, call: Call) -> Reply:
        return Reply(204 if call.path == "/webhooks/telegram" else 404)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    door = Door()
    await door.start()
    yield door
    await door.close()


async def test_a_telephone_posts_what_it_says_and_tells_what_was_answered(
    door: Door, botapi: TelegramPlatform, person: TelegramPhone
) -> None:
    botapi.gate = post = Post(door.url)
    assert await person.say("hola") == 204
    (call,) = door.calls
    assert call.json["message"]["text"] == "hola"
    assert call.headers["x-telegram-bot-api-secret-token"] == botapi.secret
    assert await post(Delivery("/x", "/x", {}, b"")) == 404
    await post.close()


async def test_expecting_waits_for_what_comes_and_takes_each_message_once(
    botapi: TelegramPlatform, person: TelegramPhone
) -> None:
    async with aiohttp.ClientSession() as session:

        async def send(*texts: str) -> None:
            for text in texts:
                data = {"chat_id": person.address, "text": text}
                await session.post(f"{botapi.url}/bot{TOKEN}/sendMessage", data=data)

        sending = asyncio.create_task(send("uno", "dos", "tres", "cuatro"))
        assert [seen.text for seen in await person.expect(2)] == ["uno", "dos"]
        assert [seen.text for seen in await person.expect_text("uatro")] == ["tres", "cuatro"]
        await sending
    assert person.unread == []
    with pytest.raises(TimeoutError):
        await person.expect(1, timeout=0.01)


@pytest.mark.parametrize(("module", "name"), [("telegram", "50000000"), ("twilio", "whatsapp:+573000000000")])
async def test_a_platform_runs_alone_and_its_telephones_are_used_over_http(door: Door, module: str, name: str) -> None:
    command = [sys.executable, "-m", f"tests.channels.platforms.{module}", "--door", door.url]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2]
    )
    assert process.stdout
    url = (await process.stdout.readline()).decode().strip()
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{url}/phones/{name}/say", json=["hola"]) as answer:
            assert await answer.json() == {"status": 204 if module == "telegram" else 404}
        async with session.get(f"{url}/phones/{name}/expect?timeout=0.01") as answer:
            assert answer.status == 504
        async with session.get(f"{url}/phones/{name}/screen") as answer:
            assert await answer.json() == ["hola"]
    process.terminate()
    await process.wait()
    assert len(door.calls) == 1


async def test_a_failure_meets_the_calls_it_was_named_for_and_passes(botapi: TelegramPlatform) -> None:
    botapi.fail("down", "getMe", times=2)
    async with aiohttp.ClientSession() as session:
        statuses = []
        for method in ("getWebhookInfo", "getMe", "getMe", "getMe"):
            async with session.post(f"{botapi.url}/bot{TOKEN}/{method}") as answer:
                statuses.append(answer.status)
    assert statuses == [200, 502, 502, 200]
    assert len(botapi.calls) == 4


async def test_a_collecting_gate_hands_out_deliveries_in_order(gate: Collect, person: TelegramPhone) -> None:
    await person.say("uno")
    await person.say("dos")
    assert [b"uno" in gate.take().body, b"dos" in gate.take().body] == [True, True]
