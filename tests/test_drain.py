"""Gateway and worker that are told to stop while people write: they end in order and in time, and nothing is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from sqlalchemy import text

from tests.channels.platforms.phone import Post
from tests.channels.platforms.telegram import TelegramPhone
from tests.engine import Engine
from tests.house import House, furnished
from tests.processes import Gateway, Held, Process, holding

PHONES = 6
SLACK = 4.0  # seconds that a process may take beside what it waits for, on a busy machine


@dataclass
class Town:
    """A house of which one part is a process of its own: the one that is told to stop."""

    house: House
    process: Process
    phones: list[TelegramPhone]
    platform: Held

    async def jobs(self, where: str) -> int:
        return await self.house.count(f"procrastinate_jobs WHERE queue_name <> 'upkeep' AND {where}")

    async def all_say(self, words: str) -> list[int]:
        return list(await asyncio.gather(*(phone.say(words) for phone in self.phones)))

    async def stopped(self) -> tuple[int | None, float]:
        """Exit code, and seconds that it took."""
        begun = time.monotonic()
        code = await self.process.stop()
        return code, time.monotonic() - begun


@asynccontextmanager
async def house_with_platform(folder: Path, url: str, engine: Engine, drain: int) -> AsyncIterator[tuple[House, Held]]:
    """A gateway, and nobody who works."""
    platform = Held()
    async with furnished(folder, url, engine, works=False, drain_seconds=drain) as house:
        holding(house.telegram, platform)
        try:
            yield house, platform
        finally:
            platform.let_go()


@asynccontextmanager
async def with_worker(folder: Path, url: str, engine: Engine, drain: int) -> AsyncIterator[Town]:
    async with house_with_platform(folder, url, engine, drain) as (house, platform), AsyncExitStack() as stack:
        worker = await Process("worker", house.service.settings).start()
        stack.push_async_callback(worker.stop)
        yield Town(house, worker, [house.telegram.phone() for _ in range(PHONES)], platform)


@asynccontextmanager
async def with_gateway(folder: Path, url: str, engine: Engine) -> AsyncIterator[tuple[Town, Gateway]]:
    async with house_with_platform(folder, url, engine, 20) as (house, platform), AsyncExitStack() as stack:
        gateway = await Gateway(house.service.settings).start()
        stack.push_async_callback(gateway.stop)
        house.telegram.gate = Post(gateway.url)
        stack.push_async_callback(house.telegram.gate.close)
        yield Town(house, gateway, [house.telegram.phone() for _ in range(PHONES)], platform), gateway


def said(phone: TelegramPhone) -> list[str]:
    return [seen.text for seen in phone.seen]


async def test_a_worker_finishes_what_it_has_begun_and_leaves_the_rest_to_the_next(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    async with with_worker(tmp_path, database_url, engine, drain=20) as here:
        here.platform.hold()
        assert await here.all_say("hola") == [200] * PHONES
        await asyncio.wait_for(here.platform.reached.wait(), 20)
        stopping = asyncio.create_task(here.stopped())
        await asyncio.sleep(0.3)
        assert not stopping.done()
        assert await here.jobs("status = 'doing'") > 0
        assert await here.all_say("1") == [200] * PHONES  # meanwhile people write on
        here.platform.let_go()
        code, seconds = await stopping
        assert (code, seconds < 20) == (0, True)
        assert await here.jobs("status = 'doing'") == 0
        assert await here.jobs("status NOT IN ('todo', 'doing')") == 0
        await here.process.start()
        await here.house.quiet(30)
        assert await here.jobs("true") == 0
        assert len(said(here.phones[0])) > 3
        for phone in here.phones:
            assert said(phone) == said(here.phones[0])
            assert len(said(phone)) == len(set(said(phone)))


async def test_what_a_worker_cannot_finish_in_time_is_given_back_and_done_by_the_next(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    """Told to stop, with a platform that does not answer: no job stays with a worker that is gone."""
    async with with_worker(tmp_path, database_url, engine, drain=1) as here:
        here.platform.hold()
        assert await here.all_say("hola") == [200] * PHONES
        await asyncio.wait_for(here.platform.reached.wait(), 20)
        code, seconds = await here.stopped()
        assert code == 0
        assert 1 <= seconds < 1 + SLACK
        assert await here.jobs("status = 'doing'") == 0
        assert await here.jobs("status = 'todo'") == PHONES
        here.platform.let_go()
        await here.process.start()
        await here.house.quiet(30)
        assert await here.jobs("true") == 0
        first = list(dict.fromkeys(said(here.phones[0])))
        assert len(first) >= 2
        for phone in here.phones:
            assert list(dict.fromkeys(said(phone))) == first  # at least once each, and in order


async def test_a_gateway_answers_what_it_has_taken_and_takes_nothing_more(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    async with with_gateway(tmp_path, database_url, engine) as (here, gateway), AsyncExitStack() as held:
        tx = await held.enter_async_context(here.house.service.database.begin())
        await tx.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        under_way = asyncio.create_task(here.all_say("hola"))
        while not await waits(here.house):
            await asyncio.sleep(0.02)
        stopping = asyncio.create_task(here.stopped())
        await refused(gateway.url)
        assert not stopping.done()
        await held.aclose()
        assert await under_way == [200] * PHONES
        code, seconds = await stopping
        assert (code, seconds < 20) == (0, True)
        assert await here.house.count("inbox") == PHONES == await here.jobs("status = 'todo'")


async def waits(house: House) -> bool:
    """Does every message stand before the table that is locked?"""
    query = text("SELECT count(*) FROM pg_locks AS l JOIN pg_database AS d ON d.oid = l.database "
                 "WHERE d.datname = current_database() AND NOT l.granted")  # fmt: skip
    async with house.service.database.begin() as tx:
        return int(await tx.scalar(query) or 0) >= PHONES


async def refused(url: str) -> None:
    """Waits until nobody listens there any more."""
    async with asyncio.timeout(10), aiohttp.ClientSession() as session:
        while True:
            try:
                async with session.get(f"{url}/healthz"):
                    await asyncio.sleep(0.02)
            except aiohttp.ClientConnectorError:
                return


async def test_pages_that_wait_for_an_answer_go_to_another_door_and_do_not_hold_it_up(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    async with with_gateway(tmp_path, database_url, engine) as (here, gateway), aiohttp.ClientSession() as session:
        handle = await begun(session, gateway.url)
        headers = {"Authorization": f"Bearer {handle}", "Accept": "text/event-stream"}
        async with session.get(f"{gateway.url}/chat/events", headers=headers) as stream:
            assert (await stream.content.readline()).startswith(b":")
            stopping = asyncio.create_task(here.stopped())
            await asyncio.wait_for(stream.content.read(), 10)
        code, seconds = await stopping
        assert code == 0
        assert seconds < SLACK
        other = here.house.url
        async with session.get(f"{other}/chat/events", headers=headers) as stream:
            assert stream.status == 200
            assert (await stream.content.readline()).startswith(b":")


async def begun(session: aiohttp.ClientSession, url: str) -> str:
    async with session.post(f"{url}/chat/sessions", json={"language": "es"}) as answer:
        assert answer.status == 201
        handle: str = (await answer.json())["handle"]
        return handle
