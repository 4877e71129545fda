"""Where cards hang: `placements.csv` in the data folder says for each code the place, the route and the languages.

A placement is many cards alike, one place and one route. One a seat would tell who sat there: fewer cards than
`LEAST_CARDS` under one code are refused, unless there are none, where posters alone carry it.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot import placement_codes
from bot.counted import counted
from bot.errors import SettingsError
from bot.texts import shipped
from bot.time_zones import countries

NAME = "placements.csv"
COLUMNS = ("code", "place", "route", "destination", "languages", "cards", "valid_until")
LEAST_CARDS = 25  # of one code; a code of fewer says too much about whoever holds such a card
LONGEST = 80  # characters of a place and of a route


class PlacementsError(SettingsError):
    """The file of placements is not as it must be. The detail names line and column, never a value."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One kind of card. `destination`: ISO 3166 code or empty; `languages`: the likeliest one first; `valid_until`:
    the last day on which cards are handed out, after which those that hang still work. Never a person or a seat."""

    code: str
    place: str
    route: str
    destination: str
    languages: tuple[str, ...]
    cards: int
    valid_until: date


@dataclass(frozen=True, slots=True)
class Placements:
    """All of them, by code."""

    by_code: Mapping[str, Placement]

    @classmethod
    def load(cls, data_dir: Path, languages: Collection[str] | None = None) -> Placements:
        """Of the data folder; without the file there is none. Raises as `read`."""
        path = data_dir / NAME
        return cls.read(path, languages) if path.exists() else cls({})

    @classmethod
    def read(cls, path: Path, languages: Collection[str] | None = None) -> Placements:
        """Of one file. `languages`: those that may stand in it; default: all that people are offered.

        Raises `PlacementsError` for a row that is not as the columns demand.
        """
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(file, shipped().names if languages is None else languages))
        return cls({row.code: row for row in rows})

    def languages(self, code: str) -> tuple[str, ...]:
        """What people who meet this card are likely to speak; nothing for a code that is not known."""
        known = self.by_code.get(code)
        return known.languages if known else ()

    def destination(self, code: str) -> str:
        """Where people who meet this card are likely to go; empty for a code that is not known."""
        known = self.by_code.get(code)
        return known.destination if known else ""


def _rows(file: Iterable[str], languages: Collection[str]) -> Iterator[Placement]:
    reader = csv.reader(file, strict=True)
    seen: set[str] = set()
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise PlacementsError(f"{NAME}, line 1: other columns than {', '.join(COLUMNS)}.")
        for values in filter(None, reader):  # a line without anything is none
            placement = _row(values, reader.line_num, languages)
            if placement.code in seen:
                raise PlacementsError(f"{NAME}, line {reader.line_num}: a code that stands above already.")
            seen.add(placement.code)
            yield placement
    except csv.Error:
        raise PlacementsError(f"{NAME}, line {reader.line_num}: not CSV.") from None
    except UnicodeDecodeError:
        raise PlacementsError(f"{NAME}, after line {reader.line_num}: not UTF-8.") from None


def _row(values: list[str], number: int, languages: Collection[str]) -> Placement:
    if len(values) != len(COLUMNS):
        raise PlacementsError(f"{NAME}, line {number}: {counted(len(values), 'column')}.")
    row = {column: value.strip() for column, value in zip(COLUMNS, values, strict=True)}
    if wrong := next(_wrong(row, languages), None):
        raise PlacementsError(f"{NAME}, line {number}: {wrong}")
    try:
        until = date.fromisoformat(row["valid_until"])
    except ValueError:
        raise PlacementsError(f"{NAME}, line {number}: valid_until is no date such as 2027-12-31.") from None
    spoken = tuple(dict.fromkeys(row["languages"].split()))
    code = placement_codes.normal(row["code"])
    return Placement(code, row["place"], row["route"], row["destination"], spoken, int(row["cards"]), until)


def _wrong(row: Mapping[str, str], languages: Collection[str]) -> Iterator[str]:
    """What is not as it must be, column by column."""
    if not placement_codes.valid(row["code"]):
        yield "code is none, or mistyped; `./run faro placements new` makes one."
    if not row["place"] or not _plain(row["place"]):
        yield f"place must have 1 to {LONGEST} characters."
    if not _plain(row["route"]):
        yield f"route must have no more than {LONGEST} characters."
    if row["destination"] and row["destination"] not in countries():
        yield "destination must be a country of ISO 3166, such as ES, or empty."
    if not row["languages"].split() or set(row["languages"].split()) - set(languages):
        yield f"languages must be some of {' '.join(sorted(languages))}, a space between."
    if not (row["cards"].isascii() and row["cards"].isdecimal() and len(row["cards"]) < 9):
        yield "cards must be a number."
    elif 0 < int(row["cards"]) < LEAST_CARDS:
        yield (f"cards must be {LEAST_CARDS} or more: a code stands for a kind of card, never for a seat or a person. "
               "0 is for posters alone.")  # fmt: skip


def _plain(text: str) -> bool:
    return len(text) <= LONGEST and (text.isprintable() or not text)
