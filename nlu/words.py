"""What say.yml of every language says and understands: messages, asks, and words that stand for an answer. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale

from questions import HERE, Question, Questions

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DATA = HERE / "data"
NUMBERS = re.compile(r"\d{1,2}(?:[\s,.;+&y]+\d{1,2})*\.?")


class LanguageMissing(LookupError):
    """No folder of data/ holds this language. Permanent; the message names the code of the language only."""


def normal(text: str) -> str:
    """Text as words are compared: lower case, no accents, no outer punctuation, single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(bare.split()).strip(" .,;:!?¡¿'\"()*-_")


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

    @classmethod
    def load(cls, folder: Path) -> Language:
        """Read `folder`/say.yml and the names of languages in safety.yml; the folder's name is the language's code."""
        data = _yaml(folder / "say.yml")
        names = {data["language"]: folder.name, **_yaml(folder / "safety.yml").get("language", {})}
        return cls(folder.name, data["language"], data["messages"], data["options"], data["questions"], names)

    @cached_property
    def territories(self) -> dict[str, str]:
        """ISO 3166-1 alpha-2 code to the country's name, from CLDR."""
        names = Locale(self.code).territories
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
        if question.kind == "country":
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

    @classmethod
    def load(cls, questions: Questions, data: Path = DATA) -> Words:
        """Read every folder of data/ that has a say.yml."""
        languages = {path.parent.name: Language.load(path.parent) for path in sorted(data.glob("*/say.yml"))}
        spoken = tuple(languages.values())
        tables = {
            (question.id, code): _table(question, sorted(spoken, key=lambda one: one.code == code))
            for question in questions.all
            for code in languages
        }
        return cls(languages, tables, {normal(name): code for one in spoken for name, code in one.languages.items()})

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


def _table(question: Question, order: list[Language]) -> dict[str, str]:
    return {normal(phrase): code for one in order for phrase, code in one.words(question)}


def _yaml(path: Path) -> dict[str, Any]:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def numbered(text: str, buttons: list[str]) -> list[str]:
    """The buttons that a text of nothing but numbers ("2", "1, 3") names; empty if any of them is not offered."""
    if not NUMBERS.fullmatch(text.strip()):
        return []
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    if not all(1 <= number <= len(buttons) for number in numbers):
        return []
    return [buttons[number - 1] for number in numbers]


@lru_cache(maxsize=1)
def load() -> tuple[Questions, Words]:
    """questions.yml and every say.yml."""
    questions = Questions.load()
    return questions, Words.load(questions)
