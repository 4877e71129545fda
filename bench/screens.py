"""What stands on a person's screen, read as a person would: which question it is, and which code a title stands for."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from bot.engines import PYTHON

SCRIPT = Path(__file__).parent / "nlu" / "wording.py"


@dataclass(frozen=True, slots=True)
class Screens:
    """`asks`: language -> (text, question); `titles`: (language, question, title) -> code."""

    asks: Mapping[str, Sequence[tuple[str, str]]]
    titles: Mapping[tuple[str, str, str], str]

    @classmethod
    def of(cls, found: Mapping[str, Mapping[str, Any]]) -> Screens:
        """`found`: as `wording.py` prints it."""
        asks = {
            language: [(text.strip(), name) for name, said in questions.items() for text in said["asks"]]
            for language, questions in found.items()
        }
        titles = {
            (language, name, title): code
            for language, questions in found.items()
            for name, said in questions.items()
            for code, title in said["titles"].items()
        }
        return cls(asks, titles)

    def question(self, language: str, text: str) -> str:
        """The one that stands last in the text; empty if none does."""
        places = [(text.rfind(ask), len(ask), name) for ask, name in self.asks[language]]
        place, _, name = max(places, default=(-1, 0, ""))
        return name if place >= 0 else ""

    def code(self, language: str, question: str, title: str) -> str:
        """The title itself where it is no button of that question."""
        return self.titles.get((language, question, title), title)


@cache
def shipped() -> Screens:
    """Of the questions and languages that come with this version."""
    found = subprocess.run([PYTHON, SCRIPT], capture_output=True, check=True).stdout
    return Screens.of(orjson.loads(found))
