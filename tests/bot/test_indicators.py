"""The indicators and the answer map that comes with this version."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.indicators import INDICATORS, AnswerMap, Strength, shipped


def test_every_answer_map_entry_is_known_and_every_indicator_can_be_reached() -> None:
    reached = {i.id for branches in shipped().scored.values() for codes in branches.values()
               for listed in codes.values() for i in listed}  # fmt: skip
    assert reached == set(shipped().indicators)
    assert len(reached) == 38
    for indicator in shipped().indicators.values():
        assert set(indicator.meaning) == {"en", "es"}
        assert set(indicator.strengths) <= {"labour", "sexual", "child"}
        assert indicator.strengths["child"] >= indicator.strengths["labour"]


def test_a_question_that_names_an_unknown_indicator_is_refused(tmp_path: Path) -> None:
    listed = yaml.safe_load(INDICATORS.read_text(encoding="utf-8"))
    listed["indicators"] = listed["indicators"][1:]
    fewer = tmp_path / "indicators.yml"
    fewer.write_text(yaml.safe_dump(listed), encoding="utf-8")
    with pytest.raises(KeyError):
        AnswerMap.load(indicators=fewer)


def test_not_sure_stands_for_yes_or_for_what_the_question_says() -> None:
    known = shipped()
    assert known.indicators_of("Q2", "in_exploitation", "not_sure") == known.indicators_of(
        "Q2", "in_exploitation", "yes"
    )
    assert known.indicators_of("Q1", "travelling", "not_sure") == known.indicators_of("Q1", "travelling", "no")
    assert known.indicators_of("Q2", "in_exploitation", "no") == ()
    assert known.indicators_of("Q7", "travelling", "pay") == ()
    assert known.indicators_of("age", "travelling", "not_sure") == ()


def test_the_heaviest_profile_that_fits_counts() -> None:
    threat = shipped().indicators["CDS-05"]
    assert threat.strength(frozenset({"labour"})) is Strength.MEDIUM
    assert threat.strength(frozenset({"labour", "sexual"})) is Strength.STRONG
    assert threat.strength(frozenset({"labour", "child"})) is Strength.STRONG


def test_weaker_than_weak_is_off() -> None:
    assert [Strength.STRONG.weaker(steps).name for steps in range(5)] == ["STRONG", "MEDIUM", "WEAK", "OFF", "OFF"]
