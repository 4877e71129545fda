"""What page, chat and cards say: reviewed texts of `nlu/data/<language>/page.yml`, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.languages import DATA, folders, missing, read


@dataclass(frozen=True, slots=True)
class PageWords:
    """The sections `page`, `chat` and `card` of every complete language, by its code."""

    tables: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, data: Path = DATA) -> PageWords:
        """Reads each language that lacks nothing."""
        return cls({folder.name: read(folder / "page.yml") for folder in folders(data) if not missing(folder, data)})

    def __call__(self, key: str, language: str, **values: str | int) -> str:
        """The text at a dotted key ("page.exit"); KeyError if there is none, or if a value for its places lacks."""
        text = self._at(key, language)
        if not isinstance(text, str):
            raise KeyError(key)
        return text.format(**values)

    def titles(self, key: str, language: str) -> Mapping[str, str]:
        """Messages of say.yml and the titles they stand under, in order: of "page.questions", "page.deletes"."""
        titles = self._at(key, language)
        if not isinstance(titles, Mapping):
            raise KeyError(key)
        return titles

    def lines(self, key: str, language: str) -> tuple[str, ...]:
        """The lines of a text that has several: "chat.cover_lines"."""
        lines = self._at(key, language)
        if not isinstance(lines, list):
            raise KeyError(key)
        return tuple(lines)

    def _at(self, key: str, language: str) -> object:
        value: Any = self.tables[language]
        for part in key.split("."):
            if not isinstance(value, Mapping) or part not in value:
                raise KeyError(key)
            value = value[part]
        return value


@cache
def shipped() -> PageWords:
    """The texts of the program, read once."""
    return PageWords.load()
