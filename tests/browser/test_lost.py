"""Where no page is: it reads and leaves like every other."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.landing import LANGUAGES, WORDS, exit_link
from tests.browser.site import Site
from tests.browser.visitor import Visitor


async def lost(visit: Visit, **chosen: object) -> Visitor:
    visitor = await visit("/nothing", **chosen)
    assert [fault for fault in visitor.faults if "404" not in fault] == []  # the browser's own line about it
    visitor.faults.clear()
    return visitor


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_read_in_every_language_and_axe_finds_nothing(visit: Visit, language: str) -> None:
    page = (await lost(visit, language=language, width=320)).page
    await expect(page).to_have_title(WORDS("page.title", language))
    await expect(page.get_by_text(WORDS("page.lost", language))).to_be_visible()
    report = await axe.look(page)
    assert (report.violations, report.passed > 15) == ([], True)
    assert await page.evaluate("document.documentElement.scrollWidth") <= 320
    await page.get_by_role("link", name=WORDS("page.start", language)).click()
    await expect(page.get_by_role("heading", name=WORDS("page.safe_title", language))).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
async def test_its_exit_leaves(site: Site, visit: Visit, scripts: bool) -> None:
    page = (await lost(visit, scripts=scripts)).page
    await exit_link(page).click()
    await expect(page).to_have_url(site.bland.url)
