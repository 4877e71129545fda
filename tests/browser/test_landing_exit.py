"""Scan, page, exit: one movement, and nothing of the page is left where somebody else would look."""

from __future__ import annotations

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import Page, expect

from bot.cards.content import Source
from bot.cards.qr import QUIET
from tests.browser.conftest import Visit
from tests.browser.landing import LANGUAGES, NOTHING, WORDS, exit_link, kept, readable_offline, until
from tests.browser.site import Site

SQUARE = 4  # pixels of the picture to each square of a code
SLOW = 6_000  # milliseconds between presses of somebody who is not in a hurry


def scanned(site: Site) -> str:
    """The address that a telephone's camera reads from the code of this site's card."""
    service = site.house.service
    settings = service.settings.model_copy(update={"public_url": site.url})
    source = Source(settings, WORDS, service.conduct.directory)
    rows = source.card(service.placements.by_code[site.code], ("es", "en")).qr.rows
    side = (len(rows) + 2 * QUIET) * SQUARE
    picture = Image.new("L", (side, side), 255)
    for y, row in enumerate(rows, QUIET):
        for x, square in enumerate(row, QUIET):
            picture.paste(0 if square == "1" else 255, (x * SQUARE, y * SQUARE, (x + 1) * SQUARE, (y + 1) * SQUARE))
    [read] = zxingcpp.read_barcodes(picture)
    return read.text


async def back(page: Page) -> None:
    """The browser's button; it may have nowhere to go."""
    await page.go_back(wait_until="commit")
    await page.wait_for_load_state()


async def test_scan_page_exit_and_back_shows_nothing(site: Site, visit: Visit) -> None:
    visitor = await visit(scanned(site))
    page = visitor.page
    hrefs = await page.evaluate("[...document.links].map((one) => one.href)")
    assert sum(site.code in href for href in hrefs) >= 4  # WhatsApp, Telegram, SMS and here
    entries = await page.evaluate("history.length")
    await exit_link(page).click()
    await expect(page).to_have_url(site.bland.url)
    assert await page.evaluate("history.length") == entries
    await back(page)
    assert page.url == "about:blank"


async def test_back_shows_nothing_after_a_walk_through_the_site(site: Site, visit: Visit) -> None:
    """Another language and the chat take the place of the page: no entry of the browser's history is added."""
    visitor = await visit("/")
    page = visitor.page
    entries = await page.evaluate("history.length")
    await page.locator("a[hreflang=en]").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await exit_link(page, "en").click()
    await expect(page).to_have_url(site.bland.url)
    assert await page.evaluate("history.length") == entries
    await back(page)
    assert page.url == "about:blank"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_exit_is_the_first_thing_in_every_language(site: Site, visit: Visit, language: str) -> None:
    visitor = await visit("/", language=language, width=320)
    await visitor.page.keyboard.press("Tab")
    await expect(exit_link(visitor.page, language)).to_be_focused()
    await expect(exit_link(visitor.page, language)).to_be_in_viewport(ratio=1)
    await visitor.page.keyboard.press("Enter")
    await expect(visitor.page).to_have_url(site.bland.url)


async def test_it_stays_in_sight_when_somebody_has_read_on(visit: Visit) -> None:
    visitor = await visit("/", width=320)
    await visitor.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    await expect(exit_link(visitor.page)).to_be_in_viewport(ratio=1)


async def test_escape_three_times_leaves_from_anywhere(site: Site, visit: Visit) -> None:
    visitor = await visit("/")
    await visitor.page.locator("summary").first.focus()
    for _ in range(3):
        await visitor.page.keyboard.press("Escape")
    await expect(visitor.page).to_have_url(site.bland.url)
    await back(visitor.page)
    assert visitor.page.url == "about:blank"


async def test_escape_two_times_or_three_slow_times_does_not(site: Site, visit: Visit) -> None:
    visitor = await visit("about:blank")
    await visitor.page.clock.install()
    await visitor.page.goto("/")
    for _ in range(3):
        await visitor.page.keyboard.press("Escape")
        await visitor.page.clock.fast_forward(SLOW)
    for _ in range(2):
        await visitor.page.keyboard.press("Escape")
    await expect(visitor.page.locator("#said")).to_contain_text("2/3")
    assert visitor.page.url == f"{site.url}/"
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.page).to_have_url(site.bland.url)


async def test_without_scripts_the_exit_is_a_plain_link(site: Site, visit: Visit) -> None:
    visitor = await visit(f"/c/{site.code}", scripts=False)
    await exit_link(visitor.page).click()
    await expect(visitor.page).to_have_url(site.bland.url)


async def nothing_is_left(site: Site, page: Page) -> None:
    """Soon after the exit, where somebody looks who comes back."""
    await expect(page).to_have_url(site.bland.url)
    await page.goto("/healthz")

    async def clean() -> bool:
        return await kept(page) == NOTHING

    await until(clean)


@pytest.mark.parametrize("scripted", [True, False])
async def test_nothing_is_left_in_the_browser(site: Site, visit: Visit, scripted: bool) -> None:
    """By the script, and where it did not run by what the server asks of the browser."""
    visitor = await visit("/")
    page = visitor.page
    await readable_offline(page)
    await page.evaluate("""async () => {
        localStorage.setItem("a", "1");
        sessionStorage.setItem("b", "2");
    }""")
    assert (await kept(page)) == {"workers": 1, "caches": 1, "databases": 0, "stored": 2}
    await (exit_link(page).click() if scripted else page.goto("/exit"))
    await nothing_is_left(site, page)


async def test_an_exit_at_once_leaves_nothing_of_a_worker_that_was_on_its_way(site: Site, visit: Visit) -> None:
    visitor = await visit("about:blank")
    page = visitor.page
    await page.goto("/", wait_until="commit")
    await exit_link(page).click()
    await nothing_is_left(site, page)


async def test_the_screen_is_blank_before_the_other_page_is_asked_for(visit: Visit) -> None:
    visitor = await visit("/")
    assert await visitor.page.evaluate("document.body.checkVisibility()")
    script = "() => { document.getElementById('exit').click(); return document.body.checkVisibility(); }"
    assert not await visitor.page.evaluate(script)


async def test_the_bland_page_learns_nothing(site: Site, visit: Visit) -> None:
    site.bland.referrers.clear()
    for scripts in (True, False):
        visitor = await visit(f"/c/{site.code}", scripts=scripts)
        await exit_link(visitor.page).click()
        await expect(visitor.page).to_have_url(site.bland.url)
    assert site.bland.referrers == [None, None]
