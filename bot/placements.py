"""Where cards hang: `placements.csv` in the data folder says for each code the place, the route and the languages."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from bot.errors import SettingsError

NAME = "placements.csv"
COLUMNS = ("code", "place", "route", "destination", "languages", "cards", "valid_until")


class PlacementsError(SettingsError):
    """The file of placements is not as it must be. The detail names line and column, never a value."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One kind of card. `destination`: ISO 3166 code or empty; `languages`: the likeliest one first; never a person."""

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
    def load(cls, data_dir: Path) -> Placements:
        """Without the file there is none. Raises `PlacementsError` for a row that is not as the columns demand."""
        path = data_dir / NAME
        if not path.exists():
            return cls({})
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(_rows(file))
        return cls({row.code: row for row in rows})

    def languages(self, code: str) -> tuple[str, ...]:
        """What people who meet this card are likely to speak; nothing for a code that is not known."""
        known = self.by_code.get(code)
        return known.languages if known else ()


def _rows(file: Iterable[str]) -> Iterable[Placement]:
    reader = csv.reader(file, strict=True)
    seen: set[str] = set()
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise PlacementsError(f"{NAME}, line 1: other columns than {', '.join(COLUMNS)}.")
        for values in reader:
            placement = _row(values, reader.line_num)
            if placement.code in seen:
                raise PlacementsError(f"{NAME}, line {reader.line_num}: a code that stands above already.")
            seen.add(placement.code)
            yield placement
    except csv.Error:
        raise PlacementsError(f"{NAME}, line {reader.line_num}: not CSV.") from None


def _row(values: list[str], number: int) -> Placement:
    if len(values) != len(COLUMNS):
        raise PlacementsError(f"{NAME}, line {number}: {len(values)} columns.")
    row = dict(zip(COLUMNS, values, strict=True))
    good = {
        "code": row["code"].isascii() and row["code"].replace("-", "").isalnum(),
        "place": bool(row["place"]),
        "destination": row["destination"] == "" or (len(row["destination"]) == 2 and row["destination"].isupper()),
        "languages": bool(row["languages"].split()),
        "cards": row["cards"].isdecimal(),
    }
    if wrong := [column for column, fits in good.items() if not fits]:
        raise PlacementsError(f"{NAME}, line {number}: {wrong[0]} is not as it must be.")
    try:
        until = date.fromisoformat(row["valid_until"])
    except ValueError:
        raise PlacementsError(f"{NAME}, line {number}: valid_until is no date.") from None
    languages = tuple(row["languages"].split())
    return Placement(row["code"], row["place"], row["route"], row["destination"], languages, int(row["cards"]), until)
