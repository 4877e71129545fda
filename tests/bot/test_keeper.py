import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from bot.errors import SettingsError
from bot.keeper import AGAIN_SECONDS, LOOK_SECONDS, kept
from storage.database import libpq_url


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """Not in pytest's folder: every other run of pytest shuts that to the account of the database."""
    with tempfile.TemporaryDirectory(prefix="faro-") as folder:
        yield Path(folder)


def answers(url: str) -> bool:
    try:
        psycopg.connect(libpq_url(url), connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


async def until_silent(url: str) -> None:
    async with asyncio.timeout(30):
        while answers(url):
            await asyncio.sleep(0.05)


async def test_the_server_runs_inside_the_block_and_not_behind_it(data_dir: Path) -> None:
    async with kept(data_dir) as url:
        assert answers(url)
    assert not answers(url)


async def test_the_server_ends_when_its_starter_is_killed(data_dir: Path) -> None:
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STARTER, str(data_dir)),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=asyncio.subprocess.PIPE,
    )
    assert starter.stdout
    url = (await starter.stdout.readline()).decode().strip()
    assert answers(url)
    starter.send_signal(signal.SIGKILL)
    await starter.wait()
    await until_silent(url)


STARTER = """
import asyncio, sys
from pathlib import Path
from bot.keeper import AGAIN_SECONDS, LOOK_SECONDS, kept
async def main():
    async with kept(Path(sys.argv[1])) as url:
        print(url, flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_a_server_that_was_killed_comes_back_also_when_it_could_not_start_for_a_while(data_dir: Path) -> None:
    """A full disk, processes of the old one that linger: the keeper tries until it succeeds."""
    async with kept(data_dir) as url:
        version, hidden = data_dir / "postgres" / "PG_VERSION", data_dir / "hidden"
        os.kill(int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0]), signal.SIGKILL)
        version.rename(hidden)
        await until_silent(url)
        await asyncio.sleep(LOOK_SECONDS + 2 * AGAIN_SECONDS)
        assert not answers(url)
        hidden.rename(version)
        async with asyncio.timeout(30):
            while not answers(url):
                await asyncio.sleep(0.05)
    assert not answers(url)


async def test_a_folder_that_is_none_ends_in_one_line(data_dir: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (data_dir / "postgres").mkdir()
    (data_dir / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(SettingsError):
        async with kept(data_dir):
            pass
    assert "Traceback" not in capfd.readouterr().err
