"""Many regular expressions over one text at once: RE2 says in microseconds which may fit, Python's `re` which do.

A thousand patterns of five languages in one alternation of `re` cost tens of milliseconds a message, and seconds on a
long one. RE2 takes a time that grows with the text alone, whatever was written to slow it down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

import re2

_ESCAPED = re.compile(r"\\.", re.DOTALL)
_LOOKAROUND = re.compile(r"\(\?<?[=!]")
# RE2 knows no letters but those of English: its classes are widened, and word boundaries left to `re`.
_WIDER = {r"\b": "", r"\B": "", r"\w": r"[\pL\pN_]", r"\W": r"[^\pL\pN_]"}
_ALWAYS = ""  # fits every text: without it among the answers RE2 has given up, and every pattern is tried
_MEMORY = 64 << 20  # bytes that RE2 may take for its states


class Patterns:
    """Patterns of whole words, each searched anywhere in a text. Raises an error of RE2 for one that is none."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        options = re2.Options()
        options.max_mem = _MEMORY
        options.never_capture = True
        self._maybe = re2.Set.SearchSet(options)
        for pattern in [*("".join(_widened(one)) for one in patterns), _ALWAYS]:
            self._maybe.Add(pattern)
        self._maybe.Compile()

    def fitting(self, text: str) -> Iterator[int]:
        """The places of those that fit, lowest first."""
        places = sorted(self._maybe.Match(text) or range(len(self._patterns) + 1))[:-1]
        return (place for place in places if _exact(self._patterns[place]).search(text))


@cache  # compiled when it is first needed: all of them take a second
def _exact(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{pattern})\b")


def _widened(pattern: str) -> Iterator[str]:
    """The pattern as RE2 takes it, without what looks around: it fits wherever the pattern fits, and elsewhere too."""
    place = 0
    while place < len(pattern):
        if escaped := _ESCAPED.match(pattern, place):
            yield _WIDER.get(escaped[0], escaped[0])
            place = escaped.end()
        elif _LOOKAROUND.match(pattern, place):
            place = _closing(pattern, place) + 1
        else:
            yield pattern[place]
            place += 1


def _closing(pattern: str, opening: int) -> int:
    """Where the bracket that opens at `opening` is closed."""
    depth, place = 0, opening
    while True:
        if escaped := _ESCAPED.match(pattern, place):
            place = escaped.end()
            continue
        depth += {"(": 1, ")": -1}.get(pattern[place], 0)
        if depth == 0:
            return place
        place += 1
