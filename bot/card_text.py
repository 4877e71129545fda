"""A card's ready text, `<word> <CODE>`, as links fill it in and people type it: a placement, and no words of a person.

With the word before it a code is taken at any moment, at the beginning or the end of a message. A code alone, or one
that was mistyped, is looked for in the first message only: later it may be an answer.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace
from functools import cache

from bot import placement_codes
from bot.channels import Incoming
from bot.pages import words
from bot.placement_codes import ALPHABET, LENGTH

_BETWEEN = r"[\s\-\u2010-\u2015\u2212]*"
_CODE = rf"((?:[{ALPHABET}]{_BETWEEN}){{{LENGTH}}})(?![^\W_])"
# What may have been meant as a code: about as long, in one piece; or of its characters, in pieces.
_LIKE_ONE = re.compile(rf"[^\W_]{{{LENGTH - 1},{LENGTH + 1}}}|(?:[{ALPHABET}]{_BETWEEN}){{{LENGTH}}}", re.IGNORECASE)


def carried(incoming: Incoming) -> Incoming:
    """The same message; if it has a card's word and a code, as a start by that card, or as the words beside them."""
    if incoming.kind != "text" or incoming.edited:
        return incoming
    for found in _with_word().finditer(incoming.text):
        before, after = incoming.text[: found.start()], incoming.text[found.end() :]
        if placement_codes.valid(found[2]) and not (_says(before) and _says(after)):
            code, language = placement_codes.normal(found[2]), _languages()[found[1].upper()]
            own = next((part.strip(" \t\r\n,;:*") for part in (before, after) if _says(part)), "")
            return replace(incoming, kind="text" if own else "start", text=own, placement=code, language=language)
    return incoming


def opened(incoming: Incoming, known: Container[str]) -> Incoming:
    """The first message of a conversation: also with a code alone, of a card that is known; or mistyped: a greeting."""
    found = carried(incoming)
    if found.kind != "text" or found.edited or found.placement:
        return replace(found, placement=sound(found.placement))
    bare = found.text.strip().strip("\"'.*«»“”() ")
    if placement_codes.valid(bare) and placement_codes.normal(bare) in known:
        return replace(found, kind="start", text="", placement=placement_codes.normal(bare))
    worded = _word_alone().match(bare)
    rest = bare[worded.end() :] if worded else bare
    if _LIKE_ONE.fullmatch(rest) and re.search(r"\d", rest) and re.search(r"[^\W\d_]", rest):
        language = _languages()[worded[1].upper()] if worded else found.language
        return replace(found, kind="start", text="", language=language)
    return found


def sound(code: str) -> str:
    """A code as a link brought it, or nothing if it is none."""
    return placement_codes.normal(code) if placement_codes.valid(code) else ""


def _says(text: str) -> bool:
    return re.search(r"\w", text) is not None


@cache
def _languages() -> dict[str, str]:
    """The word of each language that is offered, and the language."""
    texts = words.shipped()
    return {texts("card.word", language).upper(): language for language in texts.tables}


@cache
def _with_word() -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])({'|'.join(_languages())})[\W_]*{_CODE}", re.IGNORECASE)


@cache
def _word_alone() -> re.Pattern[str]:
    return re.compile(rf"({'|'.join(_languages())})[\W_]+", re.IGNORECASE)
