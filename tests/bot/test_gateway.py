import asyncio
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from pathlib import Path

import aiohttp
import click
import psycopg
import pytest
from click.testing import CliRunner

from bot.cli import faro, main
from bot.gateway import with_database
from bot.settings import Settings
from storage import database as tables
from storage.database import libpq_url
from tests.engine import free_port

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder: no `.env`, no data."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize("command", ["gateway", "worker", "migrate"])
def test_without_a_database_a_command_says_in_one_line_what_to_do(command: str) -> None:
    result = CliRunner().invoke(faro, [command])
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("Error: nothing runs in this data folder: start ./run, or set")


def test_a_database_that_is_named_is_enough() -> None:
    settings = Settings(_env_file=None, database_url="postgresql:///x")
    assert with_database(settings) is settings
    with pytest.raises(click.UsageError):
        with_database(Settings(_env_file=None))


def test_the_tables_are_made_once_and_again_without_harm(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FARO_DATABASE_URL", empty_database_url)
    for _ in range(2):
        result = CliRunner().invoke(faro, ["migrate"], catch_exceptions=False)
        assert (result.exit_code, result.output) == (0, "the database is up to date\n")
    with psycopg.connect(libpq_url(empty_database_url)) as connection:
        assert connection.execute("SELECT count(*) FROM conversations").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (0,)


async def test_who_waits_for_the_tables_changes_nothing_and_goes_on_when_another_has_made_them(
    empty_database_url: str, tmp_path: Path
) -> None:
    given = {"FARO_DATABASE_URL": empty_database_url, "FARO_DATA_DIR": str(tmp_path)}
    waiting = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.cli", "migrate", "--wait"), cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), **given}, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(30):
        assert waiting.stderr
        assert b"tables_waited_for" in await waiting.stderr.readline()
        with psycopg.connect(libpq_url(empty_database_url)) as connection:
            assert connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,)
        await asyncio.to_thread(tables.migrate, empty_database_url)
        assert await waiting.wait() == 0


def test_a_database_that_is_away_is_one_line_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FARO_DATABASE_URL", f"postgresql://u:hidden@127.0.0.1:{free_port()}/x")
    monkeypatch.setattr(sys, "argv", ["faro", "migrate"])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert ended.value.code == 1
    assert told.startswith("faro: the database does not answer")
    assert told.count("\n") == 1
    assert "hidden" not in told


async def test_it_answers_as_a_process_of_its_own_and_stops_when_told(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    given = {"FARO_DATABASE_URL": database_url, "FARO_DATA_DIR": str(tmp_path), "FARO_PORT": str(port)}
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **given}
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.cli", "gateway"), cwd=tmp_path, env=environment, stdout=log, stderr=log
        )
    try:
        assert await answered(f"http://127.0.0.1:{port}/healthz", process) == ({"alive": True}, [])
    finally:
        process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(process.wait(), 30)
    assert code == 0
    assert (tmp_path / "log").read_text() == ""


async def answered(address: str, process: Process) -> tuple[object, list[str]]:
    """The first answer, and the names of headers that tell what runs there."""
    async with asyncio.timeout(30), aiohttp.ClientSession() as session:
        while True:
            assert process.returncode is None
            try:
                async with session.get(address) as answer:
                    return await answer.json(), [name for name in ("Server", "Date") if name in answer.headers]
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0.05)


INNER = {"FARO_METRICS_HOST": "192.0.2.1", "FARO_METRICS_PORT": "9464"}


@pytest.mark.parametrize(
    ("program", "wrong", "names"),
    [
        ("gateway", {"FARO_HOST": "192.0.2.1"}, "FARO_HOST, FARO_PORT"),
        ("gateway", INNER, "FARO_METRICS_HOST, FARO_METRICS_PORT"),
        ("console", {"FARO_HOST": "192.0.2.1"}, "FARO_HOST, FARO_CONSOLE_PORT"),
        ("console", INNER, "FARO_METRICS_HOST, FARO_METRICS_PORT"),
    ],
)
def test_a_door_that_cannot_be_opened_is_told_in_one_line_that_names_its_settings(
    database_url: str, tmp_path: Path, program: str, wrong: dict[str, str], names: str
) -> None:
    ports = {"FARO_PORT": str(free_port()), "FARO_CONSOLE_PORT": str(free_port())}
    given = {"FARO_DATABASE_URL": database_url, "FARO_DATA_DIR": str(tmp_path), **ports, **wrong}
    ran = subprocess.run(
        [sys.executable, "-m", "bot.cli", program], env={**os.environ, "PYTHONPATH": str(ROOT), **given},
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    told = [line for line in ran.stderr.splitlines() if not line.startswith("{")]
    assert (ran.returncode, len(told)) == (2, 1)
    assert told[0].startswith(f"faro: {names}: can't listen there (")
    assert told[0].lower().endswith("cannot assign requested address).")
