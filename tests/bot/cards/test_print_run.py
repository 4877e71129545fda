from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot import placement_codes
from bot.cards import print_run
from bot.cards.formats import FORMATS
from bot.cards.index import Folder
from bot.errors import SettingsError
from tests.bot.cards import printed
from tests.bot.cards.printed import CODE, TODAY


def test_a_file_holds_at_most_a_thousand_cards() -> None:
    made = list(print_run.files(printed.placement(cards=2300), FORMATS["seat"]))
    assert [(file.name, file.cards, file.pages) for file in made] == [
        (f"{CODE}-seat-01.pdf", 1000, 500),
        (f"{CODE}-seat-02.pdf", 1000, 500),
        (f"{CODE}-seat-03.pdf", 300, 150),
    ]


def test_a_poster_is_made_once_and_needs_no_cards() -> None:
    made = list(print_run.files(printed.placement(cards=0), FORMATS["poster-a3"]))
    assert [(file.name, file.cards, file.pages) for file in made] == [(f"{CODE}-poster-a3-01.pdf", 1, 1)]


def test_backs_count_as_pages() -> None:
    made = list(print_run.files(printed.placement(cards=25), FORMATS["business"], printed.LANGUAGES))
    assert [(file.languages, file.cards, file.pages) for file in made] == [(printed.LANGUAGES, 25, 6)]


def test_what_is_no_longer_handed_out_is_left_out_and_so_are_cards_of_none() -> None:
    today = date(2027, 12, 31)
    seat, poster = FORMATS["seat"], FORMATS["poster-a4"]
    assert print_run.skipped(printed.placement(), today, [seat]) == ""
    assert print_run.skipped(printed.placement(), today + timedelta(1), [seat]).endswith("since 2027-12-31")
    assert print_run.skipped(printed.placement(cards=0), TODAY, [seat]) == "for posters alone"
    assert print_run.skipped(printed.placement(cards=0), TODAY, [seat, poster]) == ""


def test_files_of_several_placements_bear_their_own_codes(tmp_path: Path) -> None:
    other = replace(printed.placement(cards=30), code=placement_codes.with_check("9CDF"))
    planned = [file for one in (printed.placement(cards=30), other) for file in print_run.files(one, FORMATS["seat"])]
    made = list(print_run.make(planned, printed.source(), Folder.open(tmp_path, {file.name for file in planned})))
    assert made == planned
    for file in made:
        pages = printed.pages((tmp_path / file.name).read_bytes())
        assert len(pages) == file.pages == 15
        assert printed.codes(printed.picture(pages[0], 150)) == {f"{printed.ADDRESS}/c/{file.placement.code}": 2}


def test_what_can_not_be_made_is_known_before_anything_is_written() -> None:
    planned = list(print_run.files(printed.placement(), FORMATS["seat"]))
    assert [card.code for card in print_run.check(planned, printed.source())] == [CODE]
    with pytest.raises(SettingsError):
        print_run.check(planned, printed.source(public_url=""))
