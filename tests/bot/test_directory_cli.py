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


def run(*arguments: str) -> tuple[int, list[str]]:
    result = CliRunner().invoke(faro, ["directory", *arguments], catch_exceptions=False)
    return result.exit_code, result.output.splitlines()


def check() -> tuple[int, list[str]]:
    return run("check")


def test_of_the_shipped_numbers_each_must_be_called_first() -> None:
    code, lines = check()
    assert code == 1
    assert lines[-2] == "129 numbers, 0 shown today, 129 to see to"
    assert lines[-1] == (
        "destinations: 62 of 72 known by a source; an emergency number with a source for 62 of 62, shown today for 0"
    )
    assert len(lines) == 131
    assert all("nobody has called it yet" in line for line in lines[:-2])


def test_numbers_called_today_need_nobody(data: Path) -> None:
    checked(data, 0)
    code, lines = check()
    assert (code, len(lines)) == (0, 2)
    assert lines[0] == "129 numbers, 129 shown today, 0 to see to"
    assert lines[1].endswith("an emergency number with a source for 62 of 62, shown today for 62")


def test_destinations_without_an_emergency_number_or_any_are_named(data: Path) -> None:
    checked(data, 0, 2)  # Colombia's; of these the second is no emergency number
    code, lines = check()
    assert code == 0
    assert "LIM Lima, Peru: no number with a source at all" in lines
    assert "CUR Willemstad, Curaçao: no number with a source at all" in lines
    assert len(lines) == 62 - 17 + 2
    assert lines[-1].endswith("an emergency number with a source for 17 of 62, shown today for 17")
    rows = (data / "hotlines.csv").read_text(encoding="utf-8").splitlines()
    (data / "hotlines.csv").write_text("\n".join(rows[:2]) + "\n", encoding="utf-8")
    _, lines = check()
    assert "BOG Bogotá, Colombia: no emergency number with a source" in lines
    assert lines[-1].endswith("an emergency number with a source for 0 of 62, shown today for 0")


def test_numbers_that_go_stale_soon_are_told_without_an_alarm(data: Path) -> None:
    checked(data, 89, 2)
    code, lines = check()
    assert (code, lines[-2]) == (0, "2 numbers, 2 shown today, 2 to see to")
    assert all(line.endswith("to be checked again soon, 89 days ago") for line in lines[:2])


def test_a_number_checked_too_long_ago_is_an_alarm_as_the_settings_say(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked(data, 40, 1)
    assert check()[0] == 0
    monkeypatch.setenv("FARO_HOTLINE_DAYS", "30")
    code, lines = check()
    assert code == 1
    assert "checked too long ago: no longer shown, 40 days ago" in lines[0]


def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not practice: the keys of directors are set."""
    monkeypatch.setenv("FARO_ROSTER_KEYS", "00" * 32)


def test_what_a_person_is_shown_bears_the_day_of_its_check(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real(monkeypatch)
    checked(data, 3)
    code, lines = run("show", "gt")
    assert code == 0
    assert lines == [
        f"PNC emergency: 110  (phone, emergency, anyone, checked on {TODAY - timedelta(days=3)})",
        f"PDH complaints: 1555  (phone, trafficking, anyone, checked on {TODAY - timedelta(days=3)})",
    ]


def test_a_country_without_a_number_says_so_and_gives_the_line_of_home_from_abroad(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real(monkeypatch)
    assert run("show", "FI") == (
        0, ["Finland: no number may be shown today; a person is told so.", "No line of Colombia either."]
    )  # fmt: skip
    checked(data, 0)
    _, lines = run("show", "FI")
    assert lines[1] == "From Colombia, to be called from abroad:"
    assert "+57 601 382 6999" in lines[2]


def test_outside_practice_a_number_that_nobody_called_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "nobody has called it yet" in run("show", "CO")[1][0]
    real(monkeypatch)
    assert run("show", "CO") == (0, ["Colombia: no number may be shown today; a person is told so."])


def test_a_person_under_age_is_shown_the_lines_for_children() -> None:
    assert not any(": 141" in line for line in run("show", "CO")[1])
    assert any(": 141" in line for line in run("show", "CO", "--minor")[1])


def test_what_has_no_room_in_one_message_is_counted() -> None:
    lines = run("show", "PT")[1]
    assert len(lines) == 7
    assert lines[-1] == "and 2 more, which one message has no room for"


@pytest.mark.parametrize("word", ["uk", "Colombia", "57", "419"])
def test_a_word_that_is_no_country_is_refused(word: str) -> None:
    code, lines = run("show", word)
    assert code == 2
    assert "two letters of ISO 3166" in lines[-1]
