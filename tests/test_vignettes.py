"""Cases as published ones tell them (`tests/vignettes/`): tier, indicators and routing as a practitioner expects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine import Engine
from tests.house import furnished
from tests.vignettes.case import UNITS, Case, every
from tests.vignettes.player import Played, play
from tests.vignettes.table import HEAD, markdown, row

PATHS = every()
KINDS = {"models in China", "Yopal", "domestic servitude", "servile marriage", "scam compound", "begging", "farm work",
         "cam studio", "forced crime", "organ", "minor", "smuggling, not trafficking", "bad job, not trafficking",
         "ordinary traveller", "prankster"}  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=[path.stem for path in PATHS])
async def test_a_case_comes_out_as_expected(
    path: Path, tmp_path: Path, database_url: str, engine: Engine, record_property: Callable[[str, Any], None]
) -> None:
    case = Case.read(path)
    async with furnished(tmp_path, database_url, engine, practice=case.channel == "terminal", units=UNITS) as house:
        played = await play(case, house)
    record_property(HEAD[0], row(played))
    wrong = "\n".join(played.wrong)
    assert not wrong, f"{case.about}\n{wrong}"


def test_the_cases_are_of_every_kind_language_and_channel() -> None:
    cases = [Case.read(path) for path in PATHS]
    assert len(cases) >= 40
    assert {case.kind for case in cases} >= KINDS
    languages, channels = Counter(case.language for case in cases), Counter(case.channel for case in cases)
    assert set(languages) == {"es", "en", "pt", "fr", "ht"}
    assert min(languages.values()) >= 4
    assert set(channels) == {"telegram", "whatsapp", "sms", "terminal"}
    assert min(channels.values()) >= 4


def test_each_case_says_why_and_is_named_by_language_and_channel() -> None:
    for case in map(Case.read, PATHS):
        assert len(case.reason) > 100, case.name
        assert case.source.startswith("style of "), case.name
        language, *_, channel = case.name.split("-")
        assert (language, channel) == (case.language, case.channel), case.name


def test_cases_of_every_tier_and_without_a_report_are_there() -> None:
    bounds = [case.expected.tier for case in map(Case.read, PATHS)]
    assert {tier for tier in bounds if tier is None or tier[0] == tier[1]} == {
        None, ("P0", "P0"), ("P1", "P1"), ("P2", "P2"), ("P3", "P3"), ("P4", "P4"),
    }  # fmt: skip


def test_a_file_that_is_not_of_the_format_is_refused(tmp_path: Path) -> None:
    text = PATHS[0].read_text(encoding="utf-8")
    broken = tmp_path / "case.yml"
    for old, new in {"\nchannel:": "\nchanel:", "\n  safe: ": "\n  safe: yes #", "tier: [": "tiers: ["}.items():
        broken.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ValueError, match=r"case\.yml"):
            Case.read(broken)


def test_the_table_has_a_row_for_each_case_and_counts_what_went_otherwise() -> None:
    case = Case.read(PATHS[0])
    good, bad = row(Played(case)), row(Played(case, again=2, wrong=["tier is P4"]))
    assert len(good) == len(HEAD)
    assert (good[-1], bad[-1]) == ("yes", "no")
    text = markdown([good, bad])
    assert text.count("\n| ") == 3
    assert "1 of 2 cases came out as expected; 2 questions had to be put again; 0 times" in text
