"""SAFETY.md E10 and E11 on the pages: a crawler goes to everything that a browser can come to, in each language."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bot.pages.words import shipped
from tests.behaviours.crawl import Answer, crawl
from tests.browser.site import Site, opened
from tests.nlu.wording import LANGUAGES, found

STARTS = ("/", "/c/{code}", "/c/ZZZZZ", "/chat", "/chat?c={code}")
# What a tap leads to elsewhere, beside the exit: a way to write. Telephones and addresses are no web pages.
ELSEWHERE = {"wa.me", "t.me"}
LOADS = {"link", "script", "img", "iframe", "source", "video", "audio", "object", "embed", "form"}


@pytest.fixture
async def site(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    async with opened(tmp_path, database_url) as one:
        yield one


@pytest.fixture
async def answers(site: Site) -> list[Answer]:
    """Of every address, from every start, in every language."""
    starts = tuple(path.format(code=site.code) for path in STARTS)
    return [answer for language in LANGUAGES for answer in await crawl(site.url, starts, language)]


@pytest.fixture
def pages(answers: list[Answer]) -> list[Answer]:
    """The pages among them. Each language is met from its own start and over the switch."""
    found = [answer for answer in answers if answer.page]
    assert {answer.language for answer in found} == set(LANGUAGES)
    assert len(found) >= 3 * len(LANGUAGES) ** 2
    assert {urlsplit(answer.url).path.split("/")[1] for answer in found} == {"", "c", "chat"}
    return found


def test_E11_every_page_has_the_exit_before_anything_else(site: Site, pages: list[Answer]) -> None:
    for answer in pages:
        assert answer.page
        first = answer.page.named("a")[0]
        assert (first["href"], first["data-to"]) == ("/exit", site.bland.url), answer.url


def test_E11_the_exit_leads_elsewhere_and_clears(site: Site, answers: list[Answer]) -> None:
    exits = [answer for answer in answers if urlsplit(answer.url).path == "/exit"]
    assert len(exits) == len(LANGUAGES)
    for answer in exits:
        assert (answer.status, answer.headers["Location"]) == (303, site.bland.url)
        assert '"storage"' in answer.headers["Clear-Site-Data"]


def test_E11_no_title_address_or_preview_tells_what_it_is_about(pages: list[Answer]) -> None:
    for answer in pages:
        held = [word for language in LANGUAGES for word in found(language, "revealing", answer.preview)]
        assert held == [], answer.url


def test_E11_nothing_tells_others_where_somebody_was(answers: list[Answer]) -> None:
    """No referrer, no cookie, no file in the browser's cache."""
    assert len(answers) > 60
    for answer in answers:
        assert answer.status in (200, 303), answer.url
        assert answer.headers["Referrer-Policy"] == "no-referrer", answer.url
        assert "no-store" in answer.headers["Cache-Control"], answer.url
        assert answer.cookies == 0, answer.url


def test_E11_nothing_comes_from_third_parties(site: Site, answers: list[Answer]) -> None:
    """Not by a link in the page, and the browser would let nothing through."""
    home, counted = urlsplit(site.url).netloc, 0
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "http" not in policy
        assert "unsafe" not in policy
        for tag, link in answer.links:
            counted += 1
            allowed = {home} if tag in LOADS else {home, urlsplit(site.bland.url).netloc, *ELSEWHERE}
            assert urlsplit(link).scheme in {"tel", "sms", "mailto"} or urlsplit(link).netloc in allowed, link
    assert counted > 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_E10_page_and_card_have_no_word_that_tells_what_they_are_about(language: str) -> None:
    """The texts of the card; and of the page what a preview of a link to it would show."""
    table = shipped().tables[language]
    card = [text for text in table["card"].values() if isinstance(text, str)]
    assert len(card) >= 7
    assert found(language, "revealing", "\n".join(card)) == []
    assert found(language, "revealing", f"{table['page']['title']}\n{table['page']['description']}") == []
