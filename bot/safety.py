"""Before anything else: words that end, hide, pause or save a conversation, in every state and all languages at once.

The lists are `nlu/data/<language>/safety.yml`. They decide without the model, so that they hold when no engine runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.texts import plain

LONGEST = 2000  # characters that patterns look at; a longer message is looked at from both ends


class Sign(StrEnum):
    """What a message asks of us before it is an answer. In this order: the first that fits counts."""

    EXIT = "exit"
    DANGER = "danger_now"
    SELF_HARM = "self_harm"
    WATCHED = "watched"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Safety:
    """The words of all languages, compiled once."""

    whole: Mapping[str, Sign]  # the whole message, normalised
    danger: re.Pattern[str]
    self_harm: re.Pattern[str]
    languages: Mapping[str, str]

    @classmethod
    def of(cls, lists: Mapping[str, Mapping[str, Any]]) -> Safety:
        whole: dict[str, Sign] = {}
        for key, sign in (("resume_word", Sign.RESUME), ("pause", Sign.PAUSE), ("watched", Sign.WATCHED),
                          ("exit", Sign.EXIT)):  # fmt: skip
            whole |= {plain(word): sign for words in lists.values() for word in _listed(words.get(key))}
        languages = {plain(str(name)): code for words in lists.values() for name, code in words["language"].items()}
        return cls(whole, _any(lists, "danger"), _any(lists, "self_harm"), languages)

    def look(self, text: str) -> Sign | None:
        """The sign that a person's words give, or None."""
        said = plain(text)
        if sign := self.whole.get(said):
            return sign
        looked_at = said if len(said) <= LONGEST else f"{said[: LONGEST // 2]} {said[-LONGEST // 2 :]}"
        if self.danger.search(looked_at):
            return Sign.DANGER
        if self.self_harm.search(looked_at):
            return Sign.SELF_HARM
        return None

    def language(self, text: str) -> str | None:
        """The language that is asked for by its bare name."""
        return self.languages.get(plain(text))


def _listed(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]


def _any(lists: Mapping[str, Mapping[str, Any]], key: str) -> re.Pattern[str]:
    patterns = [str(pattern) for words in lists.values() for pattern in words[key]]
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns))
