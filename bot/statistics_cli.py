"""`faro statistics`: how many conversations began by each placement's code, by month, as far as that may be told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot import statistics as numbers
from bot.placements import Placements
from bot.running import joined, with_database
from bot.settings import Settings, load
from storage import counts
from storage.counts import Figure
from storage.database import Database
from storage.keys import KeyRing

HELP = """\
Below the threshold (FARO_STATISTICS_K) a placement is absent, numbers go up in steps of the threshold, and there are
no totals: so no sum or difference tells of a few people. A month appears once it is over, and never changes.
"""


@click.command(epilog=HELP)
@click.argument("month", required=False)
@click.option("--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the table to this file.")
def statistics(month: str | None, file: Path | None) -> None:
    """Print how many conversations began by each placement's code in MONTH (such as 2026-11), or in every month."""
    wanted = _month(month) if month else None
    figures = asyncio.run(_published(with_database(joined(load())), wanted))
    if file:
        file.write_text(numbers.as_csv(figures), encoding="utf-8")
    click.echo(numbers.table(figures))
    if wanted and wanted >= counts.month_of(datetime.now(UTC)):
        click.echo("That month is not over yet.")
    click.echo(f"\n{HELP}", nl=False)


async def _published(settings: Settings, month: date | None) -> Sequence[Figure]:
    """What the worker has not published yet is published first."""
    database, keys = Database(settings.database_url), KeyRing.open(settings.data_dir / "keys")
    try:
        placements = Placements.load(settings.data_dir)
        await numbers.publish(database, keys, placements, settings.statistics_k, datetime.now(UTC))
        async with database.begin() as tx:
            return await counts.published(tx, month)
    finally:
        await database.close()


def _month(text: str) -> date:
    try:
        return numbers.month_named(text)
    except ValueError:
        raise click.BadParameter("a month such as 2026-11 is needed.", param_hint="MONTH") from None
