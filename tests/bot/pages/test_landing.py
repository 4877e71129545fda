"""The page that a card leads to, in each language."""

from __future__ import annotations

import gzip
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest

from bot.pages.words import shipped
from tests.bot.pages.made import CARD, links, section, service, text
from tests.nlu.wording import found, say

WORDS = shipped()
LANGUAGES = tuple(sorted(WORDS.tables))
SECTIONS = {"safe": "safe_title", "write": "write_title", "call": "call_title", "information": "info_title",
            "traces": "traces_title"}  # fmt: skip


class Folded(HTMLParser):
    """What is seen as long as nothing is opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.seen, self.depth, self.summary = [""], 0, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.depth += tag == "details"
        self.summary = tag == "summary"

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag == "details"
        self.summary = False

    def handle_data(self, data: str) -> None:
        if self.depth == 0 or (self.depth == 1 and self.summary):
            self.seen.append(data)


def test_all_languages_are_looked_at() -> None:
    assert LANGUAGES == ("en", "es", "fr", "ht", "pt")


@pytest.mark.parametrize("language", LANGUAGES)
def test_its_parts_stand_in_the_order_of_need(language: str) -> None:
    page = service().page(language, CARD)
    places = [page.index(f'<section id="{id}"') for id in SECTIONS]
    assert places == sorted(places)
    for id, title in SECTIONS.items():
        assert WORDS(f"page.{title}", language) in text(section(page, id))
    assert page.index('id="exit"') < page.index("<main")


def test_every_way_to_write_carries_the_word_of_the_card() -> None:
    write = section(service().page("es", CARD), "write")
    assert links(write) == [
        "https://wa.me/15550100100?text=VIAJE%207K3M9",
        "https://t.me/viaje_bot?start=7K3M9",
        "sms:+15550100200?&body=VIAJE%207K3M9",
        "/chat?c=7K3M9&l=es",
    ]
    for number in ("+15550100100", "+15550100200"):
        assert WORDS("page.number_and_word", "es", word="VIAJE 7K3M9", number=number) in text(write)
    assert "@viaje_bot" in text(write)


def test_without_a_card_the_word_alone_is_sent() -> None:
    assert links(section(service().page("en"), "write")) == [
        "https://wa.me/15550100100?text=TRIP", "https://t.me/viaje_bot", "sms:+15550100200?&body=TRIP", "/chat?l=en",
    ]  # fmt: skip


def test_only_channels_that_are_on_are_offered() -> None:
    assert links(section(service(on=("sms", "web")).page("en"), "write")) == [
        "sms:+15550100200?&body=TRIP",
        "/chat?l=en",
    ]
    assert "t.me" not in service(telegram_name="").page("en")
    alone = service(on=("terminal", "web")).page("en")
    assert links(section(alone, "write")) == ["/chat?l=en"]
    assert WORDS("page.none_on", "en") in text(section(alone, "write"))
    assert WORDS("page.none_on", "en") not in text(service().page("en"))


def test_where_nobody_can_write_on_the_page_it_shows_the_other_ways_alone() -> None:
    assert links(section(service(on=("sms",)).page("en", CARD), "write")) == ["sms:+15550100200?&body=TRIP%207K3M9"]
    nothing = service(on=()).page("en")
    assert '<section id="write"' not in nothing
    assert "/chat" not in nothing


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answers_are_those_of_the_dialogue(language: str) -> None:
    page = service().page(language)
    titles = WORDS.titles("page.questions", language)
    assert len(titles) > 12
    for key, title in titles.items():
        assert f"<summary>{title}</summary>".replace("'", "&#x27;") in page.replace("'", "&#x27;")
        assert " ".join(say(language)["messages"][key].split()) in text(section(page, "information")), key


def test_how_to_clear_away_is_told_for_each_channel_that_is_on() -> None:
    told = text(section(service(on=("sms",)).page("en"), "traces"))
    deletes = {key: " ".join(say("en")["messages"][f"delete_{key}"].split()) for key in ("web", "sms", "telegram")}
    assert [key for key, words in deletes.items() if words in told] == ["web", "sms"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("card", [None, CARD])
def test_as_it_first_shows_it_tells_nothing(language: str, card: Any) -> None:
    page = service().page(language, card)
    seen = " ".join(Folded(page).seen)
    assert WORDS("page.traces_title", language) in seen
    assert found(language, "revealing", seen) == []
    assert found(language, "revealing", page.partition("</head>")[0]) == []
    assert found(language, "revealing", text(page)) != []  # what is folded away does say it


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_leads_to_the_platforms_and_nowhere_else(language: str) -> None:
    page = service().page(language, CARD)
    hosts = {urlsplit(link).hostname for link in links(page) if link.startswith("http")}
    assert hosts == {"wa.me", "t.me"}
    assert page.count("http") == 2 + 1 + page.count("https://wa.me/55")  # two links, the exit, a line of the directory
    assert "<style" not in page
    assert " style=" not in page
    assert " on" not in {part[:3] for part in page.split('"') if part.startswith(" on")}
    assert page.count("<script") == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_with_everything_it_loads_it_is_light(language: str) -> None:
    landing = service()
    page = landing.page(language, CARD)
    files = [landing.assets.by_name[name] for name in ("page.css", "exit.js", "landing.js", "sw.js", "icon.svg")]
    weight = len(gzip.compress(page.encode(), 9)) + sum(len(file.packed.gzipped) for file in files)
    assert 5_000 < weight < 15_000


def test_the_switch_keeps_the_card() -> None:
    page = service().page("fr", CARD)
    assert [link for link in links(page) if "?l=" in link and "chat" not in link] == [
        f"/c/7K3M9?l={code}" for code in LANGUAGES
    ]
