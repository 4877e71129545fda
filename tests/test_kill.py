"""A process killed in the middle of its work: every message has its effect once, every reply comes, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.channels import Delivery
from tests.channels.platforms.phone import Post
from tests.channels.platforms.telegram import TelegramPhone
from tests.engine import Engine
from tests.house import House, furnished
from tests.processes import Gateway, Held, Process, holding, slow_engine
from tests.promises import reporting

PHONES = 4
RESCUE_SECONDS = 30  # a dead worker is noticed after some seconds, and its jobs are then taken by another
STORY = "dormimos en el altillo de {name}"
ANSWERS = reporting(STORY)


@dataclass
class Town:
    """A house whose gateway and worker are processes."""

    house: House
    gateway: Gateway
    worker: Process
    phones: Sequence[TelegramPhone]
    engine: Held
    platform: Held

    async def say(self, answer: str) -> None:
        """All at once, since one kill then hits many turns."""
        await asyncio.gather(*(phone.say(answer.format(name=name(phone))) for phone in self.phones))

    async def replaced(self) -> None:
        """Another worker takes the place of the killed one."""
        await self.worker.kill()
        await self.worker.start()

    async def quiet(self) -> None:
        await self.house.quiet(RESCUE_SECONDS)


def name(phone: TelegramPhone) -> str:
    return f"Zarzamora{phone.address}"


@pytest.fixture
async def town(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[Town]:
    held, platform_held = Held(), Held()
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(slow_engine(engine.url, held))
        through = Engine(slow, engine.token, 0, engine.log)
        house = await stack.enter_async_context(furnished(tmp_path, database_url, through, works=False))
        holding(house.telegram, platform_held)
        gateway = await Gateway(house.service.settings).start()
        stack.push_async_callback(gateway.stop)
        worker = await Process("worker", house.service.settings).start()
        stack.push_async_callback(worker.stop)
        house.telegram.gate = Post(gateway.url)
        stack.push_async_callback(house.telegram.gate.close)
        phones = [house.telegram.phone() for _ in range(PHONES)]
        yield Town(house, gateway, worker, phones, held, platform_held)


async def test_a_worker_that_is_killed_in_mid_turn_does_each_message_once(town: Town) -> None:
    """Killed while the engine thinks, while the platform takes a message, and while a report is due."""
    for place, answer in enumerate(ANSWERS):
        held = {4: town.engine, 8: town.platform, len(ANSWERS) - 1: town.engine}.get(place)
        if held:
            held.hold()
        await town.say(answer)
        if held:
            async with asyncio.timeout(RESCUE_SECONDS):
                await held.reached.wait()
            await town.worker.kill()
            held.let_go()
            await town.worker.start()
        await town.quiet()
    await _each_reported_once(town)
    for phone in town.phones:
        assert _without_repeats(phone) == _without_repeats(town.phones[0])
        assert _asked(phone) == sorted(_asked(phone), reverse=True)


async def _each_reported_once(town: Town) -> None:
    bodies = await town.house.bodies("coat")
    assert len(bodies) == PHONES
    told = [said["text"] for body in bodies for said in body["story"]] + [
        word for body in bodies for answer in body["answers"] for word in answer["words"]
    ]
    for phone in town.phones:
        assert sum(name(phone) in words for words in told) == 1
    answers = [{a["question"]: a["value"] for a in body["answers"]} for body in bodies]
    assert all(answer == answers[0] for answer in answers)
    assert answers[0] | {"Q2": "yes", "Q3": "no", "Q9": ["home", "work"], "N1": "nothing"} == answers[0]


def _without_repeats(phone: TelegramPhone) -> list[str]:
    """A message may come twice, right after itself: neither platform takes a key that would tell the second one."""
    shown = [seen.text.partition("Reserva ")[0] or "Reserva" for seen in phone.seen]
    assert len(shown) <= len(set(shown)) + 12
    return list(dict.fromkeys(shown))


def _asked(phone: TelegramPhone) -> list[int]:
    """How many questions were left, as told: falls when every reply comes in its order."""
    left = [line for seen in phone.seen for line in seen.text.splitlines() if line.startswith(("Queda ", "Quedan "))]
    return [number for number, _ in groupby(int(line.rstrip(".").split()[1]) for line in left)]


async def test_a_gateway_that_is_killed_before_it_answers_takes_the_message_once(town: Town) -> None:
    """The platform heard nothing, so it delivers again: to the gateway that comes after."""
    await town.say("hola")
    await town.quiet()
    for answer in ("1", "1", "3"):
        before = await town.house.count("seen")
        town.house.telegram.gate = _Deaf(town.gateway.url)
        async with asyncio.timeout(RESCUE_SECONDS), asyncio.TaskGroup() as group:
            unheard = [group.create_task(phone.say(answer)) for phone in town.phones]
            while await town.house.count("seen") < before + PHONES:
                await asyncio.sleep(0.01)
            await town.gateway.kill()
            for task in unheard:
                assert await task == 0
        await town.gateway.start()
        town.house.telegram.gate = Post(town.gateway.url)
        assert await asyncio.gather(*(phone.repeat() for phone in town.phones)) == [200] * PHONES
        await town.quiet()
        await town.house.telegram.gate.close()
    for phone in town.phones:
        assert [seen.text for seen in phone.seen] == list(dict.fromkeys(seen.text for seen in phone.seen))
        assert "país" in phone.seen[-1].text
    assert await _jobs(town.house) == 0


class _Deaf(Post):
    """A platform whose connection breaks when the gateway would answer."""

    def __init__(self, base: str) -> None:
        host, _, port = base.removeprefix("http://").partition(":")
        self._host, self._port = host, int(port)

    async def __call__(self, delivery: Delivery) -> int:
        _, writer = await asyncio.open_connection(self._host, self._port)
        head = [f"POST {delivery.target} HTTP/1.1", "Host: x", f"Content-Length: {len(delivery.body)}"]
        head += [f"{key}: {value}" for key, value in delivery.headers.items()]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + delivery.body)
        await writer.drain()
        writer.close()
        return 0

    async def close(self) -> None:
        return None


async def _jobs(house: House) -> Any:
    async with house.service.database.begin() as tx:
        return await tx.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'turns'"))
