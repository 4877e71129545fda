"""What the service must know of `nlu/questions.yml`: which slots are questions, which take own words, what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "nlu" / "questions.yml"
# What each kind of question takes beside its own codes.
_STANDING: Mapping[str, frozenset[str]] = {
    "yes_no": frozenset({"yes", "no", "not_sure", "skipped"}),
    "text": frozenset({"given", "skipped"}),
}


@dataclass(frozen=True, slots=True)
class Questions:
    """`ids` in the order asked; `own_words`: questions answered in free words; `several`: those with several codes."""

    instrument: str
    ids: tuple[str, ...]
    own_words: frozenset[str]
    several: frozenset[str]
    derivations: Mapping[str, Any]
    codes: Mapping[str, frozenset[str]]  # of each question
    countries: frozenset[str]  # questions that take any country, ISO 3166, beside their codes

    @classmethod
    def load(cls, file: Path = FILE) -> Questions:
        value = yaml.safe_load(file.read_text(encoding="utf-8"))
        ids = tuple(question["id"] for question in value["questions"])
        own_words = frozenset(question["id"] for question in value["questions"] if question["kind"] == "text")
        several = frozenset(question["id"] for question in value["questions"] if question["kind"] == "multi")
        countries = frozenset(question["id"] for question in value["questions"] if question["kind"] == "country")
        codes = {question["id"]: _codes(question) for question in value["questions"]}
        return cls(value["instrument"], ids, own_words, several, value.get("derived", {}), codes, countries)

    def take(self, question: str, value: Any) -> bool:
        """Is this an answer to it, as a slot holds it? Anything is to what is no question; None is no answer yet."""
        if value is None or question not in self.codes:
            return True
        if isinstance(value, list):
            return question in self.several and all(self._takes(question, code) for code in value)
        return self._takes(question, value)

    def _takes(self, question: str, code: Any) -> bool:
        if not isinstance(code, str):
            return False
        country = question in self.countries and len(code) == 2 and code.isascii() and code.isupper()
        return country or code in self.codes[question]

    def derived(self, slots: Mapping[str, Any]) -> dict[str, str]:
        """`branch`, `minor`, `reporter`, … as the file defines them; what can't be told yet is absent."""
        found = {name: _derive(rule, slots) for name, rule in self.derivations.items()}
        return {name: value for name, value in found.items() if value is not None}


def _codes(question: Mapping[str, Any]) -> frozenset[str]:
    own = (*question.get("options", ()), *question.get("accepts", ()))
    return _STANDING.get(question["kind"], frozenset()) | frozenset(map(str, own))


def _derive(rule: Mapping[str, Any], slots: Mapping[str, Any]) -> str | None:
    for slot in rule["of"]:
        for value, codes in rule["values"].items():
            if slots.get(slot) in codes:
                return str(value)
    return None


@cache
def shipped() -> Questions:
    """The questions that come with this version; a file of the program, read once."""
    return Questions.load()
