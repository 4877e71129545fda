"""Where the seat cards fly to: the airline's destinations of August 2023, as far as a source was found for each."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.errors import SettingsError

FILE = Path(__file__).parent / "data" / "destinations.csv"
COLUMNS = ("iata", "city", "country_iso2", "source")
NAMED = 72  # destinations that the airline said it flew to (breakinglatest.news 2023-08-29)


class DestinationsError(SettingsError):
    """The file of destinations is not as it must be. The detail names the line."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One airport. `source` dates from 2019 to 2026: a place may have been added or left since."""

    iata: str
    city: str
    iso2: str
    source: str


def load(path: Path = FILE) -> tuple[Destination, ...]:
    """Raises `DestinationsError` when a row lacks its source, is no airport, or stands there twice."""
    with path.open(encoding="utf-8", newline="") as file:
        found = tuple(_rows(file))
    if len({one.iata for one in found}) != len(found):
        raise DestinationsError("destinations.csv: an airport stands there twice.")
    return found


def countries(destinations: Iterable[Destination]) -> frozenset[str]:
    return frozenset(one.iso2 for one in destinations)


def _rows(file: Iterable[str]) -> Iterable[Destination]:
    reader = csv.reader(file, strict=True)
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise DestinationsError("destinations.csv, line 1: other columns than expected.")
        for values in reader:
            yield _row(values, reader.line_num)
    except csv.Error:
        raise DestinationsError(f"destinations.csv, line {reader.line_num}: not CSV.") from None


def _row(values: Sequence[str], number: int) -> Destination:
    if len(values) != len(COLUMNS) or not all(values):
        raise DestinationsError(f"destinations.csv, line {number}: a column is missing or empty.")
    one = Destination(*values)
    if not (re.fullmatch("[A-Z]{3}", one.iata) and re.fullmatch("[A-Z]{2}", one.iso2)):
        raise DestinationsError(f"destinations.csv, line {number}: no airport of a country.")
    return one
