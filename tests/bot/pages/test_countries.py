"""Whom one can call: the lines that the directory shows today, and no other."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from bot import destinations
from bot.pages.countries import Countries
from bot.pages.html import join
from bot.pages.words import shipped
from tests.bot.pages.made import TODAY, checked, links, practice, text

WORDS = shipped()


def names(listed: str) -> list[str]:
    return [unescape(name) for name in re.findall(r"<summary>([^<]*)</summary>", listed)]


def of(listed: str, code: str) -> str:
    return listed.partition(f'id="country-{code}">')[2].partition("</details>")[0]


def test_the_card_s_destination_and_home_come_first_and_the_others_by_name() -> None:
    listed = join(Countries(WORDS, practice(), "es").listed("MX"))
    first, second, more, *others, last = names(listed)
    assert [first, second] == ["México", "Colombia"]
    assert more == WORDS("page.another_country", "es")
    assert last == WORDS("page.not_listed", "es")
    assert len(others) == 63
    assert others[:2] == ["Alemania", "Arabia Saudí"]
    assert others.index("Emiratos Árabes Unidos") < others.index("España") < others.index("Francia")


@pytest.mark.parametrize(
    ("language", "germany", "spain"),
    [("es", "Alemania", "España"), ("en", "Germany", "Spain"), ("pt", "Alemanha", "Espanha"),
     ("fr", "Allemagne", "Espagne"), ("ht", "Allemagne", "Espagne")],
)  # fmt: skip
def test_countries_have_the_names_that_a_reader_knows(language: str, germany: str, spain: str) -> None:
    assert {germany, spain} <= set(names(join(Countries(WORDS, practice(), language).listed())))


def test_everywhere_that_the_cards_fly_to_can_be_chosen(tmp_path: Path) -> None:
    listed = join(Countries(WORDS, checked(tmp_path, "CO"), "en").listed())
    flown = destinations.countries(destinations.load())
    assert len(flown) > 20
    assert all(f'id="country-{code}"' in listed for code in flown)


def test_all_is_closed_and_one_opens_at_a_time() -> None:
    listed = join(Countries(WORDS, practice(), "en").listed("ES"))
    assert re.findall("<details[^>]* open", listed) == []
    assert len(re.findall('<details name="country"', listed)) == len(names(listed)) - 1


def test_every_row_that_is_shown_today_can_be_called_lines_for_children_too() -> None:
    home = of(join(Countries(WORDS, practice(), "es").listed()), "CO")
    assert links(home) == ["tel:123", "tel:018000522020", "tel:122", "tel:155", "tel:141", "tel:018000918080"]
    assert "LibertApp" in text(home)


def test_a_number_that_nobody_has_called_says_so() -> None:
    home = of(join(Countries(WORDS, practice(), "es").listed()), "CO")
    assert text(home).count(WORDS("page.practice", "es")) == home.count("<li>") == 7


def test_outside_practice_no_unchecked_number_stands_anywhere(tmp_path: Path) -> None:
    lines = checked(tmp_path, "ES")
    listed = join(Countries(WORDS, lines, "es").listed("ES"))
    shown = [line.number for line in lines.lines("ES")]
    assert shown
    assert all(number in of(listed, "ES") for number in shown)
    assert len(links(listed)) == sum(line.kind != "web" for line in lines.lines("ES"))
    assert WORDS("page.practice", "es") not in text(listed)
    assert WORDS("page.checked", "es", date="26 nov 2026") in text(of(listed, "ES"))
    assert WORDS("page.no_number", "es") in text(of(listed, "CO"))


def test_a_stale_number_is_no_longer_there(tmp_path: Path) -> None:
    old = join(Countries(WORDS, checked(tmp_path, "CO", "ES", on=TODAY - timedelta(days=91)), "es").listed("ES"))
    assert links(old) == []


def test_where_there_is_no_number_the_line_of_home_that_works_from_abroad_is_told(tmp_path: Path) -> None:
    listed = join(Countries(WORDS, checked(tmp_path, "CO"), "en").listed())
    for place in (of(listed, "ES"), listed.rpartition('<details name="country">')[2]):
        assert WORDS("page.no_number", "en") in text(place)
        assert WORDS("page.from_abroad", "en") in text(place)
        assert links(place) == ["tel:+576013826999"]
    assert "tel:+576013826999" not in links(of(listed, "CO"))
