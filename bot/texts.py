"""What the service says outside a question: reviewed templates of `nlu/data/<language>/say.yml`, and nothing else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bot.languages import DATA, folders, missing, read


@dataclass(frozen=True, slots=True)
class Texts:
    """Templates and safety words of every complete language."""

    say: Mapping[str, Mapping[str, Any]]
    safety: Mapping[str, Mapping[str, Any]]

    @classmethod
    def load(cls, data: Path = DATA) -> Texts:
        """Reads each language that lacks nothing."""
        whole = [folder for folder in folders(data) if not missing(folder, data)]
        say = {folder.name: read(folder / "say.yml") for folder in whole}
        return cls(say, {folder.name: read(folder / "safety.yml") for folder in whole})

    @property
    def names(self) -> dict[str, str]:
        """Code of each language that is offered, and what its speakers call it."""
        return {code: str(tables["language"]) for code, tables in self.say.items()}

    def __call__(self, key: str, language: str, channel: str = "", **values: str | int) -> str:
        """The message `key`, in the channel's own wording where there is one."""
        messages = self.say[language]["messages"]
        template = messages.get(f"{key}_{channel}", messages.get(key))
        if template is None:
            raise KeyError(key)
        return str(template).format(**values)


@cache
def shipped() -> Texts:
    """The texts of the program, read once."""
    return Texts.load()


def plain(text: str) -> str:
    """Lower case, no accents, letters and digits only, single spaces: how safety words are compared."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(re.findall(r"\w+", bare))
