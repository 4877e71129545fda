"""What an answer switches on: the indicators of `bot/data/indicators.yml` and the answer map of `nlu/questions.yml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

INDICATORS = Path(__file__).parent / "data" / "indicators.yml"
QUESTIONS = Path(__file__).parent.parent / "nlu" / "questions.yml"
NOT_SURE = "not_sure"


class Strength(IntEnum):
    """Weight of an indicator. OFF is what a weak one becomes when it is made weaker."""

    OFF = 0
    WEAK = 1
    MEDIUM = 2
    STRONG = 3

    def weaker(self, steps: int) -> Strength:
        return Strength(max(Strength.OFF, self - steps))


@dataclass(frozen=True, slots=True)
class Indicator:
    """One sign. `strengths`: profile (labour, sexual, child) -> weight; `htcds`: HTCDS field -> codes."""

    id: str
    dimension: str
    palermo_element: str
    strengths: Mapping[str, Strength]
    expected: int  # steps weaker while the person still travels
    htcds: Mapping[str, tuple[str, ...]]
    meaning: Mapping[str, str]
    source: str
    grade: str

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Indicator:
        strengths = {profile: Strength[str(name).upper()] for profile, name in entry["strength"].items()}
        htcds = {field: tuple(codes) for field, codes in entry["htcds"].items()}
        return cls(entry["id"], entry["dimension"], entry["palermo_element"], strengths, entry.get("expected", 0),
                   htcds, entry["meaning"], entry["source"], entry["grade"])  # fmt: skip

    def strength(self, profiles: frozenset[str]) -> Strength:
        """The heaviest weight of the profiles that fit, so that one more yes never lowers a result."""
        return max(weight for profile, weight in self.strengths.items() if profile in profiles)


@dataclass(frozen=True, slots=True)
class AnswerMap:
    """What each answer switches on, and which version of questions and weights says so."""

    instrument: str
    rule: str
    order: tuple[str, ...]  # every question, in the order asked
    scored: Mapping[str, Mapping[str, Mapping[str, tuple[Indicator, ...]]]]  # question -> branch -> code -> indicators
    not_sure_as: Mapping[str, str]
    indicators: Mapping[str, Indicator]

    @classmethod
    def load(cls, questions: Path = QUESTIONS, indicators: Path = INDICATORS) -> AnswerMap:
        """Raises `KeyError` when the questions name an indicator that the list does not hold."""
        listed = yaml.safe_load(indicators.read_text(encoding="utf-8"))
        known = {entry["id"]: Indicator.of(entry) for entry in listed["indicators"]}
        asked = yaml.safe_load(questions.read_text(encoding="utf-8"))
        scored = {
            entry["id"]: {
                branch: {code: tuple(known[name] for name in names) for code, names in answers.items()}
                for branch, answers in entry["scores"].items()
            }
            for entry in asked["questions"] if "scores" in entry
        }  # fmt: skip
        unsure = {entry["id"]: entry.get("not_sure_as", "yes") for entry in asked["questions"]}
        order = tuple(entry["id"] for entry in asked["questions"])
        return cls(asked["instrument"], listed["version"], order, scored, unsure, known)

    def indicators_of(self, question: str, branch: str, code: str) -> tuple[Indicator, ...]:
        """Answers that are not listed switch nothing on. `not_sure` stands for another answer, weakened by the rule."""
        listed = self.scored.get(question, {}).get(branch, {})
        return listed.get(self.not_sure_as.get(question, code) if code == NOT_SURE else code, ())


@cache
def shipped() -> AnswerMap:
    """The map that comes with this version; files of the program, read once."""
    return AnswerMap.load()
