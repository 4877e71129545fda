"""`faro directory`: which telephone numbers may not be shown, and why."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import click

from bot.directory import Directory, file_in
from bot.settings import load

MEANING = {
    "unverified": "no source was found: never shown",
    "unchecked": "nobody has called it yet: shown in practice only",
    "stale": "checked too long ago: no longer shown",
    "stale_soon": "to be checked again soon",
}


@click.group()
def directory() -> None:
    """Telephone numbers: which are unverified or stale."""


@directory.command()
def check() -> None:
    """List every number that somebody must see to; exit code 1 if there is one that is not shown."""
    settings = load()
    found = Directory.load(
        file_in(settings.data_dir), today=datetime.now(UTC).date(), max_age_days=settings.hotline_days
    )
    problems = found.problems()
    for problem in problems:
        age = f", {problem.days} days ago" if problem.days is not None else ""
        click.echo(f"{problem.country:22} {problem.service:60} {MEANING[problem.what]}{age}")
    click.echo(f"{len(found.rows)} numbers, {len(problems)} to see to")
    sys.exit(1 if any(problem.what != "stale_soon" for problem in problems) else 0)
