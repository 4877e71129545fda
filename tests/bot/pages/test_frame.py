"""What every page has around its content."""

from __future__ import annotations

import re

from bot.pages import assets, words
from bot.pages.frame import Frame
from bot.settings import Settings
from bot.texts import shipped
from tests.bot.pages.made import links, text


def frame(language: str = "en", **settings: str) -> Frame:
    return Frame(Settings(_env_file=None, **settings), words.shipped(), shipped(), assets.shipped(), language)  # type: ignore[arg-type]


def test_the_exit_is_the_first_thing_and_a_plain_link() -> None:
    page = frame(exit_url="https://weather.example/a?b=1&c=2").page("page", "x")
    assert links(page)[:2] == ["/exit", "#main"]
    assert 'data-to="https://weather.example/a?b=1&amp;c=2"' in page
    assert text(page.partition("<body>")[2]).startswith(words.shipped()("page.exit", "en"))


def test_a_page_says_its_language_its_title_and_nothing_to_machines() -> None:
    page = frame("ht").page("page", "x")
    assert page.startswith('<!doctype html>\n<html lang="ht">')
    title = words.shipped()("page.title", "ht")
    assert f"<title>{title}</title>" in page
    assert f"<h1>{title}</h1>" in page
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert '<meta name="referrer" content="no-referrer">' in page
    assert "og:" not in page


def test_files_come_by_their_whole_names_in_the_order_given() -> None:
    page = frame().page("page", "x", styles=("chat.css",), scripts=("landing.js",))
    loaded = re.findall(r'(?:src|href)="(/static/(\w+)\.[^"]+)"', page)
    assert [name for _, name in loaded] == ["icon", "page", "chat", "exit", "landing"]
    assert all(assets.shipped().at(address) for address, _ in loaded)


def test_the_switch_names_each_language_in_itself_and_marks_the_one_shown() -> None:
    switch = frame("fr").languages("/c/7K3M9")
    assert links(switch) == [f"/c/7K3M9?l={code}" for code in ("en", "es", "fr", "ht", "pt")]
    assert '<a href="/c/7K3M9?l=ht" hreflang="ht" lang="ht">kreyòl ayisyen</a>' in switch
    assert re.findall(r'lang="(\w+)" aria-current="true"', switch) == ["fr"]
    assert switch.count("aria-current") == 1
