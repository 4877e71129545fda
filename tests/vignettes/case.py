"""One file of this folder: who writes, what they answer, and what officers must find. Format: README.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.screening import TIERS
from storage.roster import Unit
from tests.house import UNITS as AT_HOME

FOLDER = Path(__file__).parent

# Beside those of every test: bodies that only a person's choice reaches, and prosecutors where cases happen.
UNITS: Mapping[str, Unit] = {
    **AT_HOME,
    "consulate": Unit("Consulados de Colombia", "CO", None, "consulate", False),
    "consulate-pe": Unit("Consulados del Perú", "PE", None, "consulate", False),
    "support": Unit("Grupo de apoyo", "CO", None, "support", False),
    **{f"fiscalia-{country.lower()}": Unit(f"Prosecution {country}", country, None, "prosecution", False)
       for country in ("BR", "CL", "DO", "EC", "MX", "PA", "PE")},
}  # fmt: skip

type Act = Mapping[str, Any]  # one thing that a person does: {"person": words}, {"tap": option}, {"photo": sample}, …

_KEYS = {"about", "reason", "source", "kind", "channel", "language", "opening", "answers", "beside", "expected"}
_EXPECTED = {"tier", "indicators", "not_indicators", "urgent", "flags", "routing", "holds"}


@dataclass(frozen=True)
class Expected:
    """`tier`: the most and the least urgent that would do, None where no report may come; `routing`: exactly these
    units; `urgent`: exactly these causes, None for any; the rest: at least, or none of."""

    tier: tuple[str, str] | None
    indicators: frozenset[str] = frozenset()
    not_indicators: frozenset[str] = frozenset()
    urgent: frozenset[str] | None = None
    flags: frozenset[str] = frozenset()
    routing: frozenset[str] = frozenset()
    holds: tuple[str, ...] = ()

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Expected:
        if value == {"reports": "none"}:
            return cls(None)
        if unknown := set(value) - _EXPECTED:
            raise ValueError(f"expected: {', '.join(sorted(unknown))}?")
        most, least = value["tier"]
        urgent = frozenset(value["urgent"]) if "urgent" in value else None
        sets = {name: frozenset(value.get(name, ())) for name in ("indicators", "not_indicators", "flags", "routing")}
        if TIERS.index(most) > TIERS.index(least) or not sets["routing"] <= set(UNITS) or not sets["routing"]:
            raise ValueError("tier is [most urgent, least urgent]; routing names units that there are")
        return cls((most, least), urgent=urgent, holds=tuple(value.get("holds", ())), **sets)

    def allows(self, tier: str) -> bool:
        if self.tier is None:
            return False
        most, least = map(TIERS.index, self.tier)
        return most <= TIERS.index(tier) <= least


@dataclass(frozen=True)
class Case:
    """`answers`: by the question's id, what the person does when it is put: the first time, the second time, …;
    `beside`: by the question's id, what they do before the next one."""

    name: str
    about: str
    reason: str
    source: str
    kind: str
    channel: str
    language: str
    opening: tuple[Act, ...]
    answers: Mapping[str, tuple[Act, ...]]
    beside: Mapping[str, tuple[Act, ...]]
    expected: Expected

    @classmethod
    def read(cls, path: Path) -> Case:
        """Raises `ValueError` for what is not of the format."""
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
        if wrong := set(value) ^ _KEYS - ({"beside"} - set(value)):
            raise ValueError(f"{path.name}: {', '.join(sorted(wrong))}?")
        told = {name: " ".join(value[name].split()) for name in ("about", "reason", "source", "kind")}
        try:
            answers = dict(one for question, given in value["answers"].items() for one in _answers(question, given))
            return cls(path.stem, **told, channel=value["channel"], language=value["language"],
                       opening=_acts(value["opening"]), answers=answers,
                       beside={question: _acts(given) for question, given in value.get("beside", {}).items()},
                       expected=Expected.of(value["expected"]))  # fmt: skip
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None


def every() -> list[Path]:
    return sorted(FOLDER.glob("*.yml"))


def _answers(question: str, given: Any) -> list[tuple[str, tuple[Act, ...]]]:
    """Several taps: the first at the question, the others where it is put on."""
    if isinstance(given, dict) and isinstance(given.get("tap"), list):
        first, *others = given["tap"]
        return [(question, _acts({"tap": first})), (f"{question}_more", _acts([{"tap": one} for one in others]))]
    return [(question, _acts(given))]


def _acts(given: Any) -> tuple[Act, ...]:
    return tuple(map(_act, given if isinstance(given, Sequence) and not isinstance(given, str) else [given]))


def _act(given: Any) -> Act:
    """YAML 1.1 reads bare yes, no and numbers as something else than words."""
    act = {"person": given} if isinstance(given, str) else given
    if (
        not isinstance(act, dict)
        or len(act) != 1
        or not all(isinstance(part, str) for one in act.items() for part in one)
    ):
        raise ValueError(f"{given!r} is no words: put them in quotes")
    return act
