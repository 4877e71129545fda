from __future__ import annotations

import re
import zlib

import pytest

from bot.cards import press
from bot.cards.formats import BLEED, FORMATS
from tests.bot.cards import printed
from tests.bot.cards.printed import MM, Box


def streams(pdf: bytes) -> bytes:
    """What draws the pages, unpacked."""
    found = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join(zlib.decompress(one) for one in found if one[:1] == b"\x78")


@pytest.mark.parametrize("name", FORMATS)
def test_every_page_says_where_it_is_cut_and_how_far_it_bleeds(name: str) -> None:
    form = FORMATS[name]
    for page in printed.pages(printed.sheets(name, printed.LANGUAGES)):
        paper, trim, bleed = (Box(*box) for box in (page.get_mediabox(), page.get_trimbox(), page.get_bleedbox()))
        assert (paper.right - paper.left) / MM == pytest.approx(form.paper_width, abs=0.01)
        assert (paper.top - paper.bottom) / MM == pytest.approx(form.paper_height, abs=0.01)
        assert (trim.right - trim.left) / MM == pytest.approx(form.columns * form.width, abs=0.01)
        assert (trim.top - trim.bottom) / MM == pytest.approx(form.rows * form.height, abs=0.01)
        assert trim.left - paper.left == pytest.approx(paper.right - trim.right, abs=0.01)
        grown = trim.grown(BLEED * MM)
        assert (bleed.left, bleed.bottom, bleed.right, bleed.top) == pytest.approx(
            (grown.left, grown.bottom, grown.right, grown.top), abs=0.01
        )


@pytest.mark.parametrize("name", FORMATS)
def test_all_colours_are_those_of_the_press_and_nothing_is_transparent(name: str) -> None:
    pdf = printed.sheets(name)
    drawn = streams(pdf)
    assert not re.search(rb"/Group|/SMask|/CA |/ca |/ExtGState|/DeviceRGB|/Subtype/Image", pdf)
    assert not re.search(rb"(?m)(?:^|\s)(?:rg|RG|g|G|cs|CS|sc|scn|SCN|gs)(?:\s|$)", drawn)
    inks = set(re.findall(rb"([\d.]+ [\d.]+ [\d.]+ [\d.]+) k\b", drawn))
    assert inks >= {b"0 0 0 1", b"0 0 0 0"}
    assert len(inks) == 4  # black, white, the band and the ground


def test_every_font_is_embedded() -> None:
    pdf = printed.sheets("seat")
    fonts = len(re.findall(rb"/Type/FontDescriptor\b", pdf))
    assert fonts == len(re.findall(rb"/FontFile[23]? ", pdf)) >= 3


def test_what_was_added_points_to_where_it_stands() -> None:
    pdf = printed.sheets("business", cards=40)
    at = int(re.findall(rb"startxref\n(\d+)\n", pdf)[-1])
    assert pdf[at : at + 5] == b"xref\n"
    entries = re.findall(rb"(\d+) 1\n(\d{10}) 00000 n\r\n", pdf[at:])
    assert len(entries) == len(printed.pages(pdf)) == 4
    assert all(pdf[int(offset) :].startswith(number + b" 0 obj\n<</Type/Page/") for number, offset in entries)


def test_a_file_that_is_written_otherwise_is_refused() -> None:
    with pytest.raises(ValueError):
        press.ready(b"%PDF-1.7\ntrailer\n<</Size 1>>\nstartxref\n9\n%%EOF", BLEED)
    with pytest.raises(ValueError):
        press.ready(printed.sheets("seat").replace(b"trailer", b"retrail"), BLEED)
