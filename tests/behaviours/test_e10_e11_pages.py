"""SAFETY.md E10 and E11 on the pages: a crawler goes to everything that a browser can come to, in each language."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from bot.pages.words import shipped
from tests.behaviours.crawl import Answer, crawl
from tests.browser.site import opened
from tests.nlu.wording import LANGUAGES, found

STARTS = ("/", "/c/{code}", "/c/ZZZZZ", "/chat", "/chat?c={code}")
# What a tap leads to elsewhere, beside the exit: a way to write. Telephones and addresses are no web pages.
ELSEWHERE = {"wa.me", "t.me"}
BROWSERS = re.compile(r"createPolicy|referrerPolicy|forced-colors")  # words of every page's scripts and styles
LOADS = {"link", "script", "img", "iframe", "source", "video", "audio", "object", "embed", "form"}


@dataclass(frozen=True)
class Crawled:
    """`exit`: the address that this installation lets people leave to; `answers`: of every address from every start,
    in every language."""

    home: str
    exit: str
    answers: list[Answer]


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory, shared_database_url: str) -> Crawled:
    async def all_of_it() -> Crawled:
        async with opened(tmp_path_factory.mktemp("crawled"), shared_database_url) as site:
            starts = tuple(path.format(code=site.code) for path in STARTS)
            found = [answer for language in LANGUAGES for answer in await crawl(site.url, starts, language)]
            return Crawled(site.url, site.bland.url, found)

    return asyncio.run(all_of_it())


@pytest.fixture
def pages(crawled: Crawled) -> list[Answer]:
    """The pages among them. Each language is met from its own start and over the switch."""
    found = [answer for answer in crawled.answers if answer.page]
    assert {answer.language for answer in found} == set(LANGUAGES)
    assert len(found) >= 3 * len(LANGUAGES) ** 2
    assert {urlsplit(answer.url).path.split("/")[1] for answer in found} == {"", "c", "chat"}
    return found


def test_E11_every_page_has_the_exit_before_anything_else(crawled: Crawled, pages: list[Answer]) -> None:
    for answer in pages:
        assert answer.page
        first = answer.page.named("a")[0]
        assert (first["href"], first["data-to"]) == ("/exit", crawled.exit), answer.url


def test_E11_the_exit_leads_elsewhere_and_clears(crawled: Crawled) -> None:
    exits = [answer for answer in crawled.answers if urlsplit(answer.url).path == "/exit"]
    assert len(exits) == len(LANGUAGES)
    for answer in exits:
        assert (answer.status, answer.headers["Location"]) == (303, crawled.exit)
        assert '"storage"' in answer.headers["Clear-Site-Data"]


def test_E11_no_title_address_or_preview_tells_what_it_is_about(pages: list[Answer]) -> None:
    for answer in pages:
        held = [word for language in LANGUAGES for word in found(language, "revealing", answer.preview)]
        assert held == [], answer.url


def test_E11_nothing_tells_others_where_somebody_was(crawled: Crawled) -> None:
    """No referrer, no cookie, and nothing in the browser's cache but scripts and styles, in which stands nothing."""
    assert len(crawled.answers) > 60
    kept = [answer for answer in crawled.answers if "no-store" not in answer.headers["Cache-Control"]]
    for answer in kept:
        assert urlsplit(answer.url).path.startswith("/static/")
        assert answer.headers["Cache-Control"].startswith("private, ")
        assert found("en", "revealing", BROWSERS.sub("", answer.text)) == [], answer.url
    for answer in crawled.answers:
        assert answer.status in (200, 303), answer.url
        assert answer.headers["Referrer-Policy"] == "no-referrer", answer.url
        assert answer.cookies == 0, answer.url


def test_E11_nothing_comes_from_third_parties(crawled: Crawled) -> None:
    """Not by a link in the page, and the browser would let nothing through."""
    home, counted = urlsplit(crawled.home).netloc, 0
    for answer in crawled.answers:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "http" not in policy
        assert "unsafe" not in policy
        for tag, link in answer.links:
            counted += 1
            allowed = {home} if tag in LOADS else {home, urlsplit(crawled.exit).netloc, *ELSEWHERE}
            assert urlsplit(link).scheme in {"tel", "sms", "mailto"} or urlsplit(link).netloc in allowed, link
    assert counted > 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_E10_page_and_card_have_no_word_that_tells_what_they_are_about(language: str) -> None:
    """Title and description, which a preview of a link would show, among them. Answers are behind a tap."""
    said = list(strings(shipped().tables[language]))
    assert len(said) > 80
    assert {text: held for text in said if (held := found(language, "revealing", text))} == {}


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for one in value.values() for text in strings(one))
    elif isinstance(value, list):
        yield from (text for one in value for text in strings(one))
