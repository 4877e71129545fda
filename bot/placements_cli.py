"""`faro placements`: is the list of cards as it must be, and codes for new ones."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from bot import placement_codes
from bot.counted import counted
from bot.placements import Placement, Placements
from bot.settings import load

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def placements() -> None:
    """Cards: is their list as it must be, and codes for new ones."""


@placements.command(short_help="Look whether the list is as it must be, and print it.")
@click.argument("file", required=False, type=FILE)
def check(file: Path | None) -> None:
    """Look whether FILE is as it must be, and print it; default: placements.csv in the data folder.

    The first thing that is wrong is told by line and column. Cards that are past their last day still work.
    """
    found = _read(file)
    for one in found.by_code.values():
        click.echo(_line(one))
    cards = sum(one.cards for one in found.by_code.values())
    click.echo(f"{counted(len(found.by_code), 'placement')}, {counted(cards, 'card')}")


@placements.command(short_help="Print codes that no card carries yet.")
@click.argument("count", type=click.IntRange(1, 1000), default=1)
def new(count: int) -> None:
    """Print COUNT codes that are not in placements.csv of the data folder yet: one for each place and route."""
    taken = set(_read(None).by_code)
    for _ in range(count):
        while (code := placement_codes.new()) in taken:
            pass
        taken.add(code)
        click.echo(code)


def _read(file: Path | None) -> Placements:
    return Placements.read(file) if file else Placements.load(load().data_dir)


def _line(one: Placement) -> str:
    past = f"; past its last day, {one.valid_until}" if one.valid_until < datetime.now(UTC).date() else ""
    about = ", ".join(part for part in (one.place, one.route, one.destination, " ".join(one.languages)) if part)
    return f"{one.code}  {about}, {counted(one.cards, 'card')}{past}"
