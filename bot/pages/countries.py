"""Whom one can call, country by country, all on the page: the list works offline and without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from babel import Locale
from babel.dates import format_date

from bot import destinations
from bot.directory import Directory, Line
from bot.numbers import HOME
from bot.pages import contact
from bot.pages.html import Html, tag
from bot.pages.words import PageWords
from bot.texts import plain


@dataclass(frozen=True, slots=True)
class Countries:
    """The lines that the directory shows today, for a page in `language`."""

    words: PageWords
    directory: Directory
    language: str

    def listed(self, destination: str = "") -> list[Html]:
        """Where the card flies to and home first, then all others behind one more tap, by name. Each is closed:
        the name of a line may tell what it is for."""
        near = list(dict.fromkeys(filter(None, (destination, HOME))))
        others = sorted(_known(self.directory) - {*near}, key=lambda code: plain(self._name(code)))
        more = tag("details", tag("summary", self.words("page.another_country", self.language)),
                   map(self._country, others), self._unlisted(), class_="more")  # fmt: skip
        return [*map(self._country, near), more]

    def _country(self, code: str) -> Html:
        lines = self._lines(code)
        inside = self._list(lines) if lines else self._nothing(code)
        return self._closed(self._name(code), inside, id=f"country-{code}")

    def _unlisted(self) -> Html:
        return self._closed(self.words("page.not_listed", self.language), self._nothing(""))

    def _closed(self, title: str, inside: Iterable[Html], id: str | None = None) -> Html:
        """One open at a time: where the browser knows `name`, it closes the others."""
        return tag("details", tag("summary", title), inside, name="country", id=id)

    def _lines(self, code: str) -> list[Line]:
        """Nobody knows how old the reader is: lines for children stand after those for everybody."""
        everybody = self.directory.lines(code)
        children = [line for line in self.directory.lines(code, minor=True) if line.audience == "children"]
        return everybody + children

    def _nothing(self, code: str) -> list[Html]:
        """That nobody has checked a number there, and what of home can be called from there."""
        lines = self.directory.lines(HOME, abroad=True) if code != HOME else []
        from_abroad = [tag("p", self.words("page.from_abroad", self.language)), *self._list(lines)] if lines else []
        return [tag("p", self.words("page.no_number", self.language)), *from_abroad]

    def _list(self, lines: Sequence[Line]) -> list[Html]:
        return [tag("ul", map(self._line, lines), class_="lines")]

    def _line(self, line: Line) -> Html:
        shown = [tag("span", line.service), " ", tag("b", line.number)]
        link = contact.link(line.kind, line.number)
        reached = tag("a", shown, href=link, rel="noreferrer") if link else tag("span", shown, class_="read")
        return tag("li", reached, " ", tag("small", " · ".join(self._notes(line))))

    def _notes(self, line: Line) -> Iterable[str]:
        if line.kind != "phone":
            yield self.words(f"page.kind_{line.kind}", self.language)
        if line.hours:
            yield line.hours
        if line.checked_on is None:
            yield self.words("page.practice", self.language)
        else:
            date = format_date(line.checked_on, "medium", locale=self.language)
            yield self.words("page.checked", self.language, date=date)

    def _name(self, code: str) -> str:
        return str(Locale.parse(self.language).territories.get(code, code))


def _known(directory: Directory) -> frozenset[str]:
    """Countries of the table, and those that the cards fly to."""
    return frozenset(row.iso2 for row in directory.rows) | destinations.countries(destinations.load())
