"""The public door, over HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import text

from bot.app import BODY_LIMIT
from tests.channels.platforms.telegram import SECRET
from tests.engine import Engine
from tests.house import House, furnished

FORGED = {"x-telegram-bot-api-secret-token": "x"}
READY = {"database": True, "queue": True, "roster": True, "engine": True}
GENUINE = {"x-telegram-bot-api-secret-token": SECRET, "content-type": "application/json"}


@pytest.fixture
async def door(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        yield house


@pytest.fixture
async def web(door: House) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(door.url) as session:
        yield session


async def test_a_genuine_message_is_answered_after_it_is_kept(door: House) -> None:
    assert await door.telegram.phone().say("hola") == 200
    assert (await door.count("inbox"), await door.count("procrastinate_jobs WHERE queue_name = 'turns'")) == (1, 1)


async def test_a_forged_delivery_is_refused_without_a_trace_or_a_reason(
    door: House, web: aiohttp.ClientSession
) -> None:
    async with web.post("/webhooks/telegram", data=b"{}", headers=FORGED) as answer:
        assert (answer.status, await answer.read()) == (403, b"")
    assert [await door.count(table) for table in ("conversations", "inbox", "seen")] == [0, 0, 0]


async def test_what_is_genuine_and_means_nothing_is_answered_as_received(web: aiohttp.ClientSession) -> None:
    """Else the platform would deliver it for ever."""
    async with web.post("/webhooks/telegram", data=b"not json", headers=GENUINE) as answer:
        assert answer.status == 200


async def test_a_body_above_the_limit_is_not_read_to_its_end(door: House, web: aiohttp.ClientSession) -> None:
    async with web.post("/webhooks/telegram", data=BytesIO(bytes(BODY_LIMIT)), headers=GENUINE) as answer:
        assert answer.status == 200
    async with web.post("/webhooks/telegram", data=BytesIO(bytes(BODY_LIMIT + 1)), headers=GENUINE) as answer:
        assert answer.status == 413


async def test_what_no_answer_should_lack_is_on_those_to_platforms_and_probes_too(
    door: House, web: aiohttp.ClientSession
) -> None:
    assert door.service.settings.public_url.startswith("https://")
    for method, path in (("POST", "/webhooks/telegram"), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/nowhere")):
        async with web.request(method, path, data=b"{}" if method == "POST" else None) as answer:
            assert answer.headers.getall("X-Content-Type-Options") == ["nosniff"], path
            assert answer.headers.getall("Strict-Transport-Security") == ["max-age=63072000; includeSubDomains"], path


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", "/webhooks/terminal", 404), ("POST", "/webhooks/telegram/", 404), ("POST", "/webhooks/../healthz", 405),
     ("GET", "/webhooks/telegram", 405), ("GET", "/docs", 404), ("GET", "/openapi.json", 404),
     ("GET", "/metrics", 404), ("TRACE", "/", 405), ("TRACE", "/healthz", 405), ("TRACE", "/chat/messages", 405)],
)  # fmt: skip
async def test_nothing_else_answers(web: aiohttp.ClientSession, method: str, path: str, status: int) -> None:
    async with web.request(method, path, headers=GENUINE) as answer:
        assert answer.status == status


async def test_it_is_alive_without_any_other_part(door: House, web: aiohttp.ClientSession) -> None:
    async with web.get("/healthz") as answer:
        assert (answer.status, await answer.json()) == (200, {"alive": True})


async def test_it_is_ready_when_every_part_is(door: House, web: aiohttp.ClientSession) -> None:
    async with web.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, READY)


async def test_it_says_which_part_is_not_ready_and_takes_messages_all_the_same(
    door: House, web: aiohttp.ClientSession
) -> None:
    door.service.settings.roster_file.unlink()
    async with web.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (200, READY | {"roster": False})


async def test_without_its_tables_it_can_take_nothing_and_is_not_ready(door: House, web: aiohttp.ClientSession) -> None:
    async with door.service.database.begin() as tx:
        await tx.execute(text("ALTER TABLE inbox RENAME TO hidden"))
    async with web.get("/readyz") as answer:
        assert (answer.status, await answer.json()) == (503, READY | {"database": False, "queue": False})


async def test_without_an_engine_it_stays_in_the_balancer_and_keeps_what_is_written(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    away = Engine("http://127.0.0.1:9", engine.token, 0, engine.log)
    async with furnished(tmp_path, database_url, away, works=False) as house, aiohttp.ClientSession(house.url) as web:
        async with web.get("/readyz") as answer:
            assert (answer.status, await answer.json()) == (200, READY | {"engine": False})
        assert await house.telegram.phone().say("hola") == 200
        assert await house.count("inbox") == 1
