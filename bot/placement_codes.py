"""The code of a placement: five characters, the last one a check, short enough to type, and a slip is noticed.

A code names a kind of card (one place, one route), never a seat and never a person: everybody who met such a card
carries the same one, so it tells where a card hung and not who read it. It is no secret, and unlocks nothing.

The alphabet has no vowel and no Y, so that no word comes of it, and of characters that look alike only one: 2 and no
Z, 5 and no S, 6 and no G, 8 and no B; neither 0 and O nor 1, I and L. A code has a letter and a digit, so that none is
a number or an abbreviation. There are 23 characters, a prime, and the weighted sum of a code is a multiple of 23. The
weights differ, and neither they nor the sums of neighbours are multiples of 23; so every single wrong character, every
swap of two, and every pair of equal characters typed as another such pair changes the sum.
"""

from __future__ import annotations

import re
import secrets

from bot.errors import FaroError

ALPHABET = "23456789CDFHJKMNPQRTVWX"
LENGTH = 5
_WEIGHTS = (5, 4, 3, 2, 1)
# What people and their keyboards put between characters: every kind of space and dash.
_BETWEEN = re.compile(r"[\s\-\u2010-\u2015\u2212]+")


class BadPlacementCode(FaroError):
    """This is no code: another length, another character, or a check that does not fit. Says nothing of what it was."""

    code = "bad_placement_code"


def normal(text: str) -> str:
    """The code that somebody typed or scanned, in capitals, without spaces and dashes. Raises `BadPlacementCode`."""
    bare = _BETWEEN.sub("", text)
    code = bare.upper() if bare.isascii() else ""
    if len(code) != LENGTH or not set(code) <= set(ALPHABET) or not _mixed(code) or _sum(code):
        raise BadPlacementCode
    return code


def valid(text: str) -> bool:
    """Whether `normal` takes it."""
    try:
        normal(text)
    except BadPlacementCode:
        return False
    return True


def new() -> str:
    """A code by chance, one of 245,400. Whoever makes several looks that it is not one of the others."""
    while True:
        code = with_check("".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1)))
        if _mixed(code):
            return code


def with_check(body: str) -> str:
    """Four characters of the alphabet and the one that brings the weighted sum to a multiple of 23."""
    return body + ALPHABET[-_sum(body) % len(ALPHABET)]


def _sum(code: str) -> int:
    return sum(weight * ALPHABET.index(char) for weight, char in zip(_WEIGHTS, code, strict=False)) % len(ALPHABET)


def _mixed(code: str) -> bool:
    return not code.isdigit() and not code.isalpha()
