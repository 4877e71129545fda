"""Which units a report goes to, and why. No airline, employer or migration office is ever one of them, and a consulate
or a helping group only where the person chose it.

The bounds are what the person agreed to. Two exceptions are told beforehand: a life in danger, and a child at risk.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Self

from bot.htcds import CONSENTED
from bot.report import Report
from storage.roster import Roster, Unit

HOME = "CO"
COORDINATION, PROSECUTION, CHILD_PROTECTION = "coordination", "prosecution", "child_protection"
CONSULATE, SUPPORT = "consulate", "support"  # reached by no rule but the choice of the person
ROLES = (COORDINATION, PROSECUTION, CHILD_PROTECTION, CONSULATE, SUPPORT)  # of a unit in the roster
ALL = "all"  # the person lets the rules choose

# Urgent signs that mean a life; the other overrides are urgent and stay within what was agreed.
LIFE = frozenset({"danger_now", "self_harm", "captor_present", "weapon", "injury", "illness", "pregnancy", "drugged",
                  "organ_removal"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Facts:
    """What routing looks at. `country`: where it happens, ISO 3166, as told; else the destination of the card, if the
    consent text named it as a country that may receive the report. `situation`: of the person concerned;
    `units_named`: codes of `AGENCIES`, `ALL`, or keys of the roster."""

    country: str | None
    citizenship: tuple[str, ...]
    situation: str | None
    minor: bool
    tier: str
    official_involved: bool
    consent: str
    units_named: tuple[str, ...] = ()
    life_in_danger: bool = False
    age_not_said: bool = False

    @classmethod
    def of(cls, report: Report) -> Self:
        body = report.body
        situations = {a["question"]: a["value"] for a in body["answers"] if a["question"].endswith("situation")}
        return cls(
            country=body["place"]["country"] or body["consent"].get("destination"),
            citizenship=tuple(body["person"]["citizenship"]),
            situation=situations.get("their_situation") or situations.get("situation"),
            minor=body["person"]["is_minor"],
            tier=report.tier,
            official_involved="official_involved" in report.flags,
            consent=body["consent"]["level"],
            units_named=tuple(body["consent"]["units"]),
            life_in_danger=bool(LIFE & set(body["screening"]["urgent"])),
            age_not_said="age_not_said" in report.flags,
        )

    @property
    def child_at_risk(self) -> bool:
        return self.minor and self.tier != "P4"

    @property
    def shared_freely(self) -> bool:
        """Agreed to sharing and named nobody, or everybody who can help: the rules choose."""
        return self.consent == "share" and (not self.units_named or ALL in self.units_named)

    @property
    def abroad(self) -> str | None:
        """The other country where something has happened or is about to; nothing has while the person has not left."""
        return self.country if self.country != HOME and self.situation != "not_left" else None


@dataclass(frozen=True, slots=True)
class Routed:
    """A unit by its key in the roster, and the name of the rule that chose it (`why` of `RULES`)."""

    unit: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """`applies` looks at the facts, a unit's key in the roster and the unit."""

    reason: str
    why: str
    applies: Callable[[Facts, str, Unit], bool]


# What the question `agencies` offers -> the units that are meant.
AGENCIES: Mapping[str, Callable[[Facts, Unit], bool]] = {
    "coordination": lambda facts, unit: _is(unit, COORDINATION, HOME),
    "prosecution": lambda facts, unit: _is(unit, PROSECUTION, HOME),
    "child_protection": lambda facts, unit: _is(unit, CHILD_PROTECTION, HOME),
    "prosecution_abroad": lambda facts, unit: unit.country != HOME and _is(unit, PROSECUTION, facts.country or ""),
    "consulate": lambda facts, unit: unit.role == CONSULATE and unit.country in (facts.citizenship or (HOME,)),
    "support": lambda facts, unit: unit.role == SUPPORT and unit.country in {HOME, facts.country},
}

