import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli import faro
from storage import counts
from storage.database import Database
from storage.keys import KeyRing
from tests.bot.test_statistics import listed


@pytest.fixture
def last(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """A moment of last month, and a data folder with cards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FARO_DATABASE_URL", database_url)
    listed(tmp_path)
    return datetime.now(UTC).replace(day=1, hour=0) - timedelta(days=1)


async def happen(database_url: str, folder: Path, code: str, number: int, moment: datetime) -> None:
    database, keys = Database(database_url), KeyRing.open(folder / "keys")
    async with database.begin() as tx:
        for _ in range(number):
            await counts.add(tx, keys, code, moment)
    await database.close()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(faro, ["statistics", *arguments])


def test_a_month_that_is_over_is_published_and_printed_with_what_it_means(
    last: datetime, tmp_path: Path, database_url: str
) -> None:
    for code, number in (("7K3M9", 25), ("V9FTH", 10)):
        asyncio.run(happen(database_url, tmp_path, code, number, last))
    asyncio.run(happen(database_url, tmp_path, "7K3M9", 99, datetime.now(UTC)))
    table, *_ = run().output.split("\n\n")
    assert table == f"{last:%Y-%m}  7K3M9  22 or more  Airport, BOG-MAD, ES"
    assert run(f"{last:%Y-%m}").output == run().output
    assert "Below the threshold (FARO_STATISTICS_K)" in run().output
    assert run("2020-01").output.startswith("No placement had")
    assert "not over yet" in run(f"{datetime.now(UTC):%Y-%m}").output
    assert run("--csv", "out.csv").exit_code == 0
    assert (tmp_path / "out.csv").read_text() == (
        f"month,placement,place,route,destination,conversations_at_least\n{last:%Y-%m},7K3M9,Airport,BOG-MAD,ES,22\n"
    )


@pytest.mark.parametrize("wrong", ["november", "2026-13", "2026"])
@pytest.mark.usefixtures("last")
def test_what_is_no_month_is_told(wrong: str) -> None:
    result = run(wrong)
    assert (result.exit_code, "a month such as 2026-11 is needed" in result.output) == (2, True)
