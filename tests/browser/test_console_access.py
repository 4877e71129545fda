"""The officers' page for everybody: every state with every rule of axe-core, by keyboard alone, on a narrow screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Page, expect

from storage.envelope import Part
from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.desk import PATIENCE, Desk
from tests.browser.officers import Office
from tests.browser.spoilt import flipped
from tests.samples import picture_with_place

STATES = 13
WIDE = """() => document.documentElement.scrollWidth - document.documentElement.clientWidth"""


FOCUSED = """(to) => {
    const one = document.activeElement;
    return one.matches(to) && getComputedStyle(one).outlineWidth;
}"""


async def states(desk: Desk, office: Office) -> AsyncIterator[str]:
    """Walks through all that the page can show; each is named as it stands."""
    page = desk.page
    signs = "\u202eturned\n    > own words\n1. TITLE\n" + "-" * 72
    report_id = await office.file(Part("att/1.jpg", picture_with_place()), text=signs.encode(), practice=True)
    spoilt = await office.file(spoil=flipped, tier="P0", many=True)
    await page.goto(f"/?l={desk.language}")
    await expect(page.locator("#trust")).to_be_visible()
    yield "directors at first use"
    await desk.button(desk.say("accept")).click()
    yield "directors not compared"
    await desk.arrive()
    yield "sign-in"
    await desk.button(desk.say("go")).click()
    yield "sign-in without a file"
    await desk.give(office.key_file(office.officers.keys["coat"]))
    await expect(page.locator("#list")).to_be_visible(timeout=PATIENCE)
    yield "list"
    await page.locator(f"#open-{report_id.hex()}").locator("..").get_by_text(desk.word("list.have")).click()
    await expect(page.locator("#news")).not_to_be_empty()
    yield "list, one taken"
    await desk.open(report_id)
    await desk.button(desk.word("report.show")).click()
    await expect(page.get_by_role("img")).to_be_visible()
    yield "report"
    await desk.button(desk.say("back")).click()
    await desk.open(spoilt)
    yield "report refused"
    await desk.button(desk.say("leave")).click()
    yield "ended"
    for screen in ("old", "unreachable", "no-roster"):  # whose ways here are tests of their own
        await page.evaluate("async (id) => (await import('/static/dom.js')).show(id)", screen)
        yield screen
    await page.evaluate(
        "localStorage.setItem('faro-directors', JSON.stringify({directors: ['00'], threshold: 1, version: 1}))"
    )
    await page.goto(f"/?l={desk.language}")
    await expect(page.locator("#trust.alarm")).to_be_visible()
    yield "directors changed"


@pytest.mark.parametrize(("language", "width", "scheme"), [("es", 320, "light"), ("en", 1280, "dark")])
async def test_in_every_state_axe_finds_nothing_and_nothing_is_cut(
    office: Office, arrive: Visit, language: str, width: int, scheme: Any
) -> None:
    desk = Desk(await arrive(office.url, language=language, width=width), office, language)
    await desk.page.emulate_media(color_scheme=scheme)
    seen = []
    async for state in states(desk, office):
        await desk.page.evaluate("scrollTo(0, 0)")  # what is under the bar is no fault of its colours
        report = await axe.look(desk.page)
        assert (state, report.violations) == (state, [])
        assert (state, [line for line in report.unsure if "color-contrast" in line]) == (state, [])
        assert (state, await desk.page.evaluate(WIDE)) == (state, 0)
        assert (state, await desk.heading.count()) == (state, 1)
        seen.append(state)
    assert len(set(seen)) == STATES


async def test_by_keyboard_alone_an_officer_does_all_of_it(office: Office, arrive: Visit) -> None:
    report_id = await office.file()
    desk = Desk(await arrive(office.url, width=320), office)
    page = desk.page
    await page.goto("/")
    await expect(desk.heading).to_be_focused()
    await press(page, "#compared", "Space")
    await press(page, "#trust-form button", "Enter")
    await expect(desk.heading).to_have_text(desk.say("signin_title"))
    await page.locator("#key-file").set_input_files(office.key_file(office.officers.keys["coat"]))
    await tab_to(page, "#passphrase")
    await page.keyboard.type("correct-horse-battery")
    await page.keyboard.press("Enter")
    await expect(page.locator("#list-title")).to_be_focused(timeout=PATIENCE)
    await press(page, f"#open-{report_id.hex()}", "Enter")
    await expect(page.locator("#text")).to_be_visible(timeout=PATIENCE)
    await expect(page.locator("#report-title")).to_be_focused()
    await press(page, "#state button", "Enter")
    await expect(page.locator("#state strong")).to_be_visible()
    await press(page, "#back", "Enter")
    await expect(page.locator(f"#open-{report_id.hex()}")).to_be_focused()
    await press(page, "#leave", "Enter")
    await expect(page.locator("#ended-title")).to_be_focused()


async def press(page: Page, selector: str, key: str) -> None:
    await tab_to(page, selector)
    await page.keyboard.press(key)


async def tab_to(page: Page, selector: str) -> None:
    """With the key alone; its focus is seen."""
    for _ in range(40):
        await page.keyboard.press("Tab")
        style = await page.evaluate(FOCUSED, selector)
        if style:
            assert float(style.removesuffix("px")) >= 2
            return
    raise AssertionError(f"not reached: {selector}")


async def test_without_scripts_the_page_says_so(office: Office, arrive: Visit) -> None:
    desk = Desk(await arrive(office.url, scripts=False), office)
    await desk.page.goto("/")
    told = desk.page.locator("noscript p")  # which searches by text and role leave out
    await expect(told).to_have_text(desk.say("no_script"))
    assert await told.is_visible()


async def test_a_browser_that_cannot_check_signatures_is_told_so_and_asked_nothing(
    office: Office, arrive: Visit
) -> None:
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await visitor.page.add_init_script("crypto.subtle.generateKey = () => Promise.reject(new Error())")
    await visitor.page.goto("/")
    await expect(desk.heading).to_have_text(desk.say("old_title"))
    assert [request.url for request in visitor.asked if "/api/" in request.url] == []


async def test_each_language_is_one_link_away_until_somebody_is_there(office: Office, arrive: Visit) -> None:
    desk = Desk(await arrive(office.url, language="fr"), office, "es")
    await desk.arrive()
    await desk.page.get_by_role("link", name="English").click()
    desk.language = "en"
    await expect(desk.heading).to_have_text(desk.say("signin_title"))
    assert await desk.page.locator("html").get_attribute("lang") == "en"
    await desk.give(office.key_file(office.officers.keys["coat"]))
    await expect(desk.heading).to_have_text("Reports of COAT", timeout=PATIENCE)
    await expect(desk.page.get_by_role("link")).to_have_count(0)
