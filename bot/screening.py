"""Answers -> indicators -> dimensions -> tier, with the reasons that rebuild it. Pure.

Dimension rule: ILO/European Commission, Operational indicators of trafficking in human beings, 2009 (WCMS_105023).
Tiers and travel signs are a proposal of this project and not validated: they order the officers' queue, and the person
never sees one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.indicators import NOT_SURE, AnswerMap, Indicator, Strength, shipped

Codes = str | Sequence[str]  # one code, or the codes of a question that takes several

PURPOSE, ACT = "purpose", "act"  # every other dimension is a means
TIERS = ("P0", "P1", "P2", "P3", "P4")

_CODE = re.compile(r"[a-z0-9_]{1,40}")


@dataclass(frozen=True, slots=True)
class Reason:
    """One indicator, the answer that switched it on, and with which weight."""

    question: str
    code: str
    indicator: str
    dimension: str
    strength: Strength

    def to_json(self) -> dict[str, str]:
        return {"question": self.question, "code": self.code, "indicator": self.indicator,
                "dimension": self.dimension, "strength": self.strength.name.lower()}  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, str]) -> Reason:
        return cls(value["question"], value["code"], value["indicator"], value["dimension"],
                   Strength[value["strength"].upper()])  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dimension:
    """`positive` by the ILO rule; `indicated` when it holds a medium or strong sign."""

    name: str
    indicated: bool
    positive: bool
    strongest: Strength

    @property
    def is_means(self) -> bool:
        return self.name not in {PURPOSE, ACT}


@dataclass(frozen=True, slots=True)
class Screening:
    """`tier` P0 (at once) to P4; `scored_tier` is the tier without the urgent overrides that `urgent` names."""

    tier: str
    scored_tier: str
    reasons: tuple[Reason, ...]
    dimensions: tuple[Dimension, ...]
    urgent: tuple[str, ...]
    branch: str | None
    age: str | None
    rule: str

    @property
    def indicators(self) -> tuple[str, ...]:
        return tuple(sorted({reason.indicator for reason in self.reasons}))

    def to_json(self) -> dict[str, Any]:
        return {
            "tier": self.tier, "scored_tier": self.scored_tier, "urgent": list(self.urgent), "rule": self.rule,
            "branch": self.branch, "age": self.age, "indicators": list(self.indicators),
            "reasons": [reason.to_json() for reason in self.reasons],
            "dimensions": {d.name: {"indicated": d.indicated, "positive": d.positive} for d in self.dimensions},
        }  # fmt: skip


def screen(answers: Mapping[str, Codes], *, branch: str | None, age: str | None, urgent: Iterable[str] = (),
           landing_within_24h: bool = False, answer_map: AnswerMap | None = None) -> Screening:  # fmt: skip
    """Scores codes by question id. `branch`: travelling | in_exploitation | None; `age`: adult | minor | rather_not.

    `urgent`: codes of what was said or seen outside the questions (danger_now, self_harm, captor_present, weapon,
    injury); each one makes P0. Raises `ValueError` for anything that is not a code. Questions and codes that score
    nothing are passed over: skipped, no and never asked count alike here and differ only in the report.
    """
    known = answer_map or shipped()
    reasons = switched_on(answers, branch=branch, minor=age == "minor", answer_map=known)
    overrides = (*_signs(urgent), *_overrides(answers, reasons, branch, age == "minor", landing_within_24h))
    return _conclude(reasons, branch, age, tuple(dict.fromkeys(overrides)), known.rule)


def rebuild(stored: Mapping[str, Any]) -> Screening:
    """The same result from what a report stores of it: an officer can check a tier without the answers."""
    reasons = tuple(Reason.from_json(value) for value in stored["reasons"])
    return _conclude(reasons, stored["branch"], stored["age"], tuple(stored["urgent"]), stored["rule"])


def switched_on(answers: Mapping[str, Codes], *, branch: str | None, minor: bool,
                answer_map: AnswerMap) -> tuple[Reason, ...]:  # fmt: skip
    """Every indicator that is on, heaviest weight once, in the order of the questions."""
    if branch is None:
        return ()
    profiles = _profiles(answers, branch, minor, answer_map)
    heaviest: dict[str, Reason] = {}
    for question in answer_map.order:
        for code in sorted(codes_of(answers.get(question))):
            for reason in _of_one_answer(question, code, branch, profiles, answer_map):
                before = heaviest.get(reason.indicator)
                if before is None or reason.strength > before.strength:
                    heaviest[reason.indicator] = reason
    return tuple(heaviest.values())


def codes_of(value: Codes | None) -> frozenset[str]:
    """One code or several, as a set."""
    if value is None:
        return frozenset()
    return frozenset({value}) if isinstance(value, str) else frozenset(value)


def dimensions_of(reasons: Sequence[Reason]) -> tuple[Dimension, ...]:
    """State of every dimension that holds a sign, in the order of their names."""
    names = sorted({reason.dimension for reason in reasons})
    return tuple(_dimension(name, [r.strength for r in reasons if r.dimension == name]) for name in names)


def scored_tier(reasons: Sequence[Reason], branch: str | None, minor: bool) -> str:
    """The first tier that fits, without urgent overrides."""
    dimensions = dimensions_of(reasons)
    if (minor and reasons) or _purpose_by_means(dimensions) or (branch == "travelling" and _travel_alarm(reasons)):
        return "P1"
    purpose = any(d.name == PURPOSE and d.indicated for d in dimensions)
    means = any(d.is_means and d.positive for d in dimensions)
    if purpose or means or _weighty(reasons, strong=1, medium=2):
        return "P2"
    return "P3" if reasons else "P4"


def _conclude(reasons: tuple[Reason, ...], branch: str | None, age: str | None, urgent: tuple[str, ...],
              rule: str) -> Screening:  # fmt: skip
    scored = scored_tier(reasons, branch, age == "minor")
    return Screening("P0" if urgent else scored, scored, reasons, dimensions_of(reasons), urgent, branch, age, rule)


def _profiles(answers: Mapping[str, Codes], branch: str, minor: bool, answer_map: AnswerMap) -> frozenset[str]:
    chosen = {indicator.id for question, value in answers.items() for code in codes_of(value) if code != NOT_SURE
              for indicator in answer_map.indicators_of(question, branch, code)}  # fmt: skip
    profiles = {"labour"} | ({"child"} if minor else set()) | ({"sexual"} if "PUR-01" in chosen else set())
    return frozenset(profiles)


def _of_one_answer(question: str, code: str, branch: str, profiles: frozenset[str],
                   answer_map: AnswerMap) -> list[Reason]:  # fmt: skip
    """One answer gives at most its strongest indicator per dimension: nothing is counted twice."""
    strongest: dict[str, Reason] = {}
    for indicator in answer_map.indicators_of(question, branch, code):
        weight = _weight(indicator, code, branch, profiles)
        best = strongest.get(indicator.dimension)
        if weight and (best is None or weight > best.strength):
            strongest[indicator.dimension] = Reason(question, code, indicator.id, indicator.dimension, weight)
    return list(strongest.values())


def _weight(indicator: Indicator, code: str, branch: str, profiles: frozenset[str]) -> Strength:
    expectation = indicator.expected if branch == "travelling" else 0
    return indicator.strength(profiles).weaker(expectation + (code == NOT_SURE))


def _dimension(name: str, weights: Sequence[Strength]) -> Dimension:
    strong, medium, weak = (weights.count(step) for step in (Strength.STRONG, Strength.MEDIUM, Strength.WEAK))
    positive = strong >= 2 or (strong == 1 and medium + weak >= 1) or medium >= 3 or (medium == 2 and weak >= 1)
    return Dimension(name, strong + medium > 0, positive, max(weights))


def _purpose_by_means(dimensions: Sequence[Dimension]) -> bool:
    """Purpose and one means are indicated, and one of these two holds a strong sign."""
    purposes = [d for d in dimensions if d.name == PURPOSE and d.indicated]
    means = [d for d in dimensions if d.is_means and d.indicated]
    return any(Strength.STRONG in (p.strongest, m.strongest) for p in purposes for m in means)


def _travel_alarm(reasons: Sequence[Reason]) -> bool:
    """One strong sign, or three weighty ones over two dimensions: a traveller can still turn back."""
    weighty = [reason for reason in reasons if reason.strength >= Strength.MEDIUM]
    return _weighty(reasons, strong=1, medium=3) and (
        any(r.strength is Strength.STRONG for r in weighty) or len({r.dimension for r in weighty}) >= 2
    )


def _weighty(reasons: Sequence[Reason], *, strong: int, medium: int) -> bool:
    """Enough strong signs, or enough that are at least medium."""
    weights = [reason.strength for reason in reasons]
    return (weights.count(Strength.STRONG) >= strong
            or sum(weight >= Strength.MEDIUM for weight in weights) >= medium)  # fmt: skip


def _signs(urgent: Iterable[str]) -> tuple[str, ...]:
    signs = tuple(sorted(set(urgent)))
    if not all(_CODE.fullmatch(sign) for sign in signs):
        raise ValueError("an urgent sign must be a code")
    return signs


def _overrides(answers: Mapping[str, Codes], reasons: Sequence[Reason], branch: str | None, minor: bool,
               landing_within_24h: bool) -> Iterable[str]:  # fmt: skip
    """What in the answers themselves can't wait."""
    purposes = codes_of(answers.get("Q9"))
    alone = "no" in codes_of(answers.get("Q10"))
    other_signs = any(reason.question != "Q10" for reason in reasons)
    soon = landing_within_24h or "yes" in codes_of(answers.get("arrival"))
    found = {
        "organ_removal": "organ" in purposes,
        "minor_armed_group": minor and "armed" in purposes,
        "minor_sexual": minor and "sexual" in purposes,
        "minor_unknown_adult": minor and branch == "travelling" and alone and other_signs,
        "landing_soon": soon and _weighty(reasons, strong=1, medium=2),
        "asks_to_get_out": "out" in codes_of(answers.get("N1")),
    }
    return (name for name, holds in found.items() if holds)
