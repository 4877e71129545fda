from __future__ import annotations

import pytest

from bot.cards.formats import BLEED, FORMATS, Format


def test_there_are_a_seat_card_a_small_card_and_two_posters() -> None:
    assert {one.name: (one.width, one.height, one.on_a_sheet) for one in FORMATS.values()} == {
        "seat": (99, 210, 2),
        "business": (85, 55, 10),
        "poster-a4": (210, 297, 1),
        "poster-a3": (297, 420, 1),
    }


@pytest.mark.parametrize("form", FORMATS.values(), ids=list(FORMATS))
def test_bleed_and_a_mark_of_three_millimetres_have_room_on_the_paper(form: Format) -> None:
    for card, count, paper in (
        (form.width, form.columns, form.paper_width),
        (form.height, form.rows, form.paper_height),
    ):
        assert (paper - card * count) / 2 >= BLEED + 3


def test_languages_that_have_no_room_on_the_front_go_on_the_back() -> None:
    five = ("es", "en", "pt", "fr", "ht")
    assert FORMATS["seat"].sides(five[:3]) == [five[:3]]
    assert FORMATS["seat"].sides(five) == [five[:3], five[3:]]
    assert FORMATS["business"].sides(five[:3]) == [five[:2], five[2:3]]
    assert FORMATS["poster-a4"].sides(five) == [five]
