"""The jobs of the queue: what is tried again, when it is given up, and what looks after the rest."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import aiohttp
import orjson
import pytest
from procrastinate import BaseRetryStrategy
from procrastinate.jobs import Job
from sqlalchemy import text

from bot import errors, worker
from bot.errors import EngineDown, EngineRefused, FaroError, PlatformDown, Refused
from bot.service import open_service
from bot.settings import Settings
from bot.worker import PATIENCE, Retry, register
from storage import conversations, inbox, keyfiles, queue
from storage.errors import Tampered
from tests.bot.test_metrics import value
from tests.channels.platforms.server import Call, Loopback, Reply
from tests.engine import Engine, free_port
from tests.house import House, furnished

ROOT = Path(__file__).parents[2]
JOBS = {queue.TURN: queue.TURNS, queue.SEND: queue.SENDS, queue.DELIVER: queue.DELIVERIES, queue.NOTE: queue.NOTES,
        queue.ERASE: queue.UPKEEP, queue.RESCUE: queue.UPKEEP, queue.COPIES: queue.UPKEEP}  # fmt: skip


# Which jobs there are.


async def test_every_job_that_the_queue_names_has_a_body(tmp_path: Path, database_url: str) -> None:
    named = {value for key, value in vars(queue).items() if key.isupper() and value in JOBS}
    app = queue.make_app(database_url)
    settings = Settings(_env_file=None, data_dir=tmp_path, database_url=database_url, engine_urls=("http://[::1]:1",))
    async with open_service(settings) as service:
        register(app, service)
    registered = {name: task.queue for name, task in app.tasks.items() if task.queue != "builtin"}
    assert len(named) == 7
    assert registered == JOBS
    periodic = {name: task.cron for (name, _), task in app.periodic_registry.periodic_tasks.items()}
    assert periodic == {queue.ERASE: queue.ERASE_EVERY, queue.RESCUE: queue.RESCUE_EVERY,
                        queue.COPIES: queue.COPIES_EVERY}  # fmt: skip


# What is tried again.


def wait(strategy: BaseRetryStrategy, error: BaseException, attempts: int) -> float | None:
    """Seconds until the next try; None when there is none."""
    job = Job(id=1, queue=queue.TURNS, lock=None, queueing_lock=None, task_name=queue.TURN, attempts=attempts)
    decision = strategy.get_retry_decision(exception=error, job=job)
    if decision is None:
        return None
    assert decision.retry_at
    return (decision.retry_at - datetime.now(UTC)).total_seconds()


def test_a_turn_is_tried_again_soon_then_later_and_only_so_often() -> None:
    waits = [wait(Retry(), EngineDown(), attempts) for attempts in range(len(PATIENCE))]
    assert [round(seconds or 0, 1) for seconds in waits] == list(PATIENCE)
    assert all(earlier < later for earlier, later in pairwise(PATIENCE))
    assert sum(PATIENCE) < 10  # somebody waits for an answer
    assert wait(Retry(), EngineDown(), len(PATIENCE)) is None


@pytest.mark.parametrize("error", [EngineRefused(), Refused(), errors.NoRecipient()])
def test_what_cannot_succeed_is_not_tried_again(error: FaroError) -> None:
    assert wait(Retry(), error, 0) is None


@pytest.mark.parametrize("error", [PlatformDown(), Tampered(), ZeroDivisionError(), ConnectionResetError()])
def test_what_may_succeed_and_what_nobody_foresaw_is_tried_again(error: Exception) -> None:
    assert wait(Retry(), error, 0) is not None


def test_what_a_stopping_worker_has_no_more_time_for_is_taken_at_once_however_often_it_was_tried() -> None:
    for attempts in (0, 50):
        assert abs(wait(Retry(), asyncio.CancelledError(), attempts) or 9) < 1


# When the engine is away.


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE", (0.01, 0.01, 0.01))


async def parked(house: House) -> list[str]:
    async with house.service.database.begin() as tx:
        return [row.reason for row in await inbox.parked(tx)]


async def attempts(house: House) -> int:
    async with house.service.database.begin() as tx:
        return int(await tx.scalar(text("SELECT max(attempts) FROM procrastinate_jobs WHERE task_name = 'turn'")) or 0)


async def until(is_so: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(15):
        while not await is_so():
            await asyncio.sleep(0.02)


async def test_whoever_wrote_what_no_worker_lived_through_gets_the_numbers_not_silence(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        person = await house.phone("telegram")
        await person.say("hola, necesito ayuda con algo")
        async with house.service.database.begin() as tx:
            await tx.execute(text("DELETE FROM procrastinate_jobs"))
            await tx.execute(text("UPDATE inbox SET attempts = :most"), {"most": queue.MOST_DEATHS})
            assert await queue.sweep(tx, house.clock() + 2 * queue.UNCLAIMED) == 1
        app = queue.make_app(house.service.settings.database_url)
        register(app, house.service)
        async with app.open_async():
            await app.run_worker_async(wait=False, install_signal_handlers=False)
        (said,) = await person.expect(1)
        assert said.text.startswith(house.service.texts("engine_down", "es"))
        assert await parked(house) == ["no_turn"]


@pytest.mark.usefixtures("impatient")
async def test_after_the_last_try_the_person_gets_numbers_and_the_message_is_set_aside(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    nowhere = (f"http://127.0.0.1:{free_port()}",)
    async with furnished(tmp_path, database_url, engine, engine_urls=nowhere) as house:
        person = await house.phone("telegram")
        await person.say("hola, necesito ayuda con algo")
        (said,) = await person.expect(1)
        assert said.text.startswith(house.service.texts("engine_down", "es"))
        assert "123" in said.text
        await house.quiet()
        assert await parked(house) == ["engine_down"]
        assert await attempts(house) == 0  # the job is done, not failed
        shown = house.service.metrics.text()
        turns = {
            outcome: value(shown, "faro_turn_seconds_count", outcome=outcome) for outcome in ("failed", "given_up")
        }
        assert turns == {"failed": len(PATIENCE), "given_up": 1}
        assert await house.count("outbox") == await house.count("outbox WHERE status = 'sent'") == 1


async def test_an_engine_that_refuses_is_not_asked_again(tmp_path: Path, database_url: str, engine: Engine) -> None:
    begun = datetime.now(UTC)
    async with furnished(tmp_path, database_url, engine, engine_token="another") as house:
        person = await house.phone("telegram")
        await person.say("hola, necesito ayuda con algo")
        await person.expect(1)
        await house.quiet()
        assert await parked(house) == ["engine_refused"]
        assert datetime.now(UTC) - begun < timedelta(seconds=sum(PATIENCE))


async def test_an_engine_that_comes_back_in_time_is_not_noticed(
    tmp_path: Path, database_url: str, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PATIENCE", (0.05,) * 200)
    relay, port = Relay(engine.url), free_port()
    async with furnished(tmp_path, database_url, engine, engine_urls=(f"http://127.0.0.1:{port}",)) as house:
        person = await house.phone("telegram")
        await person.say("hola")
        await until(lambda: attempts(house))
        assert person.seen == []
        await relay.start(port)
        try:
            await person.expect_text(house.service.texts.say["es"]["questions"]["safe"]["ask"])
            await house.quiet()
            assert await parked(house) == []
        finally:
            await relay.close()


class Relay(Loopback):
    """An engine's address that a test may open."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._to = url

    async def answer(self, call: Call) -> Reply:
        headers = {"Authorization": call.headers["authorization"], "Content-Type": "application/json"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._to + call.path, data=call.body, headers=headers) as answer,
        ):
            return Reply(answer.status, await answer.read(), {"content-type": "application/json"})


