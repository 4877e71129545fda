"""Numbers in a text: ages, amounts of time, options chosen by number, telephone numbers. Pure; holds no text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import phonenumbers
import yaml

HERE = Path(__file__).resolve().parent
TOKENS = re.compile(r"\d+(?:st|nd|rd|th|er|ere|eme)\b|\d+|[^\W\d_]+|[.,;:!?\n]+")
THOUSANDS = re.compile(r"(?<=\d)[.,](?=\d{3}\b)")
AGES = range(5, 99)
OPTIONS = range(1, 99)
NEAR = 3
"""Words before a number that may tell what it counts."""
MOST_TOKENS = 9
"""Of a text that is nothing but a choice by numbers."""
DIGITS = 7
"""The fewest of a telephone number; shorter texts are not searched."""
REGIONS = {"es": "CO", "en": "US", "pt": "BR", "fr": "FR", "ht": "HT"}


def folded(text: str) -> str:
    """Lower case, no accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))


def tokens(text: str) -> list[str]:
    """Words, numbers and the marks that end a thought, in order."""
    return TOKENS.findall(THOUSANDS.sub("", folded(text)))


@dataclass(frozen=True)
class Number:
    """A number that stands at tokens[start:end]."""

    value: int
    start: int
    end: int


@dataclass(frozen=True)
class Around:
    """amounts.yml: the words, in every language, by which it is told what a number counts."""

    ordinals: Mapping[str, int]
    words: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, path: Path = HERE / "amounts.yml") -> Around:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        ordinals = {word: place for place, words in data.pop("ordinals").items() for word in words}
        return cls(ordinals, {key: frozenset(words) for key, words in data.items()})

    def __getitem__(self, key: str) -> frozenset[str]:
        return self.words[key]


@dataclass(frozen=True)
class Found:
    """What the numbers of a text mean."""

    ages: tuple[int, ...] = ()
    durations: tuple[Mapping[str, Any], ...] = ()
    options: tuple[int, ...] = ()
    """Where the whole text is a choice by numbers."""


@dataclass(frozen=True)
class Amounts:
    """Reads one language's numbers: its words for numbers, all languages' units of time."""

    numbers: Mapping[tuple[str, ...], int]
    units: Mapping[str, str]
    around: Around = field(default_factory=Around.load)

    @classmethod
    def of(cls, numbers: Mapping[str, int], units: Sequence[Mapping[str, Sequence[str]]], around: Around) -> Amounts:
        """`units` of the language itself first: where two languages disagree, its own word counts."""
        worded = {tuple(tokens(str(word))): int(value) for word, value in numbers.items()}
        named = {folded(str(w)): unit for one in reversed(units) for unit, ws in one.items() for w in ws}
        return cls(worded, named, around)

    def read(self, text: str) -> Found:
        """Every age and duration, and the options if the text is nothing else."""
        said = tokens(text)
        found = list(self._numbers(said))
        ages, durations = [], []
        for number in found:
            unit = self._unit(said, number)
            if self._is_age(said, number, unit):
                ages.append(number.value)
            elif unit:
                durations.append({"value": number.value, "unit": unit})
        return Found(tuple(dict.fromkeys(ages)), tuple(durations), self._options(said, found))

    def _unit(self, said: list[str], number: Number) -> str | None:
        return self.units.get(said[number.end]) if number.end < len(said) else None

    def _numbers(self, said: list[str]) -> Iterator[Number]:
        place = 0
        while place < len(said):
            number = self._number(said, place)
            if number is None:
                place += 1
                continue
            yield number
            place = number.end

    def _number(self, said: list[str], place: int) -> Number | None:
        """A number in digits or words; "treinta y cinco" and "soixante dix" are one."""
        if said[place].isdecimal():
            return Number(int(said[place][:6]), place, place + 1)
        tens = self._word(said, place)
        if tens is None or tens.value < 20 or tens.value % 10:
            return tens
        following = tens.end + (tens.end < len(said) and said[tens.end] in self.around["joining"])
        unit = self._word(said, following) if following < len(said) else None
        most = 19 if tens.value in (60, 80) else 9
        return Number(tens.value + unit.value, place, unit.end) if unit and 0 < unit.value <= most else tens

    def _word(self, said: list[str], place: int) -> Number | None:
        for length in (3, 2, 1):
            value = self.numbers.get(tuple(said[place : place + length]))
            if value is not None:
                return Number(value, place, min(place + length, len(said)))
        return None

    def _is_age(self, said: list[str], number: Number, unit: str | None) -> bool:
        if number.value not in AGES or unit not in (None, "year"):
            return False
        before = said[max(0, number.start - NEAR) : number.start]
        end = number.end + (unit is not None)
        after = said[end] if end < len(said) else None
        if self.around["age_denied"] & set(before):
            return False
        if unit is None:
            return self._has_age_word(before) and (after is None or self._goes_on(after))
        return self._years_of_age(before, after)

    def _years_of_age(self, before: list[str], after: str | None) -> bool:
        if after in self.around["age_after"] or after == "de":  # "15 años de edad"; "15 años de contrato" is rare
            return after != "de" or self._has_age_word(before)
        if after in self.around["duration_after"]:
            return False
        if self._has_age_word(before) or not before:
            return True
        return not self.around["duration_before"] & set(before)

    def _has_age_word(self, before: list[str]) -> bool:
        """The nearest word that is not a filler tells an age."""
        near = next((word for word in reversed(before) if word not in self.around["age_between"]), None)
        return near in self.around["age_before"]

    def _goes_on(self, after: str) -> bool:
        return after in self.around["age_then"] or not after[0].isalnum()

    def _options(self, said: list[str], found: list[Number]) -> tuple[int, ...]:
        if not said or len(said) > MOST_TOKENS:
            return ()
        used = {place for number in found for place in range(number.start, number.end)}
        chosen = {number.start: number.value for number in found}
        for place, word in enumerate(said):
            if place in used:
                continue
            if word in self.around.ordinals:
                chosen[place] = self.around.ordinals[word]
            elif word[0].isalnum() and word not in self.around["joining"] | self.around["around"]:
                return ()
        values = tuple(chosen[place] for place in sorted(chosen))
        return values if all(value in OPTIONS for value in values) else ()


def phone_numbers(text: str, regions: Sequence[str]) -> list[str]:
    """Valid telephone numbers as E.164; one without a country's prefix is read as of the first region that fits."""
    if sum(character.isdecimal() for character in text) < DIGITS:
        return []
    found: dict[int, phonenumbers.PhoneNumber] = {}
    for region in regions:
        for match in phonenumbers.PhoneNumberMatcher(text, region):
            found.setdefault(match.start, match.number)
    return [phonenumbers.format_number(found[at], phonenumbers.PhoneNumberFormat.E164) for at in sorted(found)]
