"""On board the network goes: what was loaded can still be read, unless the person does not want it kept."""

from __future__ import annotations

import pytest
from playwright.async_api import Error, expect

from tests.browser.conftest import Visit
from tests.browser.landing import LANGUAGES, NOTHING, WORDS, exit_link, kept, open_all, readable_offline, until
from tests.browser.line import Line
from tests.browser.site import Site
from tests.nlu.wording import say


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_can_be_read_after_the_network_is_gone(site: Site, visit: Visit, line: Line, language: str) -> None:
    visitor = await visit(f"/c/{site.code}", home=line.url, language=language)
    page = visitor.page
    await readable_offline(page)
    await expect(page.locator("#kept")).to_contain_text(WORDS("page.kept", language))
    before = await page.locator("main").text_content()
    visitor.offline = True
    await line.cut()
    await page.reload()
    await expect(page.locator("#offline")).to_have_text(WORDS("page.offline", language))
    assert await page.locator("main").text_content() == before
    assert await open_all(page) > 10
    await expect(page.get_by_text(say(language)["messages"]["cost"])).to_be_visible()
    assert await page.evaluate("getComputedStyle(document.body).fontFamily") != "serif"  # the style is kept too


async def test_what_was_kept_is_gone_with_the_exit(visit: Visit, line: Line) -> None:
    visitor = await visit("/", home=line.url)
    await readable_offline(visitor.page)
    visitor.offline = True
    await line.cut()
    await exit_link(visitor.page).click()
    await expect(visitor.page).to_have_title("Weather")
    with pytest.raises(Error, match="ERR_CONNECTION"):
        await visitor.page.goto("/")


async def test_whoever_declines_has_nothing_kept(visit: Visit, line: Line) -> None:
    visitor = await visit("/", home=line.url)
    page = visitor.page
    await readable_offline(page)
    await page.get_by_role("button", name=WORDS("page.keep_not", "es")).click()
    await expect(page.locator("#kept")).to_be_hidden()
    await expect(page.get_by_text(WORDS("page.kept_not", "es"))).to_be_visible()

    async def forgotten() -> bool:
        return {**await kept(page), "stored": 0} == NOTHING

    await until(forgotten)
    visitor.offline = True
    await line.cut()
    with pytest.raises(Error, match="ERR_CONNECTION"):
        await page.reload()


async def test_a_decline_holds_when_the_page_is_loaded_again(visit: Visit) -> None:
    visitor = await visit("/")
    page = visitor.page
    await readable_offline(page)
    await page.get_by_role("button", name=WORDS("page.keep_not", "es")).click()
    await page.reload(wait_until="networkidle")
    await expect(page.locator("#kept")).to_be_hidden()
    assert {**await kept(page), "stored": 0} == NOTHING


async def test_the_network_comes_back(visit: Visit, line: Line) -> None:
    visitor = await visit("/", home=line.url)
    page = visitor.page
    await readable_offline(page)
    visitor.offline = True
    await line.cut()
    await page.reload()
    await expect(page.locator("#offline")).to_be_visible()
    await line.mend()
    await page.reload()
    await readable_offline(page)
    await expect(page.locator("#offline")).to_be_hidden()
