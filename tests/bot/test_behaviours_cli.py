"""The table of behaviours: what SAFETY.md promises, the tests that bear its numbers, and what is told of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from bot import behaviours_cli
from bot.behaviours_cli import FILE, TESTS, Behaviour, Result, behaviours, markdown, outcomes, read, result, run, table
from bot.behaviours_cli import tests as named

LINES = [f"E{number:02}" for number in range(1, 46)]
REPORT = """<testsuites><testsuite>
<testcase name="test_E01_a[es]"/><testcase name="test_E01_a[en]"><failure/></testcase>
<testcase name="test_E02_b"/><testcase name="test_E03_c"><skipped/></testcase>
<testcase name="test_E04_d"><error/></testcase>
</testsuite></testsuites>"""


def test_every_line_stands_in_the_table_once_and_has_a_test_or_is_told_as_open() -> None:
    lines = read(FILE.read_text(encoding="utf-8"))
    assert [line.id for line in lines] == LINES
    held = named(TESTS)
    assert {line.id for line in lines if line.is_open} == {"E41", "E45"}
    assert set(held) == set(LINES) - {"E41", "E45"}


def test_list_names_every_line_without_running_anything() -> None:
    told = CliRunner().invoke(behaviours, ["--list"])
    assert told.exit_code == 0, told.output
    assert all(line in told.output for line in LINES)
    assert "43 not run, 2 open of 45 lines." in told.output


def test_outcomes_are_of_all_cases_and_a_skipped_one_is_none() -> None:
    found = outcomes(REPORT)
    assert found == {"test_E01_a": [True, False], "test_E02_b": [True], "test_E04_d": [False]}
    assert result(["test_E01_a"], found) == Result(1, 1, 1, True)
    assert result(["test_E03_c"], found) == Result(1, 0, 0, True)
    assert result(["test_E01_a"], None) == Result(1)


@pytest.mark.parametrize(("held", "outcome", "words", "lacks"), [
    ("test", Result(1, 2, 0, True), "passed (2)", False),
    ("test", Result(1, 2, 1, True), "FAILED (1 of 3)", True),
    ("test", Result(0), "NO TEST", True),
    ("open: an ethics board", Result(0), "open", False),
    ("test", Result(1, 0, 0, True), "passed (0)", True),
    ("test", Result(2), "not run", False),
])  # fmt: skip
def test_a_line_lacks_something_when_nothing_holds_it(held: str, outcome: Result, words: str, lacks: bool) -> None:
    line = Behaviour("E01", "bland", held)
    assert outcome.words(line) == words
    assert outcome.lacks(line) is lacks
    assert words in table([line], {"E01": outcome})
    assert f"| E01 | bland | {outcome.tests} | {words} |" in markdown([line], {"E01": outcome})


def test_tests_are_run_and_read(tmp_path: Path) -> None:
    (tmp_path / "test_e01.py").write_text("def test_E01_good(): pass\ndef test_E01_bad(): raise ValueError\n")
    assert named(tmp_path) == {"E01": ["test_E01_good", "test_E01_bad"]}
    assert run(tmp_path) == {"test_E01_good": [True], "test_E01_bad": [False]}


def test_where_there_are_no_tests_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(behaviours_cli, "TESTS", tmp_path / "none")
    told = CliRunner().invoke(behaviours, ["--list"])
    assert told.exit_code == 1
    assert "run this in a checkout" in told.output
