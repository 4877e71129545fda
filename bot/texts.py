"""What the service says outside a question: reviewed templates of `nlu/data/<language>/say.yml`, and nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).parent.parent / "nlu" / "data"
SOURCE_LANGUAGE = "es"  # a language is offered when it says everything that this one says


@dataclass(frozen=True, slots=True)
class Texts:
    """Templates and safety words of every complete language."""

    say: Mapping[str, Mapping[str, Any]]
    safety: Mapping[str, Mapping[str, Any]]
    vocabulary: Mapping[str, frozenset[str]]

    @classmethod
    def load(cls, folder: Path = DATA) -> Texts:
        """Reads each `<language>/` that holds `say.yml` and `safety.yml` and lacks nothing."""
        say = {path.parent.name: _read(path) for path in sorted(folder.glob("*/say.yml"))}
        complete = {code: tables for code, tables in say.items() if not lacks(tables, say[SOURCE_LANGUAGE])}
        safety = {code: _read(folder / code / "safety.yml") for code in complete}
        vocabulary = {code: frozenset(words(yaml.safe_dump(t, allow_unicode=True))) for code, t in complete.items()}
        return cls(complete, safety, vocabulary)

    def __call__(self, key: str, language: str, channel: str = "", **values: str | int) -> str:
        """The message `key`, in the channel's own wording where there is one."""
        messages = self.say[language]["messages"]
        template = messages.get(f"{key}_{channel}", messages.get(key))
        if template is None:
            raise KeyError(key)
        return str(template).format(**values)

    def guess(self, text: str, hint: str = "") -> str:
        """The language of first words: of those that all share most words with, the platform's hint breaks a tie."""
        given = words(text)
        hint = hint[:2].lower()
        scores = {code: len(given & known) for code, known in self.vocabulary.items()}
        best = max(scores.values(), default=0)
        leaders = [code for code, score in scores.items() if score == best]
        if len(leaders) == 1:
            return leaders[0]
        return hint if hint in leaders else SOURCE_LANGUAGE


def lacks(tables: Mapping[str, Any], source: Mapping[str, Any]) -> list[str]:
    """Dotted names of what `source` says and `tables` does not. Variants of a question (`minor`) may be absent."""
    missing = [f"messages.{key}" for key in source["messages"] if key not in tables.get("messages", {})]
    missing += [f"options.{key}" for key in source["options"] if key not in tables.get("options", {})]
    for name, question in source["questions"].items():
        other = tables.get("questions", {}).get(name, {})
        missing += [f"questions.{name}.{key}" for key in ("ask", "sms") if key in question and key not in other]
        missing += [f"questions.{name}.options.{key}" for key in question.get("options", {})
                    if key not in other.get("options", {})]  # fmt: skip
    return missing


def plain(text: str) -> str:
    """Lower case, no accents, letters and digits only, single spaces: how safety words are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.findall(r"\w+", bare))


def words(text: str) -> frozenset[str]:
    return frozenset(plain(text).split())


def _read(path: Path) -> dict[str, Any]:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value
