"""In which language a page comes: the asked one, else the browser's, else the one of those who meet the card."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from bot.languages import SOURCE_LANGUAGE

LONGEST = 400  # characters of the header that are read; browsers send some dozens


def chosen(offered: Collection[str], asked: str, accepts: str, likely: Sequence[str] = ()) -> str:
    """One of `offered`. `asked`: of the address; `accepts`: Accept-Language; `likely`: of the placement, best first."""
    wanted = [asked.strip().lower(), *_preferred(accepts), *likely, SOURCE_LANGUAGE, *sorted(offered)]
    return next(code for code in wanted if code in offered)


def _preferred(accepts: str) -> list[str]:
    """Codes without their regions, best first; among equals in their order. What is no number counts as not wanted."""
    weighed = [(code, weight) for code, weight in _weighed(accepts[:LONGEST]) if weight > 0]
    return [code for code, _ in sorted(weighed, key=lambda one: -one[1])]


def _weighed(accepts: str) -> Iterator[tuple[str, float]]:
    for part in accepts.split(","):
        tag, _, parameter = part.partition(";")
        code = tag.strip().lower().partition("-")[0]
        name, _, value = parameter.partition("=")
        try:
            yield code, float(value) if name.strip().lower() == "q" else 1.0
        except ValueError:
            yield code, 0.0
