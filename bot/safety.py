"""Before anything else: words that end, hide, pause or save a conversation, in every state and all languages at once.

The lists are `nlu/data/<language>/safety.yml`. They decide without the model, so that they hold when no engine runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from bot import texts
from bot.patterns import Patterns
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
    within: Patterns  # anywhere in it
    signs: Sequence[Sign]  # what each of those patterns means
    languages: Mapping[str, str]

    @classmethod
    def of(cls, lists: Mapping[str, Mapping[str, Any]]) -> Safety:
        whole: dict[str, Sign] = {}
        for key, sign in (("resume_word", Sign.RESUME), ("pause", Sign.PAUSE), ("watched", Sign.WATCHED),
                          ("withdraw", Sign.WITHDRAW), ("exit", Sign.EXIT)):  # fmt: skip
            whole |= {plain(word): sign for words in lists.values() for word in _listed(words.get(key))}
        languages = {plain(str(name)): code for words in lists.values() for name, code in words["language"].items()}
        within = [(pattern, sign) for key, sign in PATTERNS.items()
                  for words in lists.values() for pattern in _listed(words.get(key))]  # fmt: skip
        return cls(whole, Patterns([pattern for pattern, _ in within]), [sign for _, sign in within], languages)

    def look(self, text: str) -> Sign | None:
        """The sign that a person's words give, or None."""
        said = plain(text)
        if sign := self.whole.get(said):
            return sign
        looked_at = said if len(said) <= LONGEST else f"{said[: LONGEST // 2]} {said[-LONGEST // 2 :]}"
        return next((self.signs[place] for place in self.within.fitting(looked_at)), None)

    def language(self, text: str) -> str | None:
        """The language that is asked for by its bare name."""
        return self.languages.get(plain(text))


@cache
def shipped() -> Safety:
    """The lists of the program, compiled once."""
    return Safety.of(texts.shipped().safety)


def _listed(value: object) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value]
    return [] if value is None else [str(value)]
