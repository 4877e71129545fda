"""The sizes that are printed, and how many of one go on a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

BLEED = 3  # mm of colour beyond the cut, so that a cut a little beside the line shows no white


@dataclass(frozen=True, slots=True)
class Format:
    """One size. Lengths in millimetres; `layout` is a function of card.typ; more than `languages` need a back."""

    name: str
    layout: str
    width: int
    height: int
    paper_width: int
    paper_height: int
    columns: int
    rows: int
    languages: int
    side: float  # of the QR code with its quiet zone
    single: bool = False  # one file holds one, of which the printer makes as many as are wanted

    @property
    def on_a_sheet(self) -> int:
        return self.columns * self.rows

    def sides(self, languages: tuple[str, ...]) -> list[tuple[str, ...]]:
        """The languages of the front, and of the back where one side has no room for all; as even as can be."""
        if self.single or len(languages) <= self.languages:
            return [languages]
        half = (len(languages) + 1) // 2
        return [languages[:half], languages[half:]]


# A seat card is as wide and as high as a third of A4, slips into a seat pocket, and two go on A4 with their bleed. The
# small one is of the size of a bank card, can be hidden, and ten go on A4: with one cut between neighbours, which is
# why nothing but the plain ground reaches its edges. Posters are printed on the next larger stock (SRA4, SRA3).
FORMATS: Mapping[str, Format] = {
    one.name: one
    for one in (
        Format("seat", "seat", 99, 210, 210, 297, 2, 1, languages=3, side=50),
        Format("business", "business", 85, 55, 210, 297, 2, 5, languages=2, side=40),
        Format("poster-a4", "poster", 210, 297, 225, 320, 1, 1, languages=9, side=84, single=True),
        Format("poster-a3", "poster", 297, 420, 320, 450, 1, 1, languages=9, side=118.8, single=True),
    )
}
