"""The talk as it looks; `FARO_UPDATE_PICTURES=1` keeps the pictures in docs/, which the README shows."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.browser.chatting import PATIENCE, Chatter
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.browser.test_landing_pictures import keep, small


@pytest.mark.parametrize(("language", "width"), [("es", 390), ("en", 1280)])
async def test_the_page_before_in_and_beside_a_talk(town: Site, arrive: Visit, language: str, width: int) -> None:
    chatter = Chatter(await arrive(town.url, language=language, width=width, touch=width < 500), language)
    page = chatter.page

    async def picture(name: str) -> None:
        await page.mouse.move(0, 0)
        shown = await page.screenshot(animations="disabled", caret="hide")
        keep(f"chat-{name}-{language}-{width}", small(shown), width)

    await chatter.open()
    await picture("start")
    await page.get_by_role("button", name=chatter.word("begin")).click()
    await chatter.asked()
    for _ in range(2):
        await chatter.tap_first()
    await picture("talk")
    await page.locator("#watched").click()
    await expect(page.locator("#cover li")).to_have_count(7, timeout=PATIENCE)
    await picture("cover")
