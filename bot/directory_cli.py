"""`faro directory`: which telephone numbers may not be shown and why, and what a person somewhere is shown today."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

import click
from babel import Locale

from bot import destinations
from bot.counted import counted
from bot.destinations import NAMED, Destination
from bot.directory import Directory, Line, file_in
from bot.numbers import HOME, MOST_LINES
from bot.settings import load

MEANING = {
    "unverified": "no source was found: never shown",
    "unchecked": "nobody has called it yet: shown in practice only",
    "stale": "checked too long ago: no longer shown",
    "stale_soon": "to be checked again soon",
}
NAMES = Locale("en").territories


@click.group()
def directory() -> None:
    """Telephone numbers: which are unverified or stale, and what a person in a country is shown."""


@directory.command(short_help="List the numbers that somebody must see to, and the destinations without one.")
def check() -> None:
    """List what somebody must see to; exit code 1 if there is a number that real people are not shown.

    First every number that is unverified, that nobody has called, or that was called too long ago (FARO_HOTLINE_DAYS).
    Then the destinations of the airline whose country has no emergency number with a source, or no number at all: there
    a person is told so, and is given the line of home that can be called from abroad.
    """
    found = _directory(practice=False)
    problems = found.problems()
    for problem in problems:
        age = f", {counted(problem.days, 'day')} ago" if problem.days is not None else ""
        click.echo(f"{problem.country:22} {problem.service:60} {MEANING[problem.what]}{age}")
    flown = destinations.load()
    covered = [one for one in flown if one.iso2 in found.with_source("emergency")]
    _uncovered(flown, found)
    click.echo(f"{counted(len(found.rows), 'number')}, {found.shown_today()} shown today, {len(problems)} to see to")
    click.echo(f"destinations: {len(flown)} of {NAMED} known by a source; an emergency number with a source for "
               f"{len(covered)} of {len(flown)}, shown today for {len(_reachable(flown, found))}")  # fmt: skip
    sys.exit(1 if any(problem.what != "stale_soon" for problem in problems) else 0)


@directory.command(short_help="Print what a person in a country is shown today.")
@click.argument("country")
@click.option("--minor", is_flag=True, help="As a person under 18 is shown it.")
def show(country: str, minor: bool) -> None:
    """Print what a person in COUNTRY (two letters, such as CO) is shown today, with the day of each check.

    In practice mode numbers that nobody has called are shown too, and say so.
    """
    place = country.upper()
    if place not in NAMES or len(place) != 2:
        raise click.BadParameter("two letters of ISO 3166 are needed, such as CO or GB.", param_hint="COUNTRY")
    found = _directory(practice=load().practice)
    lines = found.lines(place, minor=minor)
    if not lines:
        click.echo(f"{NAMES[place]}: no number may be shown today; a person is told so.")
    for line in lines[:MOST_LINES]:
        click.echo(_line(line))
    if len(lines) > MOST_LINES:
        click.echo(f"and {len(lines) - MOST_LINES} more, which one message has no room for")
    if place != HOME and not lines:
        _from_abroad(found.lines(HOME, minor=minor, abroad=True))


def _directory(*, practice: bool) -> Directory:
    settings = load()
    return Directory.load(file_in(settings.data_dir), today=datetime.now(UTC).date(),
                          max_age_days=settings.hotline_days, allow_unchecked=practice)  # fmt: skip


def _uncovered(flown: Iterable[Destination], found: Directory) -> None:
    for one in flown:
        if one.iso2 not in found.with_source():
            click.echo(f"{one.iata} {one.city}, {NAMES[one.iso2]}: no number with a source at all")
        elif one.iso2 not in found.with_source("emergency"):
            click.echo(f"{one.iata} {one.city}, {NAMES[one.iso2]}: no emergency number with a source")


def _reachable(flown: Collection[Destination], found: Directory) -> list[Destination]:
    out_of_reach = found.without_emergency(destinations.countries(flown))
    return [one for one in flown if one.iso2 not in out_of_reach]


def _from_abroad(lines: list[Line]) -> None:
    click.echo(f"From {NAMES[HOME]}, to be called from abroad:" if lines else f"No line of {NAMES[HOME]} either.")
    for line in lines:
        click.echo(_line(line))


def _line(line: Line) -> str:
    checked = f"checked on {line.checked_on}" if line.checked_on else "nobody has called it yet"
    about = ", ".join(word for word in (line.kind, line.role, line.audience, line.hours, checked) if word)
    return f"{line.service}: {line.number}  ({about})"
