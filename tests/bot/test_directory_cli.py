import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import faro
from bot.directory import COLUMNS, FILE

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path))
    return tmp_path


def checked(folder: Path, days_ago: int, count: int | None = None) -> None:
    """The shipped numbers as if somebody had called them then; `count`: only the first ones."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[:count]
    with (folder / "hotlines.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(row | {"verified_on": str(TODAY - timedelta(days=days_ago))} for row in rows)


def check() -> tuple[int, list[str]]:
    result = CliRunner().invoke(faro, ["directory", "check"], catch_exceptions=False)
    return result.exit_code, result.output.splitlines()


def test_of_the_shipped_numbers_each_must_be_called_first() -> None:
    code, lines = check()
    assert (code, lines[-1]) == (1, "86 numbers, 86 to see to")
    assert len(lines) == 87
    assert all("nobody has called it yet" in line for line in lines[:-1])


def test_numbers_called_today_need_nobody(data: Path) -> None:
    checked(data, 0)
    assert check() == (0, ["86 numbers, 0 to see to"])


def test_numbers_that_go_stale_soon_are_told_without_an_alarm(data: Path) -> None:
    checked(data, 89, 2)
    code, lines = check()
    assert (code, lines[-1]) == (0, "2 numbers, 2 to see to")
    assert all(line.endswith("to be checked again soon, 89 days ago") for line in lines[:-1])


def test_a_number_checked_too_long_ago_is_an_alarm_as_the_settings_say(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(data, 40, 1)
    assert check()[0] == 0
    monkeypatch.setenv("FARO_HOTLINE_DAYS", "30")
    code, lines = check()
    assert code == 1
    assert "checked too long ago: no longer shown, 40 days ago" in lines[0]
