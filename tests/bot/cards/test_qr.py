from __future__ import annotations

import pytest
import zxingcpp

from bot.cards import qr
from bot.cards.formats import FORMATS
from tests.bot.cards import printed
from tests.bot.cards.decode import WEAR, Wear, gouged, read, stained, table

SMALLEST = min(one.side for one in FORMATS.values())


def test_a_short_address_gets_the_strongest_level_and_a_longer_one_the_next() -> None:
    assert qr.make("https://viaje.example.org/c/7K3M9").level == "H"
    assert qr.make("https://" + "v" * 60 + ".org").level == "Q"


@pytest.mark.parametrize("length", range(20, 75, 6))
def test_squares_are_never_smaller_than_eight_tenths_of_a_millimetre(length: int) -> None:
    code = qr.make("https://" + "v" * (length - 8))
    assert code.level in {"H", "Q"}
    assert all(code.square(one.side) >= 0.8 for one in FORMATS.values())
    assert {len(row) for row in code.rows} == {len(code.rows)}


def test_an_address_that_would_need_smaller_squares_is_refused() -> None:
    with pytest.raises(qr.AddressTooLong):
        qr.make("https://" + "v" * 90)


@pytest.mark.parametrize("wear", WEAR, ids=[wear.title for wear in WEAR])
@pytest.mark.parametrize("name", ["business", "seat"])
def test_a_worn_card_is_still_read(name: str, wear: Wear) -> None:
    for strength in wear.strengths[: wear.must]:
        assert read(name, wear, strength) == wear.cards, strength


def test_the_reader_does_not_read_everything() -> None:
    """Or the table would say nothing."""
    assert read("business", Wear("", gouged, (), 0, cards=2), 150) == 0
    assert read("business", Wear("", stained, (), 0), 0.5) == 0


def test_the_table_tells_what_was_read_and_on_how_many_cards_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (Wear("stained", stained, (0.03, 0.5), 1),)
    monkeypatch.setattr("tests.bot.cards.decode.WEAR", rows)
    assert list(table(["business"]))[-1] == "| stained | 0.03, 0.5 (0 of 1) |"


@pytest.mark.parametrize("name", FORMATS)
def test_four_squares_around_the_code_are_white(name: str) -> None:
    page = printed.pages(printed.sheets(name))[0]
    image = printed.picture(page, 150)
    found = zxingcpp.read_barcodes(image)[0].position
    side = found.bottom_right.x - found.top_left.x
    quiet = int(side / len(printed.card().qr.rows) * 3.5)
    left, top = found.top_left.x, found.top_left.y
    right, bottom = found.bottom_right.x, found.bottom_right.y
    ring = [
        *((x, y) for x in range(left, right) for y in (top - quiet, bottom + quiet)),
        *((x, y) for y in range(top, bottom) for x in (left - quiet, right + quiet)),
    ]
    assert len(ring) > 400
    assert {image.getpixel(at) for at in ring} == {(255, 255, 255)}
