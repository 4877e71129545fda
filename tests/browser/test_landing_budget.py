"""A page that loads on an aircraft: light, and soon readable on a slow line; `tests.browser.budget` prints it."""

from __future__ import annotations

import asyncio

from playwright.async_api import Browser

from tests.browser import budget
from tests.browser.landing import LANGUAGES
from tests.browser.site import Site
from tests.browser.throttle import SLOW, measure


async def test_every_page_is_light_in_every_language(browser: Browser, site: Site) -> None:
    for path in ("/", f"/c/{site.code}"):
        for language in LANGUAGES:
            figures = await measure(browser, site.url, path, language=language)
            assert 1 < figures.requests < 8
            assert 2_000 < figures.weight < budget.WEIGHT, (path, language, figures)


async def test_so_is_all_that_is_carried_to_keep_it_readable_offline(browser: Browser, site: Site) -> None:
    assert 2_000 < await budget.carried(browser, site) < budget.WEIGHT


async def test_on_a_slow_line_it_can_be_read_soon(browser: Browser, site: Site) -> None:
    """At once, each on a line of its own: the browser slows down each page by itself."""
    figures = await asyncio.gather(
        *(measure(browser, site.url, profile=SLOW, language=language) for language in LANGUAGES)
    )
    assert len(figures) == 5
    for one in figures:
        assert SLOW.answer < one.first_paint < budget.FIRST_PAINT  # quicker than one answer: the line was not slow
