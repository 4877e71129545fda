"""The console as a process of its own: what it opens, and how it ends."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from click.testing import CliRunner

from bot.cli import faro
from storage.envelope import Part
from tests.bot.console.room import Browser, Room
from tests.engine import free_port

ROOT = Path(__file__).parents[3]
LARGE = bytes(4 * 1024 * 1024 + 1)

# Tells each file under a folder that is opened, from before anything is imported.
WATCHED = """
import sys

def watch(event, given):
    if event == "open" and str(given[0]).startswith(sys.argv[1] + "/keys"):
        sys.stderr.write(f"opened {given[0]}\\n")

sys.addaudithook(watch)
from bot.cli import faro
faro(["console"])
"""


@asynccontextmanager
async def started(room: Room) -> AsyncIterator[tuple[Process, Browser]]:
    """A second console on the same data folder and database, in a process; and a browser at it."""
    port, folder = free_port(), room.settings.data_dir
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT), "FARO_DATABASE_URL": room.settings.database_url,
        "FARO_DATA_DIR": str(folder), "FARO_CONSOLE_PORT": str(port),
        "FARO_ROSTER_KEYS": ",".join(room.officers.directors),
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WATCHED, str(folder)), cwd=folder, env=environment, stdout=PIPE, stderr=PIPE
    )
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(60):
            browser = Browser(f"http://127.0.0.1:{port}", http)
            while not await up(browser):
                assert process.returncode is None
                await asyncio.sleep(0.05)
            yield process, browser
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def up(browser: Browser) -> bool:
    try:
        return (await browser.ask("GET", "/healthz"))[0] == 200
    except aiohttp.ClientConnectorError:
        return False


async def test_it_opens_no_key_but_that_of_its_challenges_and_ends_in_order(room: Room) -> None:
    report = await room.file("coat", Part("att/1.mp4", LARGE))
    key = room.officers.keys["coat"]
    async with started(room) as (process, browser):
        assert await browser.sign_in(key, "officer-coat") == 200
        assert (await browser.ask("GET", f"/api/reports/{report}"))[0] == 200
        assert (await browser.ask("POST", f"/api/reports/{report}/acknowledge"))[0] == 200
        assert process.stderr
        under_way = f"{browser.url}/api/reports/{report}/parts/att1.age"
        async with browser.http.get(under_way, headers={"Authorization": f"Bearer {browser.token}"}) as answer:
            process.send_signal(signal.SIGTERM)
            assert len(await answer.read()) > len(LARGE)
        told = (await process.communicate())[1].decode()
    assert process.returncode == 0
    opened = {
        Path(found).relative_to(room.settings.data_dir / "keys") for found in re.findall(r"^opened (.+)$", told, re.M)
    }
    assert {path.parts[0] for path in opened} == {"console"}
    assert "Traceback" not in told
    for secret in (report, "officer-coat", browser.token):
        assert secret not in told


def test_without_a_database_it_says_in_one_line_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path))
    result = CliRunner().invoke(faro, ["console"])
    assert result.exit_code == 2
    assert result.output.splitlines()[-1].startswith("Error: nothing runs in this data folder: start ./run, or set")
