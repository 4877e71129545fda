import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import aiohttp
import psycopg
import pytest

from bot import practice, serve
from bot.errors import SettingsError
from bot.settings import Settings, load
from storage.database import libpq_url
from storage.embedded import start_embedded
from tests.engine import free_port

ROOT = Path(__file__).parents[2]
BARE = {name: value for name, value in os.environ.items() if not name.startswith("FARO_")}
READY_SECONDS = 240
PEOPLE = 8
NO_ENGINE = {"FARO_ENGINE_URLS": "http://127.0.0.1:1"}


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not in pytest's folder: every other run of pytest shuts that to the account of the database."""
    with tempfile.TemporaryDirectory(prefix="faro-") as folder:
        yield Path(folder, "var")


type Start = Callable[..., Awaitable[Process]]


@pytest.fixture
async def start(data_dir: Path) -> AsyncIterator[Start]:
    """Starts `faro serve` as an operator does, with one engine and a free port."""
    started: list[Process] = []

    async def begin(**given: str) -> Process:
        environment = {**BARE, "FARO_DATA_DIR": str(data_dir), "FARO_PORT": "0", "FARO_CONSOLE_PORT": "0",
                       "FARO_ENGINES": "1", **given}  # fmt: skip
        command = (sys.executable, "-m", "bot.cli", "serve")
        started.append(await asyncio.create_subprocess_exec(*command, cwd=ROOT, env=environment, stderr=PIPE))
        return started[-1]

    yield begin
    for process in started:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


async def told(process: Process, until: str) -> str:
    """What it has said, up to and with the line that holds `until`."""
    assert process.stderr
    lines: list[str] = []
    async with asyncio.timeout(READY_SECONDS):
        while line := (await process.stderr.readline()).decode():
            lines.append(line)
            if until in line:
                return "".join(lines)
    raise AssertionError("".join(lines))


def relatives(process: Process, data_dir: Path) -> list[str]:
    """Command lines of living processes that `serve` caused: by data folder, or by the parent they watch."""
    found = []
    marks = (str(data_dir).encode(), f"--parent-pid\0{process.pid}\0".encode())
    for place in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (place / "cmdline").read_bytes()
            if any(mark in command + (place / "environ").read_bytes() for mark in marks):
                found.append(command.decode())
    return found


async def until_alone(process: Process, data_dir: Path) -> None:
    for _ in range(300):
        if not (left := relatives(process, data_dir)):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(left)


async def test_it_starts_everything_and_leaves_no_process_behind_however_it_ends(data_dir: Path, start: Start) -> None:
    first = await start()
    said = await told(first, "Ctrl-C stops everything")
    assert "./run faro talk" in said
    assert "telegram     off: FARO_TELEGRAM_TOKEN is not set" in said
    door = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert door is not None
    async with aiohttp.ClientSession() as session, session.get(f"{door.group()}/readyz") as answer:
        assert set((await answer.json()).values()) == {True}
    assert len(relatives(first, data_dir)) >= 6  # itself, engine, keeper, PostgreSQL, worker, gateway
    doctor = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "doctor"),
        cwd=ROOT,
        env={**BARE, "FARO_DATA_DIR": str(data_dir)},
        stdout=PIPE,
    )
    output, _ = await doctor.communicate()
    assert doctor.returncode == 0, output.decode()
    first.kill()
    await first.wait()
    await until_alone(first, data_dir)

    inner = free_port()
    second = await start(FARO_METRICS_PORT=str(inner))
    said = await told(second, "Ctrl-C stops everything")
    assert "practice units and keys: 0 s" in said
    door = re.search(r"http://127\.0\.0\.1:\d+", said)
    assert door is not None
    assert [await state(inner), await state(inner + 1)] == [200, 200]  # of the gateway, and of the worker
    assert await write(door.group()) == [202] * PEOPLE
    second.send_signal(signal.SIGTERM)
    await told(second, "  stopped")
    assert await second.wait() == 0
    assert relatives(second, data_dir) == []
    assert not (data_dir / "running.json").exists()
    await asyncio.to_thread(nothing_is_lost, data_dir)


async def state(port: int) -> int:
    """Once it answers: the worker, which is waited for by nobody, may open its door after the public one."""
    async with asyncio.timeout(20), aiohttp.ClientSession() as session:
        while True:
            with contextlib.suppress(aiohttp.ClientConnectorError):
                async with session.get(f"http://127.0.0.1:{port}/metrics") as answer:
                    return answer.status
            await asyncio.sleep(0.05)


