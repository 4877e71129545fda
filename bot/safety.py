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
    """What a message asks of us before it is an answer."""

    EXIT = "exit"
    WITHDRAW = "withdraw"
    WATCHED = "watched"
    PAUSE = "pause"
    RESUME = "resume"
    DANGER = "danger_now"  # unmistakable: acted on without a question
    SELF_HARM = "self_harm"
    PERHAPS = "danger_perhaps"  # numbers at once, and one short question
    DISTRESS = "distress"  # no danger, and too much for now


# In this order: the first that fits counts.
PATTERNS: Mapping[str, Sign] = {"danger": Sign.DANGER, "self_harm": Sign.SELF_HARM, "danger_perhaps": Sign.PERHAPS,
                                "distress": Sign.DISTRESS}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Safety:
    """The words of all languages, compiled once."""

    whole: Mapping[str, Sign]  # the whole message, normalised
    within: Mapping[Sign, re.Pattern[str]]  # anywhere in it
    languages: Mapping[str, str]

    @classmethod
    def of(cls, lists: Mapping[str, Mapping[str, Any]]) -> Safety:
        whole: dict[str, Sign] = {}
        for key, sign in (("resume_word", Sign.RESUME), ("pause", Sign.PAUSE), ("watched", Sign.WATCHED),
                          ("withdraw", Sign.WITHDRAW), ("exit", Sign.EXIT)):  # fmt: skip
            whole |= {plain(word): sign for words in lists.values() for word in _listed(words.get(key))}
        languages = {plain(str(name)): code for words in lists.values() for name, code in words["language"].items()}
        within = {sign: _any(lists, key) for key, sign in PATTERNS.items()}
        return cls(whole, within, languages)

    def look(self, text: str) -> Sign | None:
        """The sign that a person's words give, or None."""
        said = plain(text)
        if sign := self.whole.get(said):
            return sign
        looked_at = said if len(said) <= LONGEST else f"{said[: LONGEST // 2]} {said[-LONGEST // 2 :]}"
        return next((sign for sign, pattern in self.within.items() if pattern.search(looked_at)), None)

    def language(self, text: str) -> str | None:
        """The language that is asked for by its bare name."""
        return self.languages.get(plain(text))


def _listed(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]


def _any(lists: Mapping[str, Mapping[str, Any]], key: str) -> re.Pattern[str]:
    patterns = [str(pattern) for words in lists.values() for pattern in words.get(key) or ()]
    return re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in patterns) or "(?!)")