# What else is done.


@asynccontextmanager
async def working(house: House) -> AsyncIterator[None]:
    """The worker as the command runs it."""
    task = asyncio.create_task(worker.work(house.service))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()


@pytest.fixture
async def idle(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """A house without a worker."""
    async with furnished(tmp_path, database_url, engine, works=False) as house:
        yield house


async def test_a_worker_that_was_taken_for_dead_begins_anew(idle: House) -> None:
    """The queue gives no job to a worker that another one has struck off; it must not end either."""
    phone = await idle.phone("telegram")
    async with working(idle):
        await until(lambda: _workers(idle, 0))
        (first,) = await _numbers(idle)
        async with idle.service.database.begin() as tx:
            await tx.execute(text("DELETE FROM procrastinate_workers"))
        await phone.say("hola")
        await phone.expect(2, 20)
        assert await _workers(idle, first)


async def _numbers(house: House) -> list[int]:
    async with house.service.database.begin() as tx:
        return list((await tx.execute(text("SELECT id FROM procrastinate_workers"))).scalars())


async def _workers(house: House, above: int) -> bool:
    return any(number > above for number in await _numbers(house))


async def test_a_message_is_wiped_at_the_platform_once_it_was_taken(house: House) -> None:
    person = await house.phone("sms")
    await person.say("hola")
    await person.expect(2)
    await house.quiet()

    async def gone() -> bool:
        return [message for message in house.twilio.messages.values() if message.to != person.address] == []

    await until(gone)


async def upkeep(house: House, job: str) -> None:
    """As the clock of the queue would, now."""
    app = queue.make_app(house.service.settings.database_url)
    async with app.open_async():
        await app.configure_task(job, queue=queue.UPKEEP).defer_async(timestamp=0)


async def test_what_nobody_came_back_to_is_erased(house: House) -> None:
    person = await house.phone("telegram")
    await person.say("hola")
    await person.expect(2)
    await house.quiet()
    house.clock.ahead += timedelta(hours=25)
    assert await house.count("conversations") == 1
    await upkeep(house, queue.ERASE)

    async def erased() -> bool:
        return await house.count("conversations") == 0

    await until(erased)


async def test_a_message_whose_job_was_lost_gets_another(idle: House) -> None:
    person = await idle.phone("telegram")
    assert await person.say("hola") == 200
    async with idle.service.database.begin() as tx:
        await tx.execute(text("DELETE FROM procrastinate_jobs"))
    idle.clock.ahead += timedelta(minutes=1)
    async with working(idle):
        await upkeep(idle, queue.RESCUE)
        await person.expect(2)
        await idle.quiet()


async def test_messages_of_many_people_are_answered_and_those_of_one_in_their_order(idle: House) -> None:
    people = [await idle.phone("telegram") for _ in range(6)]
    for person in people:
        for said in ("hola", "sí", "20"):
            assert await person.say(said) == 200
    async with working(idle):
        await idle.quiet()
    questions = idle.service.texts.say["es"]["questions"]
    for person in people:
        asked = [question for seen in person.seen for question in ("safe", "age", "situation")
                 if questions[question]["ask"] in seen.text]  # fmt: skip
        assert asked == ["safe", "age", "situation"]
    assert await idle.count("inbox") == 0


async def test_the_job_of_somebody_who_left_does_nothing(idle: House) -> None:
    person = await idle.phone("telegram")
    await person.say("hola")
    async with idle.service.database.begin() as tx:
        erased = bytes(await tx.scalar(text("SELECT id FROM conversations")))
        await conversations.erase(tx, erased)
    async with working(idle):
        await idle.quiet()
    assert person.seen == []
    assert await idle.count("procrastinate_jobs WHERE queue_name = 'turns'") == 0


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("under_way", ["a message", "an answer"])
async def test_what_lies_under_a_lost_key_is_forgotten_and_the_person_begins_anew(idle: House, under_way: str) -> None:
    """Not tried for ever, not set aside: nobody could ever read it."""
    person = await idle.phone("telegram")
    assert await person.say("hola") == 200
    if under_way == "an answer":
        idle.telegram.fail("down", "sendMessage", 2)
        async with working(idle):
            await until(lambda: idle.count("outbox WHERE attempts = 1"))
    for path in (idle.service.settings.data_dir / "keys" / "epochs").glob("*.key"):
        keyfiles.shred(path)
    async with working(idle):
        await until(lambda: _none(idle, "conversations"))
        await idle.quiet()
        assert await parked(idle) == []
        assert person.seen == []
        assert await person.say("hola") == 200
        await person.expect(2)
        await idle.quiet()


async def _none(house: House, rows: str) -> bool:
    return await house.count(rows) == 0


async def test_it_works_as_a_process_of_its_own_and_stops_when_told(idle: House, tmp_path: Path) -> None:
    given = {name: getattr(idle.service.settings, name) for name in idle.service.settings.model_fields_set}
    values = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in given.items()}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **{f"FARO_{key.upper()}": one for key, one in values.items()}}
    person = await idle.phone("telegram")
    await person.say("hola")
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", "worker"), cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        await person.expect(2, 30)
    finally:
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 30)
    lines = [orjson.loads(line) for line in (tmp_path / "log").read_bytes().splitlines()]
    assert (code, [line["event"] for line in lines]) == (0, ["worker_stopped"])
