"""One print run: which files come of which placements, and making them one by one, so that memory stays small."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.cards import typeset
from bot.cards.content import Card, Source
from bot.cards.formats import Format
from bot.cards.index import Entry, Folder, digest
from bot.placements import Placement

MOST_CARDS = 1000  # in one file


@dataclass(frozen=True, slots=True)
class File:
    """One file to be made, of one placement and one size. `cards` lie in it."""

    name: str
    placement: Placement
    form: Format
    languages: tuple[str, ...]
    cards: int

    @property
    def pages(self) -> int:
        return -(-self.cards // self.form.on_a_sheet) * len(self.form.sides(self.languages))


def files(placement: Placement, form: Format, languages: Sequence[str] = ()) -> Iterator[File]:
    """Files of at most `MOST_CARDS` cards; of a poster one. `languages`: instead of those of the placement."""
    cards = 1 if form.single else placement.cards
    for part, begun in enumerate(range(0, cards, MOST_CARDS), 1):
        name = f"{placement.code}-{form.name}-{part:02}.pdf"  # says nothing of the place: files travel by mail
        yield File(name, placement, form, tuple(languages) or placement.languages, min(MOST_CARDS, cards - begun))


def skipped(placement: Placement, today: date, forms: Iterable[Format]) -> str:
    """Why nothing of this placement is printed, or an empty string."""
    if placement.valid_until < today:
        return f"no longer handed out since {placement.valid_until}"
    if not placement.cards and not any(form.single for form in forms):
        return "for posters alone"
    return ""


def make(files: Iterable[File], source: Source, folder: Folder) -> Iterator[File]:
    """Writes each file with its line of the list, and gives it back when it is there. Raises `NoRoom`, `SettingsError`.

    A card is set once for all files of its placement and size, which follow each other.
    """
    last: tuple[str, str] | None = None
    drawn: list[bytes] = []
    for file in files:
        if last != (file.placement.code, file.form.name):
            drawn = typeset.sides(source.card(file.placement, file.languages), file.form)
            last = (file.placement.code, file.form.name)
        content = typeset.sheets(drawn, file.form, file.cards, file.name.removesuffix(".pdf"))
        folder.add(_entry(file, content), content)
        yield file


def check(files: Iterable[File], source: Source) -> list[Card]:
    """The card of every placement, before anything is written. Raises as `make`."""
    wanted = {file.placement.code: file for file in files}
    return [source.card(file.placement, file.languages) for file in wanted.values()]


def _entry(file: File, content: bytes) -> Entry:
    placement = file.placement
    return Entry(file.name, placement.code, placement.place, " ".join(file.languages), str(file.cards),
                 str(file.pages), digest(content), file.form.name, placement.valid_until.isoformat())  # fmt: skip
