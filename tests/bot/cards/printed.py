"""Cards for tests: of settings and texts that are real, and what a press and a reader find in their PDF."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
import zxingcpp
from PIL import Image

from bot import placement_codes
from bot.cards import typeset
from bot.cards.content import Card, Source
from bot.cards.formats import FORMATS
from bot.directory import Directory
from bot.pages.words import shipped
from bot.placements import Placement
from bot.settings import Settings

ADDRESS = "https://viaje.example.org"
SMS, WHATSAPP = "+12025550123", "+12025550188"
TODAY = date(2026, 11, 1)
CODE = placement_codes.with_check("7K3M")
LANGUAGES = ("es", "en", "pt", "fr", "ht")
MM = 72 / 25.4  # points


def settings(*, practice: bool = False, **values: Any) -> Settings:
    given = {"public_url": ADDRESS, "sms_sender": SMS, "whatsapp_sender": f"whatsapp:{WHATSAPP}"} | values
    return Settings(_env_file=None, roster_keys=() if practice else ("00" * 32,), **given)


def source(*, practice: bool = False, directory: Directory | None = None, **values: Any) -> Source:
    """`directory`: default: all numbers with a source, as if somebody had called them."""
    numbers = directory or Directory.load(today=TODAY, allow_unchecked=True)
    return Source(settings(practice=practice, **values), shipped(), numbers)


def placement(languages: tuple[str, ...] = ("es", "en"), destination: str = "ES", cards: int = 23) -> Placement:
    return Placement(CODE, "Airline", "BOG-MAD", destination, languages, cards, date(2027, 12, 31))


def card(languages: tuple[str, ...] = ("es", "en"), destination: str = "ES", **values: Any) -> Card:
    return source(**values).card(placement(languages, destination), languages)


@cache
def sheets(name: str, languages: tuple[str, ...] = ("es", "en"), cards: int = 23, practice: bool = False) -> bytes:
    form = FORMATS[name]
    drawn = typeset.sides(card(languages, practice=practice), form)
    return typeset.sheets(drawn, form, 1 if form.single else cards, f"{CODE}-{name}-01")


def pages(pdf: bytes) -> list[pypdfium2.PdfPage]:
    return list(pypdfium2.PdfDocument(pdf))


def picture(page: pypdfium2.PdfPage, dpi: float) -> Image.Image:
    return page.render(scale=dpi / 72).to_pil().convert("RGB")


def codes(image: Image.Image) -> Counter[str]:
    """What an independent decoder reads, and how often."""
    return Counter(found.text for found in zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode))


def text(page: pypdfium2.PdfPage) -> str:
    """All text of a page, one space for any gap; numbers as they are copied."""
    return " ".join(page.get_textpage().get_text_bounded().split())


@dataclass(frozen=True, slots=True)
class Box:
    """Points from the left and the bottom of the paper."""

    left: float
    bottom: float
    right: float
    top: float

    def holds(self, other: Box, tolerance: float = 0.1) -> bool:
        return (self.left - tolerance <= other.left and self.bottom - tolerance <= other.bottom
                and self.right + tolerance >= other.right and self.top + tolerance >= other.top)  # fmt: skip

    def covers_half(self, other: Box) -> bool:
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        return (wide > min(self.right - self.left, other.right - other.left) / 2
                and high > min(self.top - self.bottom, other.top - other.bottom) / 2)  # fmt: skip

    def grown(self, points: float) -> Box:
        return Box(self.left - points, self.bottom - points, self.right + points, self.top + points)


def characters(page: pypdfium2.PdfPage) -> list[Box]:
    """Where each visible character stands."""
    found = page.get_textpage()
    return [Box(*found.get_charbox(at)) for at in range(found.count_chars()) if found.get_text_range(at, 1).strip()]


def lines(page: pypdfium2.PdfPage) -> list[Box]:
    """The straight strokes on the paper itself, which are the crop marks."""
    strokes = [one for one in page.get_objects(max_depth=1) if one.type == pdfium.FPDF_PAGEOBJ_PATH]
    return [Box(*one.get_bounds()) for one in strokes]
