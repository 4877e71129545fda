"""Whom a person can call or write to: numbers of `bot/data/hotlines.csv`, and only those that somebody has checked."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bot.counted import counted
from bot.errors import SettingsError

FILE = Path(__file__).parent / "data" / "hotlines.csv"
COLUMNS = (
    "country_iso2", "country", "service", "kind", "number", "role", "audience", "purpose", "hours", "source",
    "source_date", "confidence", "verified_on", "note",
)  # fmt: skip
KINDS = frozenset({"phone", "sms", "whatsapp", "email", "web", "app"})
ROLES = ("emergency", "trafficking", "crime_report", "support", "labour", "shelter", "medical", "consular")
AUDIENCES = frozenset({"anyone", "women", "children"})
SILENT_KINDS = KINDS - {"phone"}  # for someone who can't talk
WARN_DAYS = 14  # operators are told this long before a number goes stale


class DirectoryError(SettingsError):
    """The file of numbers is not as it must be. The detail names line and column, never a value."""


@dataclass(frozen=True, slots=True)
class Line:
    """One way to reach somebody. `checked_on`: last test call, None in practice mode only; `hours`: may be unknown."""

    service: str
    number: str
    kind: str
    role: str
    checked_on: date | None
    audience: str
    hours: str
    country: str

    @property
    def from_abroad(self) -> bool:
        """Short codes do not work from another country; an international number does."""
        return self.number.startswith("+")

    @property
    def silent(self) -> bool:
        return self.kind in SILENT_KINDS


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is not shown, or soon will not be. `what`: unverified | unchecked | stale | stale_soon."""

    country: str
    service: str
    what: str
    days: int | None  # since the last check


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file as read."""

    iso2: str
    line: Line
    found_in_source: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """All rows, and the rule which of them may be shown today."""

    rows: tuple[Row, ...]
    today: Callable[[], date]
    max_age_days: int
    allow_unchecked: bool

    @classmethod
    def load(cls, path: Path = FILE, *, today: date | Callable[[], date], max_age_days: int = 90,
             allow_unchecked: bool = False) -> Directory:  # fmt: skip
        """`allow_unchecked` is for practice alone. `today` as a function: a number goes stale while the service runs.

        Raises `DirectoryError` when a row is not as the columns demand.
        """
        clock = today if callable(today) else lambda: today
        with path.open(encoding="utf-8", newline="") as file:
            rows = tuple(_rows(file, clock()))
        return cls(rows, clock, max_age_days, allow_unchecked)

    def lines(self, country: str | None, *, minor: bool = False, abroad: bool = False) -> list[Line]:
        """Emergency first, then trafficking, then the rest; lines for children come first among equals for a minor.

        `country`: ISO 3166 code of where the person is, None if unknown. Then, and with `abroad` (the person is outside
        that country), only numbers that work from anywhere; without a country each is named with its own. A consular
        line is for whoever is outside the country that it is of.
        """
        shown = [row for row in self.rows if self._may_be_shown(row) and country in {row.iso2, None}]
        away = country is None or abroad
        fitting = [row.line for row in shown if _is_for(row.line, minor)]
        fitting = [line for line in fitting if (line.from_abroad if away else line.role != "consular")]
        lines = [_named(line) for line in fitting] if country is None else fitting
        return sorted(lines, key=lambda line: (ROLES.index(line.role) if line.role in ROLES[:2] else len(ROLES),
                                               line.audience != "children", line.audience != "anyone"))  # fmt: skip

    def problems(self) -> list[Problem]:
        """Every row that somebody must see to, in the order of the file."""
        found = [(row, self._state(row)) for row in self.rows]
        return [Problem(row.iso2, row.line.service, state, self._age(row)) for row, state in found if state]

    def without_emergency(self, countries: Iterable[str]) -> list[str]:
        """Countries offered to people in which nobody could be called in danger: a build with one of them must fail."""
        reachable = {row.iso2 for row in self.rows if self._may_be_shown(row) and row.line.role == "emergency"}
        return sorted(set(countries) - reachable)

    def with_source(self, *roles: str) -> frozenset[str]:
        """Countries that have a number with a source, of one of these roles; checked or not."""
        wanted = roles or ROLES
        return frozenset(row.iso2 for row in self.rows if row.found_in_source and row.line.role in wanted)

    def shown_today(self) -> int:
        """How many rows people may see."""
        return sum(map(self._may_be_shown, self.rows))

    def _may_be_shown(self, row: Row) -> bool:
        """A number without a source is never shown: none is better than a wrong one in front of a captor."""
        return row.found_in_source and (self.allow_unchecked or self._state(row) in {None, "stale_soon"})

    def _state(self, row: Row) -> str | None:
        age = self._age(row)
        if not row.found_in_source:
            return "unverified"
        if age is None:
            return "unchecked"
        if age > self.max_age_days or age < 0:
            return "stale"
        return "stale_soon" if age > self.max_age_days - WARN_DAYS else None

    def _age(self, row: Row) -> int | None:
        checked = row.line.checked_on
        return None if checked is None else (self.today() - checked) // timedelta(days=1)


def file_in(data_dir: Path) -> Path:
    """The numbers as the operator has checked them, `hotlines.csv` in the data folder; without it the shipped ones."""
    own = data_dir / FILE.name
    return own if own.exists() else FILE


def _is_for(line: Line, minor: bool) -> bool:
    return line.audience == "anyone" or line.audience == ("children" if minor else "women")


def _named(line: Line) -> Line:
    return Line(f"{line.country}: {line.service}", line.number, line.kind, line.role, line.checked_on, line.audience,
                line.hours, line.country)  # fmt: skip


def _rows(file: Iterable[str], today: date) -> Iterable[Row]:
    reader = csv.reader(file, strict=True)
    try:
        if tuple(next(reader, ())) != COLUMNS:
            raise DirectoryError("hotlines.csv, line 1: other columns than expected.")
        for values in reader:
            yield _row(values, reader.line_num, today)
    except csv.Error:
        raise DirectoryError(f"hotlines.csv, line {reader.line_num}: not CSV.") from None
    except UnicodeDecodeError:
        raise DirectoryError(f"hotlines.csv, after line {reader.line_num}: not UTF-8.") from None


def _row(values: Sequence[str], number: int, today: date) -> Row:
    if len(values) != len(COLUMNS):
        raise DirectoryError(f"hotlines.csv, line {number}: {counted(len(values), 'column')}.")
    row = dict(zip(COLUMNS, values, strict=True))
    checked = _date(row["verified_on"], number)
    good = {
        "country_iso2": len(row["country_iso2"]) == 2 and row["country_iso2"].isupper(),
        "service": bool(row["service"]),
        "number": bool(row["number"]),
        "kind": row["kind"] in KINDS,
        "role": row["role"] in ROLES,
        "audience": row["audience"] in AUDIENCES,
        "confidence": row["confidence"] in {"found_in_source", "unverified"},
        "source": bool(row["source"]) or row["confidence"] == "unverified",
        "verified_on": checked is None or checked <= today,
    }
    if wrong := [column for column, fits in good.items() if not fits]:
        raise DirectoryError(f"hotlines.csv, line {number}: {wrong[0]} is not as it must be.")
    line = Line(row["service"], row["number"], row["kind"], row["role"], checked, row["audience"], row["hours"],
                row["country"])  # fmt: skip
    return Row(row["country_iso2"], line, row["confidence"] == "found_in_source")


def _date(text: str, number: int) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise DirectoryError(f"hotlines.csv, line {number}: verified_on is no date.") from None