async def write(door: str) -> list[int]:
    """Several people begin to write on the page, at the same moment."""

    async def one(session: aiohttp.ClientSession) -> int:
        async with session.post("/chat/sessions", json={"language": "es"}) as answer:
            headers = {"Authorization": f"Bearer {(await answer.json())['handle']}"}
        message = {"id": str(uuid.uuid4()), "text": "hola", "language": "es"}
        async with session.post("/chat/messages", json=message, headers=headers) as answer:
            return answer.status

    async with aiohttp.ClientSession(door) as session:
        return await asyncio.gather(*(one(session) for _ in range(PEOPLE)))


def nothing_is_lost(data_dir: Path) -> None:
    """Each was answered, or a job waits that will; no job is held by a worker that is gone."""
    server = start_embedded(data_dir)
    try:
        with psycopg.connect(libpq_url(server.url)) as connection:
            counted = connection.execute("""
                SELECT (SELECT count(*) FROM conversations),
                    (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'),
                    (SELECT count(*) FROM inbox AS i WHERE NOT EXISTS (
                        SELECT FROM procrastinate_jobs
                        WHERE status = 'todo' AND CAST(args ->> 'inbox_id' AS bigint) = i.id))
            """).fetchone()
        assert counted == (PEOPLE, 0, 0)
    finally:
        server.stop()


async def test_ctrl_c_in_the_middle_of_the_start_stops_it_cleanly(data_dir: Path, start: Start) -> None:
    process = await start(**NO_ENGINE)
    await told(process, "gateway, worker and console")
    process.send_signal(signal.SIGINT)
    assert "Traceback" not in await told(process, "  stopped")
    assert await process.wait() == 0
    assert relatives(process, data_dir) == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"FARO_PORT": "eighty"}, "FARO_PORT"),
        ({"FARO_TELEGRAM_TOKEN": "1:a"}, "FARO_TELEGRAM_SECRET"),
        ({"FARO_DATABASE_URL": "postgresql://u:hidden@127.0.0.1:1/x", **NO_ENGINE}, "FARO_DATABASE_URL"),
    ],
)
async def test_a_wrong_setting_is_one_line_and_exit_code_2(start: Start, given: dict[str, str], named: str) -> None:
    process = await start(**given)
    _, errors = await process.communicate()
    last = errors.decode().strip().splitlines()[-1]
    assert process.returncode == 2
    assert last.startswith("faro: ")
    assert named in last
    assert "Traceback" not in errors.decode()
    assert "hidden" not in errors.decode()


def settings(data_dir: Path, **given: object) -> Settings:
    return load(_env_file=None, data_dir=data_dir, port=0, console_port=0, **given)


def test_a_real_channel_in_practice_is_refused(data_dir: Path) -> None:
    with pytest.raises(SettingsError, match="FARO_ROSTER_KEYS"):
        serve._check(settings(data_dir, telegram_token="1:a", telegram_secret="s"))


def test_real_reports_without_a_roster_are_refused(data_dir: Path) -> None:
    with pytest.raises(SettingsError, match="FARO_ROSTER"):
        serve._check(settings(data_dir, roster_keys="00" * 32))


def test_a_port_in_use_is_refused(data_dir: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        for name in ("port", "console_port"):
            busy = settings(data_dir).model_copy(update={name: taken.getsockname()[1]})
            with pytest.raises(SettingsError, match=f"FARO_{name.upper()}:"):
                serve._check(busy)


def test_an_inner_door_at_the_port_of_an_outer_one_is_refused(data_dir: Path) -> None:
    beside = settings(data_dir).model_copy(update={"port": 8000, "metrics_port": 7998})
    with pytest.raises(SettingsError, match=r"FARO_METRICS_PORT: .* FARO_PORT is among them"):
        serve._check(beside)


async def test_a_second_start_in_the_same_folder_is_refused(data_dir: Path, start: Start) -> None:
    practice.prepare(data_dir)
    first = await start(**NO_ENGINE)
    await told(first, "database starts")
    second = await start(**NO_ENGINE)
    _, errors = await second.communicate()
    assert (second.returncode, "runs already" in errors.decode()) == (2, True)
    first.terminate()
    await first.communicate()
    assert relatives(first, data_dir) == []
