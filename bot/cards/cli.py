"""`faro cards`: print-ready sheets of the cards and posters of `placements.csv`."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from bot.cards import print_run
from bot.cards.content import NO_NUMBER, Source, senders
from bot.cards.formats import FORMATS, Format
from bot.cards.index import NAME, Folder, NotOurs
from bot.cards.print_run import File
from bot.cards.typeset import NoRoom
from bot.counted import counted
from bot.directory import Directory, file_in
from bot.pages.words import PageWords, shipped
from bot.placements import Placements
from bot.settings import Settings, load


@click.command(short_help="Print-ready sheets of the cards and posters of placements.csv.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", "names", multiple=True, type=click.Choice(list(FORMATS)), default=("seat",), show_default=True,
              help="Size; give it again for several.")  # fmt: skip
@click.option("--languages", "asked", default="", help="Instead of those of the file, such as es,en.")
def cards(file: Path, out: Path, names: Sequence[str], asked: str) -> None:
    """Make PDF sheets of the cards of FILE (a placements.csv) in the folder OUT, with an index.csv for the printer.

    seat: 99 x 210 mm, 2 on A4. business: 85 x 55 mm, 10 on A4. Posters: one a placement, on the next larger sheet. All
    with 3 mm of bleed, crop marks, colours of the press, embedded fonts. Where one side has no room for all languages
    there is a back; print such files on both sides, turned over the long edge.

    A card lives as long as its placement (valid_until), which no emergency number on it may outlive: those that are
    printed may be shown today, so run `faro directory check` before, and print anew when one changes. In practice mode
    numbers that nobody has called are printed too, and every card is marked as a sample.

    Files that an earlier run made are replaced; a file of somebody else in their place is an error.
    """
    settings = load()
    source = Source(settings, shipped(), _directory(settings))
    forms = [FORMATS[name] for name in dict.fromkeys(names)]
    planned = _planned(file, forms, _languages(asked, source.words))
    begun = time.monotonic()
    try:
        _warn(source, planned)
        folder = Folder.open(out, {one.name for one in planned})
        _make(planned, source, folder)
    except NotOurs as error:
        raise click.ClickException(
            f"{error.detail} in that folder is not ours, or was changed: nothing done."
        ) from None
    except NoRoom as error:
        raise click.ClickException(f"the texts have no room on the size {error.detail}; fewer --languages?") from None
    _tell(planned, time.monotonic() - begun, out)


def _directory(settings: Settings) -> Directory:
    return Directory.load(file_in(settings.data_dir), today=datetime.now(UTC).date(),
                          max_age_days=settings.hotline_days, allow_unchecked=settings.practice)  # fmt: skip


def _languages(asked: str, words: PageWords) -> tuple[str, ...]:
    languages = tuple(dict.fromkeys(asked.replace(",", " ").split()))
    if unknown := [language for language in languages if language not in words.tables]:
        offered = ", ".join(words.tables)
        raise click.BadParameter(f"{unknown[0]} is not offered; there are {offered}.", param_hint="--languages")
    return languages


def _planned(file: Path, forms: Sequence[Format], languages: Sequence[str]) -> list[File]:
    planned: list[File] = []
    today = datetime.now(UTC).date()
    for placement in Placements.read(file).by_code.values():
        if why := print_run.skipped(placement, today, forms):
            click.echo(f"{placement.code}: left out, {why}", err=True)
            continue
        for form in forms:
            planned += print_run.files(placement, form, languages)
    if not planned:
        raise click.ClickException("there is nothing to print.")
    return planned


def _warn(source: Source, planned: Sequence[File]) -> None:
    """What the operator should know before it is printed 35,000 times."""
    for card in print_run.check(planned, source):
        if not card.panels[0].emergency:
            click.echo(f"{card.code}: no emergency number may be shown today, so none is printed", err=True)
    if source.settings.practice:
        click.echo("practice mode: every card is marked as a sample", err=True)
    if senders(source.settings) in {"", NO_NUMBER}:
        click.echo("neither WhatsApp nor SMS is on: no number to write to is printed", err=True)


def _make(planned: Sequence[File], source: Source, folder: Folder) -> None:
    total = sum(file.cards for file in planned)
    with click.progressbar(length=total, label="cards", show_pos=True, file=sys.stderr) as bar:
        for file in print_run.make(planned, source, folder):
            bar.update(file.cards)


def _tell(planned: Iterable[File], seconds: float, out: Path) -> None:
    files = list(planned)
    count, pages = sum(file.cards for file in files), sum(file.pages for file in files)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    made = f"{counted(count, 'card')} in {counted(len(files), 'file')} of {counted(pages, 'page')}"
    click.echo(f"{made}, {seconds:.1f} s, {peak:.0f} MB of memory at most; the list is {out / NAME}")
