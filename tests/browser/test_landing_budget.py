"""A page that loads on an aircraft: light, and soon readable on a slow line; `tests.browser.budget` prints it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser import budget
from tests.browser.landing import LANGUAGES
from tests.browser.site import Site
from tests.browser.throttle import SLOW, measure

pytestmark = pytest.mark.alone


async def test_every_page_is_light_in_every_language(browser: Browser, site: Site) -> None:
    for path in ("/", f"/c/{site.code}"):
        for language in LANGUAGES:
            figures = await measure(browser, site.url, path, language=language)
            assert 1 < figures.requests < 8
            assert 2_000 < figures.weight < budget.WEIGHT, (path, language, figures)


async def test_so_is_all_that_is_carried_to_keep_it_readable_offline(browser: Browser, site: Site) -> None:
    assert 2_000 < await budget.carried(browser, site) < budget.WEIGHT


async def test_on_a_slow_line_it_can_be_read_soon(browser: Browser, site: Site) -> None:
    times = {language: await slow(browser, site, language) for language in LANGUAGES}
    assert len(times) == 5
    assert min(times.values()) > SLOW.answer  # quicker than one answer: the line was not slow
    assert {language: time for language, time in times.items() if time >= budget.FIRST_PAINT} == {}


async def slow(browser: Browser, site: Site, language: str) -> float:
    return (await measure(browser, site.url, profile=SLOW, language=language)).first_paint
