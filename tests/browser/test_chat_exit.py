"""Leaving in the middle of a talk: nothing of it is left, here or on the server, and nothing is waited for."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.chatting import Chatter
from tests.browser.conftest import Visit
from tests.browser.landing import NOTHING, exit_link, kept, until
from tests.browser.site import Site


async def counts(town: Site) -> tuple[int, int]:
    """Conversations, with everything that was told in them, and what lies ready for pages."""
    return await town.house.count("conversations"), await town.house.count("mail")


async def gone(town: Site, before: tuple[int, int]) -> None:
    """Until the conversation is erased, and of what was said to the page no more is there than that it is over."""

    async def erased() -> bool:
        return await counts(town) == (before[0], before[1] + 1)

    await until(erased)


async def test_the_exit_in_the_middle_erases_the_talk_and_leaves_nothing_in_the_browser(
    town: Site, arrive: Visit
) -> None:
    before = await counts(town)
    chatter = Chatter(await arrive(town.url))
    page = chatter.page
    await chatter.begin(f"/chat?c={town.code}&l=es")
    assert page.url == f"{town.url}/chat"
    entries = await page.evaluate("history.length")
    await page.get_by_role("checkbox", name=chatter.word("keep")).check()
    await chatter.tap_first()
    assert (await counts(town))[0] == before[0] + 1
    assert (await kept(page))["stored"] == 1
    await exit_link(page).click()
    await expect(page).to_have_url(town.bland.url)
    assert await page.evaluate("history.length") == entries
    await page.goto(f"{town.url}/healthz")
    assert await kept(page) == NOTHING
    await gone(town, before)


async def test_escape_three_times_leaves_out_of_the_field_that_is_written_in(town: Site, arrive: Visit) -> None:
    before = await counts(town)
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    await chatter.field.fill("no llegué a enviar esto")
    for _ in range(3):
        await chatter.page.keyboard.press("Escape")
    await expect(chatter.page).to_have_url(town.bland.url)
    await gone(town, before)


async def test_an_exit_that_is_written_clears_the_page(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    await chatter.tap_first()
    await chatter.say("SALIR")
    await chatter.hear(chatter.says("exit"))
    await expect(chatter.page.locator(".message")).to_have_count(1)
    await chatter.say("hola")
    await chatter.asked()  # another talk, from its beginning


async def test_no_cookie_no_address_and_without_asking_no_storage_tells_of_the_talk(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.begin(f"/chat?c={town.code}&l=es")
    await chatter.tap_first()
    assert chatter.page.url == f"{town.url}/chat"
    assert await kept(chatter.page) == NOTHING
    handles = [request.headers.get("authorization") for request in chatter.visitor.asked]
    assert len({handle for handle in handles if handle}) == 1
    addresses = " ".join(request.url for request in chatter.visitor.asked)
    assert max(filter(None, handles)).removeprefix("Bearer ") not in addresses
    assert await chatter.page.title() == chatter.word("title")


async def test_without_scripts_it_says_so_and_leads_to_the_other_ways(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url, scripts=False))
    page = chatter.page
    await page.goto(f"/chat?c={town.code}&l=es")
    told = page.locator("noscript p")  # which searches by text and role leave out
    await expect(told).to_be_visible()
    await expect(told).to_contain_text(chatter.word("no_script"))
    for name in ("begin", "watched", "keep", "send"):
        await expect(page.get_by_text(chatter.word(name), exact=True)).to_be_hidden()
    await told.locator("a").click()
    await expect(page).to_have_url(f"{town.url}/c/{town.code}?l=es")
    await page.go_back()
    await exit_link(page).click()
    await expect(page).to_have_url(town.bland.url)
