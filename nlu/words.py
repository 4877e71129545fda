"""What say.yml of every language says and understands: messages, asks, and words that stand for an answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from amounts import Amounts, Around, folded
from questions import HERE, Question, Questions

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DATA = HERE / "data"
CITIES = HERE / "cities.yml"
NAMED_LIKE = {"ht": "fr"}
"""Languages for which CLDR has no names of countries, and the one whose names their speakers read."""


class LanguageMissing(LookupError):
    """No folder of data/ holds this language. Permanent; the message names the code of the language only."""


def normal(text: str) -> str:
    """Text as words are compared: lower case, no accents, letters and digits only, single spaces."""
    return " ".join(re.findall(r"\w+", folded(text)))


@dataclass(frozen=True)
class Language:
    """One say.yml."""

    code: str
    name: str
    messages: Mapping[str, str]
    options: Mapping[str, str]
    questions: Mapping[str, Mapping[str, Any]]
    languages: Mapping[str, str] = field(default_factory=dict)
    """What speakers of this language call languages, and their codes."""
    offers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Kinds of offers that people ask about, and the words that tell which."""
    numbers: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: Path) -> Language:
        """Read `folder`/say.yml and the names of languages in safety.yml; the folder's name is the language's code."""
        data = _yaml(folder / "say.yml")
        names = {data["language"]: folder.name, **_yaml(folder / "safety.yml").get("language", {})}
        said = (data.get(part, {}) for part in ("messages", "options", "questions"))
        words = (data.get(part, {}) for part in ("offers", "numbers", "units"))
        return cls(folder.name, data["language"], *said, names, *words)

    @cached_property
    def territories(self) -> dict[str, str]:
        """ISO 3166-1 alpha-2 code to the country's name, from CLDR."""
        names = Locale(NAMED_LIKE.get(self.code, self.code)).territories
        return {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code != "ZZ"}

    def title(self, question: Question, code: str) -> str:
        """What a button says: the question's own option, the shared one, or the country's name."""
        own = self.questions.get(question.base, {}).get("options", {})
        more = self.questions.get(question.id, {}).get("options", {})
        title = more.get(code) or own.get(code) or self.options.get(code)
        return title or self.territories[code]

    def own_words(self, question: Question) -> Iterator[tuple[str, str]]:
        """Every (phrase, code) of this question alone: titles of its own, `words`, names of countries."""
        for key in dict.fromkeys((question.base, question.id)):
            texts = self.questions.get(key, {})
            yield from ((title, code) for code, title in texts.get("options", {}).items())
            yield from ((phrase, code) for code, phrases in texts.get("words", {}).items() for phrase in phrases)
        yield from ((name, code) for code, names in question.words.items() for name in names)
        if question.plurals:
            yield from ((f"{name}s", code) for code, names in question.words.items() for name in names)
        if question.kind == "country":
            yield from ((name.split(" (")[0], code) for code, name in self.territories.items())
            yield from ((name, code) for code, name in self.territories.items())

    def words(self, question: Question) -> Iterator[tuple[str, str]]:
        """Every (phrase, code) that answers a question, the shared titles (yes, no, not sure, skip) included."""
        yield from ((title, code) for code, title in self.options.items() if question.takes(code))
        yield from self.own_words(question)


@dataclass(frozen=True)
class Words:
    """All languages at once: a person may answer in another language than the one spoken to them."""

    languages: Mapping[str, Language]
    tables: Mapping[tuple[str, str], Mapping[str, str]]
    names: Mapping[str, str]
    """Normalised name of a language, in any language, to its code."""
    cities: Mapping[str, tuple[str, str]]
    """Normalised name of a city to its own name and its country."""
    amounts: Mapping[str, Amounts]

    @classmethod
    def load(cls, questions: Questions, data: Path = DATA) -> Words:
        """Read every folder of data/ that has say.yml and safety.yml; what a language lacks, it lacks only there."""
        folders = [path.parent for path in sorted(data.glob("*/say.yml")) if (path.parent / "safety.yml").exists()]
        languages = {folder.name: Language.load(folder) for folder in folders}
        orders = {code: sorted(languages.values(), key=lambda one: one.code == code) for code in languages}
        cities = _cities(_yaml(CITIES))
        tables = {
            (question.id, code): _table(question, order, cities)
            for question in questions.all
            for code, order in orders.items()
        }
        names = {normal(name): code for one in languages.values() for name, code in one.languages.items()}
        around = Around.load()
        amounts = {
            code: Amounts.of(languages[code].numbers, [one.units for one in reversed(order)], around)
            for code, order in orders.items()
        }
        return cls(languages, tables, names, cities, amounts)

    def __getitem__(self, code: str) -> Language:
        try:
            return self.languages[code]
        except KeyError:
            raise LanguageMissing(code) from None

    def table(self, question: Question, language: str) -> Mapping[str, str]:
        """Normalised phrase to code; the spoken language wins where two languages disagree."""
        return self.tables[question.id, language]

    def exact(self, question: Question, language: str, text: str) -> str | None:
        """The code that the whole text stands for, or None."""
        code = self.table(question, language).get(normal(text))
        return code if code is not None and question.takes(code) else None

    def offer_named(self, language: str, text: str) -> str | None:
        """The kind of offer that the whole text is a word for, or None."""
        said = normal(text)
        spoken = self[language].offers.items()
        return next((kind for kind, words in spoken if said in {normal(str(word)) for word in words}), None)

    def offer(self, language: str, text: str) -> str | None:
        """The kind of offer that most words of a text speak of, or None."""
        said = f" {normal(text)} "
        for one in sorted(self.languages.values(), key=lambda one: one.code != language):
            count = {kind: sum(f" {normal(str(w))} " in said for w in words) for kind, words in one.offers.items()}
            best = max(count, key=lambda kind: count[kind], default=None)
            if best is not None and count[best]:
                return best
        return None


def _table(question: Question, order: list[Language], cities: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    table = {name: country for name, (_, country) in cities.items()} if question.kind == "country" else {}
    return {**table, **{normal(phrase): code for one in order for phrase, code in one.words(question)}}


def _cities(countries: Mapping[str, Mapping[str, list[str]]]) -> dict[str, tuple[str, str]]:
    return {
        normal(name): (city, country)
        for country, cities in countries.items()
        for city, others in cities.items()
        for name in (city, *others)
    }


def _yaml(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def examples(data: Path = DATA) -> Iterator[tuple[str, str, str]]:
    """(language, intent, text) of every nlu.yml; Rasa's own reader takes a minute for them."""
    for path in sorted(data.glob("*/nlu.yml")):
        for entry in _yaml(path)["nlu"]:
            lines = (line.strip() for line in entry["examples"].splitlines())
            yield from ((path.parent.name, entry["intent"], line[1:].strip()) for line in lines if line[:1] == "-")


def numbered(numbers: Sequence[int], buttons: list[str]) -> list[str]:
    """The buttons that numbers name; empty if any of them is not offered."""
    if not all(1 <= number <= len(buttons) for number in numbers):
        return []
    return [buttons[number - 1] for number in numbers]


@lru_cache(maxsize=1)
def load() -> tuple[Questions, Words]:
    """questions.yml and every say.yml."""
    questions = Questions.load()
    return questions, Words.load(questions)
