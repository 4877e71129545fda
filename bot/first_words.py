"""In which language somebody wrote their first words; nothing when that cannot be told, so that they are asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from bot.texts import plain

SURE = 0.75  # share of the likelihood from which the words decide against what telephone and card say
HEARD = 0.15  # below it the words speak against a hint


@dataclass(frozen=True)
class FirstWords:
    """`greetings`: by language, plain words that open a talk; too short for the statistics of letters."""

    greetings: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, lists: Mapping[str, Mapping[str, Any]]) -> FirstWords:
        """Of the safety.yml of every language that is offered."""
        return cls({code: frozenset(word for line in words.get("greetings", ()) for word in plain(line).split())
                    for code, words in lists.items()})  # fmt: skip

    def guess(self, text: str, hints: Iterable[str] = ()) -> str | None:
        """The language of first words, or None. `hints`: codes of the platform and the card, the better one first."""
        offered = [hint[:2].lower() for hint in hints if hint[:2].lower() in self.greetings]
        said = plain(text)
        greeted = [code for code, words in self.greetings.items() if said and set(said.split()) <= words]
        if greeted:
            return next((hint for hint in offered if hint in greeted), greeted[0] if len(greeted) == 1 else None)
        likely = dict(_identifier(tuple(self.greetings)).rank(said)) if said else {}
        best = max(likely, key=lambda code: likely[code], default=None)
        if best and likely[best] >= SURE:
            return str(best)
        return next((hint for hint in offered if likely.get(hint, 1.0) >= HEARD), None)


@cache  # half a second to read
def _identifier(languages: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(languages))
    return identifier
