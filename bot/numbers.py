"""Telephone numbers as a message: which of the checked lines a person is shown, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from babel.dates import format_date

from bot.channels import Outgoing, gsm7
from bot.conversation import Talk
from bot.directory import Directory, Line
from bot.effects import Say
from bot.texts import Texts

HOME = "CO"
MOST_URGENT, MOST_LINES = 3, 6  # lines in one message
_WRITTEN = frozenset({"sms", "whatsapp"})  # for somebody who can't speak
AT_ONCE = _WRITTEN | {"phone"}  # where somebody answers now; no app, no e-mail


def shown(texts: Texts, directory: Directory, talk: Talk, intro: str, country: str | None = None, *,
          urgent: bool = False) -> list[Say]:  # fmt: skip
    """The lines of `country`, else of where the person is, emergency first; every row has a source. Where that is not
    known: of the country that the card leads to, if one did, and of home.

    For a place without any, that is said, and which line of home can be called from there.
    """
    place = country or _country(talk, urgent=urgent)
    bound = "" if place else _bound(talk, urgent=urgent)
    kinds, most = (AT_ONCE, MOST_URGENT) if urgent else (None, MOST_LINES)
    lines = _lines(directory, place, bound, lambda line: kinds is None or line.kind in kinds, most, _young(talk))
    quiet = [texts("danger_quiet", talk.language)] if urgent and any(line.silent for line in lines) else []
    guess = "numbers_way" if bound and directory.lines(bound, minor=_young(talk)) else "numbers_home"
    key = guess if intro == "numbers_intro" and lines and not place else intro
    if lines:
        return [_say(texts, talk, key, lines, quiet)]
    first = "\n".join([texts(key, talk.language, talk.channel), texts("no_number", talk.language)])
    return [Say(Outgoing(first, (), key, talk.language)), *_from_abroad(texts, directory, talk, place)]


def emergency(texts: Texts, directory: Directory, talk: Talk) -> list[Say]:
    """Emergency lines alone: their names tell nothing of what this is about."""
    lines = _lines(directory, _country(talk), _bound(talk), lambda line: line.role == "emergency", MOST_URGENT)
    return [_say(texts, talk, "human", lines)] if lines else shown(texts, directory, talk, "human", urgent=True)


def for_children(texts: Texts, directory: Directory, talk: Talk) -> list[Say]:
    """The lines for children of the place where the person is; where there are none, the lines for everybody."""
    children = _lines(directory, _country(talk), _bound(talk), lambda line: line.audience == "children", minor=True)
    if not children:
        return shown(texts, directory, talk, "numbers_intro")
    return [_say(texts, talk, "numbers_children", children)]


def _from_abroad(texts: Texts, directory: Directory, talk: Talk, place: str | None) -> list[Say]:
    lines = directory.lines(HOME, minor=_young(talk), abroad=True) if place not in {HOME, None} else []
    return [_say(texts, talk, "numbers_abroad", lines[:MOST_URGENT])] if lines else []


def _lines(directory: Directory, country: str | None, bound: str, fits: Callable[[Line], bool], most: int = MOST_LINES,
           minor: bool = False) -> list[Line]:  # fmt: skip
    """Of the country; where that is not known yet, of where the card leads to and of the country that the service lives
    in, which keeps a third of the room, each with its country's name."""
    known, away, home = ([line for line in directory.lines(one, minor=minor) if fits(line)] if one else []
                         for one in (country, bound, HOME))  # fmt: skip
    guessed = [*away[: most - min(len(home), most // 3)], *home]
    return (known if country else [replace(line, service=f"{line.country}: {line.service}") for line in guessed])[:most]


def _say(texts: Texts, talk: Talk, key: str, lines: Sequence[Line], after: Sequence[str] = ()) -> Say:
    body = [texts(key, talk.language, talk.channel), *(_line(texts, talk, line) for line in lines), *after]
    checked = _checked(texts, talk, lines)
    fits = talk.channel != "sms" or gsm7.cost(gsm7.transliterate("\n".join([*body, checked]))) <= gsm7.ROOM
    return Say(Outgoing("\n".join([*body, checked] if checked and fits else body), (), key, talk.language))


def _checked(texts: Texts, talk: Talk, lines: Sequence[Line]) -> str:
    """When somebody last called the one that was called longest ago; nothing in practice, where nobody has."""
    dates = [line.checked_on for line in lines]
    known = [day for day in dates if day]
    if not known or len(known) < len(dates):
        return ""
    return texts("checked_on", talk.language, date=format_date(min(known), "medium", locale=talk.language))


def _line(texts: Texts, talk: Talk, line: Line) -> str:
    kind = f" ({texts(f'line_kind_{line.kind}', talk.language)})" if line.kind in _WRITTEN else ""
    return texts("number_line", talk.language, service=line.service, number=line.number + kind)


def _country(talk: Talk, *, urgent: bool = False) -> str | None:
    """The country that was named; None while it was not asked, or was skipped. It is a part of the case, which whoever
    has not given the word is not shown; in danger the number that helps counts more."""
    country = talk.slots.get("country")
    named = country if isinstance(country, str) and len(country) == 2 and country != talk.presumed else None
    return named if urgent or not talk.shut else None


def _bound(talk: Talk, *, urgent: bool = False) -> str:
    """Where the card leads to; a part of the case likewise."""
    return talk.destination if talk.destination != HOME and (urgent or not talk.shut) else ""


def _young(talk: Talk) -> bool:
    return talk.slots.get("age") in {"minor", "rather_not"} and not talk.shut
