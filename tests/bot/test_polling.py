"""Telegram without a webhook: the platform keeps its updates until they are asked beyond."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from bot import polling
from bot.channels.telegram import Telegram
from bot.polling import poll
from bot.service import open_service
from bot.settings import Settings
from storage.database import libpq_url
from tests.channels.platforms.telegram import SECRET, TOKEN, TelegramPhone, TelegramPlatform
from tests.engine import free_port

type Ask = Callable[[str], int]


@pytest.fixture
async def botapi() -> AsyncIterator[TelegramPlatform]:
    platform = TelegramPlatform()
    await platform.start()
    yield platform
    await platform.close()


@pytest.fixture
def person(botapi: TelegramPlatform) -> TelegramPhone:
    return botapi.phone()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause that a test can wait for."""
    monkeypatch.setattr(polling, "PAUSE_SECONDS", 0.05)


@pytest.fixture
def ask(database_url: str) -> Iterator[Ask]:
    """A number out of the database, by another way than the service's."""
    with psycopg.connect(libpq_url(database_url), autocommit=True) as connection:
        yield lambda query: connection.execute(query.encode()).fetchone()[0]  # type: ignore[index, misc]


@pytest.fixture
def settings(tmp_path: Path, database_url: str, botapi: TelegramPlatform) -> Settings:
    return Settings(
        _env_file=None, data_dir=tmp_path, database_url=database_url, roster_keys=("aa",), telegram_token=TOKEN,
        engine_urls=(f"http://127.0.0.1:{free_port()}",), telegram_polling=True, telegram_api_url=botapi.url,
    )  # fmt: skip


@asynccontextmanager
async def polling_with(settings: Settings) -> AsyncIterator[None]:
    async with open_service(settings) as service:
        task = asyncio.create_task(poll(service))
        try:
            yield
        finally:
            assert not task.done()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(0.01)


def asked_beyond(platform: TelegramPlatform, update_id: int) -> bool:
    return any(int((call.arguments | call.form).get("offset", 0)) > update_id for call in platform.calls)


def times(platform: TelegramPlatform, method: str) -> int:
    return sum(call.path.endswith(f"/{method}") for call in platform.calls)


INBOX = "SELECT count(*) FROM inbox"
JOBS = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'turn'"
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


async def test_what_waits_at_telegram_is_taken_in_and_confirmed(
    settings: Settings, botapi: TelegramPlatform, person: TelegramPhone, ask: Ask
) -> None:
    await person.say("hola")
    await person.say("necesito ayuda")
    async with polling_with(settings):
        await until(lambda: ask(INBOX) == 2)
        await until(lambda: botapi.pending == [])
        await person.say("en vivo")
        await until(lambda: ask(JOBS) == 3)


async def test_an_update_is_confirmed_only_after_its_commit(
    settings: Settings, botapi: TelegramPlatform, person: TelegramPhone, database_url: str, ask: Ask
) -> None:
    await person.say("hola")
    (update,) = botapi.pending
    async with polling_with(settings):
        with psycopg.connect(libpq_url(database_url)) as other:
            other.execute("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE")
            await until(lambda: ask(WAITING) == 1)
            assert not asked_beyond(botapi, update["update_id"])
            assert botapi.pending == [update]
        await until(lambda: asked_beyond(botapi, update["update_id"]))
        assert ask(INBOX) == 1


async def test_a_webhook_is_taken_away_first_since_telegram_then_refuses_to_be_asked(
    settings: Settings, botapi: TelegramPlatform, person: TelegramPhone, ask: Ask
) -> None:
    botapi.webhook = {"url": "https://elsewhere.example/webhooks/telegram"}
    botapi.secret = SECRET
    await person.say("hola")
    async with polling_with(settings):
        await until(lambda: ask(INBOX) == 1)
    assert botapi.webhook == {"url": ""}


@pytest.mark.parametrize("method", ["deleteWebhook", "getUpdates"])
async def test_a_telegram_that_fails_is_asked_again_after_a_pause(
    settings: Settings, botapi: TelegramPlatform, person: TelegramPhone, ask: Ask, method: str
) -> None:
    botapi.fail("down", method, times=2)
    await person.say("hola")
    async with polling_with(settings):
        await until(lambda: ask(INBOX) == 1)
        assert times(botapi, method) >= 3


async def test_a_database_that_restarts_loses_nothing_and_takes_nothing_twice(
    settings: Settings, botapi: TelegramPlatform, person: TelegramPhone, ask: Ask
) -> None:
    async with polling_with(settings):
        await person.say("hola")
        await until(lambda: ask(INBOX) == 1 and botapi.pending == [])
        ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()")  # fmt: skip
        await person.say("sigo aquí")
        await until(lambda: botapi.pending == [] and ask(INBOX) == 2)
        assert ask("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted") == 1


async def test_a_database_that_is_away_at_the_start_is_waited_for(
    settings: Settings, botapi: TelegramPlatform, person: TelegramPhone, server_url: str, ask: Ask, database_url: str,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.INFO, "faro")
    name = database_url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(libpq_url(server_url), autocommit=True) as server:
        server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        await person.say("hola")
        async with polling_with(settings):
            await until(lambda: len(caplog.messages) >= 3)  # tries that failed; none of them ends the polling
            assert times(botapi, "getUpdates") == 0
            server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true".encode())
            await until(lambda: ask(INBOX) == 1)


async def test_of_several_gateways_one_polls_and_another_takes_its_place(
    settings: Settings, botapi: TelegramPlatform, person: TelegramPhone, ask: Ask
) -> None:
    async with open_service(settings) as service:
        first = asyncio.create_task(poll(service))
        await until(lambda: times(botapi, "getUpdates") == 1)
        async with polling_with(settings):
            await until(lambda: ask(WAITING) == 1)
            await person.say("hola")
            await until(lambda: ask(INBOX) == 1)
            assert times(botapi, "deleteWebhook") == 1  # the first thing that a poller does
            first.cancel()
            await until(lambda: times(botapi, "deleteWebhook") == 2)
            await person.say("otra vez")
            await until(lambda: ask(INBOX) == 2)


async def test_polling_needs_no_secret_of_a_webhook(settings: Settings) -> None:
    async with open_service(settings) as service:
        assert isinstance(service.channels.on["telegram"], Telegram)