RULES = (
    Rule(
        "named",
        "The person agreed to share and chose this unit, or bodies of its kind.",
        lambda facts, key, unit: facts.consent == "share" and _chosen(facts, key, unit),
    ),
    Rule(
        "internal_case",
        "The coordinating centre receives every case, classifies it and starts immediate help (Decreto 1066 of 2015).",
        lambda facts, key, unit: _is(unit, COORDINATION, HOME) and facts.country in {HOME, None},
    ),
    Rule(
        "external_case",
        "It happens abroad to a national, or to someone who did not tell a nationality: the coordinating centre starts "
        "the route for external cases.",
        lambda facts, key, unit: _is(unit, COORDINATION, HOME) and (not facts.citizenship or HOME in facts.citizenship),
    ),
    Rule(
        "first_contact",
        "It happens abroad to someone of another nationality: the coordinating centre received it and hands it on.",
        lambda facts, key, unit: _is(unit, COORDINATION, HOME),
    ),
    Rule(
        "child",
        "A child is at risk: child protection is told even where sharing was not agreed (Ley 1098 of 2006).",
        lambda facts, key, unit: _is(unit, CHILD_PROTECTION, HOME) and facts.child_at_risk,
    ),
    Rule(
        "maybe_a_child",
        "Under 18, or the age was not said, and sharing was agreed: protected as a child.",
        lambda facts, key, unit: (
            _is(unit, CHILD_PROTECTION, HOME) and facts.shared_freely and (facts.minor or facts.age_not_said)
        ),
    ),
    Rule(
        "life_in_danger",
        "A life is in danger: whoever can act at home is told even where sharing was not agreed.",
        lambda facts, key, unit: _is(unit, PROSECUTION, HOME) and facts.life_in_danger,
    ),
    Rule(
        "crime_at_home",
        "Sharing was agreed: the prosecutors of trafficking investigate (Código Penal art. 188A).",
        lambda facts, key, unit: _is(unit, PROSECUTION, HOME) and facts.shared_freely,
    ),
    Rule(
        "life_in_danger_abroad",
        "A life is in danger in that country, which alone can reach the person.",
        lambda facts, key, unit: _reaches_abroad(facts, unit) and facts.life_in_danger,
    ),
    Rule(
        "crime_abroad",
        "Sharing was agreed, and it happens in that country: its prosecutors are told directly.",
        lambda facts, key, unit: _reaches_abroad(facts, unit) and facts.shared_freely,
    ),
)


def wanted(facts: Facts, roster: Roster) -> list[Routed]:
    """Units that the rules choose, by key, whether or not they could open it. Without agreement only the exceptions."""
    if facts.consent not in CONSENTED and not facts.life_in_danger and not facts.child_at_risk:
        return []
    chosen = [(key, next((rule.reason for rule in RULES if rule.applies(facts, key, unit)), None))
              for key, unit in sorted(roster.units.items())]  # fmt: skip
    return [Routed(key, reason) for key, reason in chosen if reason]


def route(facts: Facts, roster: Roster, on: date) -> list[Routed]:
    """Those of the wanted units that can open it on this day. None: the report must not be accepted."""
    units = wanted(facts, roster)
    blind = set(roster.units_without_key([routed.unit for routed in units], on))
    return [routed for routed in units if routed.unit not in blind]


def _chosen(facts: Facts, key: str, unit: Unit) -> bool:
    kinds = [AGENCIES[code] for code in facts.units_named if code in AGENCIES]
    by_key = key in facts.units_named and key not in AGENCIES  # a unit may have the key `consulate`
    return by_key or any(meant(facts, unit) for meant in kinds)


def _is(unit: Unit, role: str, country: str) -> bool:
    return (unit.role, unit.country) == (role, country)


def _reaches_abroad(facts: Facts, unit: Unit) -> bool:
    """Where an official is said to be involved, no office of that country is told unless the person named it."""
    return facts.abroad is not None and _is(unit, PROSECUTION, facts.abroad) and not facts.official_involved
