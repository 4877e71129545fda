"""Sets cards and sheets as PDF. Every side of a card is drawn once, and lies on the sheets as often as it is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import typst

from bot.cards import press
from bot.cards.content import Card
from bot.cards.formats import BLEED, Format
from bot.errors import FaroError

HERE = Path(__file__).parent


class NoRoom(FaroError):
    """The texts are longer than this size has room for, even in the smallest type that can be read."""

    code = "no_room"


def sides(card: Card, form: Format) -> list[bytes]:
    """Front, and back where there is one, each a PDF of one page with its bleed. Raises `NoRoom`."""
    drawn = []
    for languages in form.sides(card.languages):
        panels = [panel for panel in card.panels if panel.language in languages]
        about = {
            "title": card.code,
            "layout": form.layout,
            "width": form.width,
            "height": form.height,
            "bleed": BLEED,
            "side": form.side,
            "code": card.code,
            "address": card.address,
            "sample": " · ".join(panel.sample for panel in panels[:2] if panel.sample),
            "qr": card.qr.rows,
            "panels": panels,
        }
        try:
            drawn.append(_compile(HERE / "card.typ", "card", about))
        except typst.TypstError as error:
            if "no room" not in str(error):
                raise
            raise NoRoom(form.name) from None
    return drawn


def sheets(drawn: Sequence[bytes], form: Format, cards: int, title: str) -> bytes:
    """A PDF of as many sheets as `cards` need, front and back in turn, with crop marks and the boxes of print."""
    about = {
        "title": title,
        "cards": cards,
        "columns": form.columns,
        "rows": form.rows,
        "width": form.width,
        "height": form.height,
        "paper_width": form.paper_width,
        "paper_height": form.paper_height,
        "bleed": BLEED,
        "sides": [f"{number}.pdf" for number in range(len(drawn))],
    }
    with TemporaryDirectory() as folder:
        for name, side in zip(about["sides"], drawn, strict=True):  # type: ignore[call-overload]
            (Path(folder) / name).write_bytes(side)
        template = Path(folder) / "sheet.typ"
        copyfile(HERE / "sheet.typ", template)
        return press.ready(_compile(template, "sheet", about), BLEED)


def _compile(template: Path, name: str, about: dict[str, Any]) -> bytes:
    """Fonts of the package alone and no date: the same card is the same file, on every machine."""
    return typst.compile(
        template,
        ignore_system_fonts=True,
        sys_inputs={name: orjson.dumps(about).decode()},
        pdf_tags=False,
        timestamp=0,
    )
