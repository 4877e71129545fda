"""The page for everybody: by keyboard alone, read aloud, without motion, and with every rule of axe-core."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.conftest import Visit
from tests.browser.landing import LANGUAGES, WORDS, exit_link, open_all
from tests.browser.site import Site

SECTIONS = ("safe_title", "write_title", "call_title", "info_title", "traces_title")  # in the order of the issue

# Everything that somebody can act on, as the page holds it.
ACTIONS = "a[href], button, select, input, textarea, summary, [tabindex='0']"
REACHABLE = """(actions) => [...document.querySelectorAll(actions)].filter((one) => one.checkVisibility()).length"""
FOCUSED = """(actions) => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const style = getComputedStyle(one);
    const place = [...document.querySelectorAll(actions)].filter((each) => each.checkVisibility()).indexOf(one);
    return [place, style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2];
}"""
MOVING = """() => [...document.querySelectorAll("*")].flatMap((one) => ["", "::before", "::after"].filter((part) => {
    const style = getComputedStyle(one, part);
    const long = (times) => times.split(",").some((time) => parseFloat(time) > 0);
    return long(style.transitionDuration) || long(style.animationDuration) || style.scrollBehavior === "smooth";
}).map((part) => one.tagName + part))"""


async def walk(page: Page) -> list[tuple[int, bool]]:
    """Tab until the page ends: place of each stop among the actions, and whether its focus is seen."""
    stops = []
    while True:
        await page.keyboard.press("Tab")
        stop = await page.evaluate(FOCUSED, ACTIONS)
        if stop is None or (stops and stop[0] == stops[0][0]):
            return stops
        stops.append(tuple(stop))


async def test_by_keyboard_alone_everything_is_reached_in_order(visit: Visit) -> None:
    visitor = await visit("/", width=320)
    stops = await walk(visitor.page)
    count = await visitor.page.evaluate(REACHABLE, ACTIONS)
    assert count > 20
    assert [place for place, _ in stops] == list(range(count))
    assert [place for place, shown in stops if not shown] == []


async def test_by_keyboard_alone_an_answer_opens_and_closes(visit: Visit) -> None:
    visitor = await visit("/")
    page = visitor.page
    answer = page.locator("details", has=page.get_by_text(WORDS("page.questions.cost", "es")))
    await answer.locator("summary").focus()
    for key, is_open in (("Enter", True), ("Space", False), ("Enter", True)):
        await page.keyboard.press(key)
        assert (await answer.get_attribute("open") is not None) is is_open


@pytest.mark.parametrize("language", LANGUAGES)
async def test_read_aloud_it_has_its_names_and_its_order(visit: Visit, language: str) -> None:
    visitor = await visit("/", language=language)
    page = visitor.page
    heads = [" ".join(text.split()) for text in await page.get_by_role("heading", level=2).all_inner_texts()]
    assert heads == [WORDS(f"page.{name}", language) for name in SECTIONS]
    assert await page.get_by_role("heading", level=1).count() == 1
    assert await page.get_by_role("main").count() == 1
    await expect(page.get_by_role("navigation", name=WORDS("page.language", language))).to_have_count(1)
    await expect(exit_link(page, language)).to_have_count(1)
    tree = await page.locator("body").aria_snapshot()
    roles = {"link", "button", "combobox", "img", "region"}
    assert [line for line in tree.splitlines() if line.strip(" -:") in roles] == []


async def test_read_aloud_what_happens_is_told(visit: Visit) -> None:
    """Without taking the focus away from where somebody is."""
    visitor = await visit("/")
    page = visitor.page
    assert await page.locator("[role=status], [aria-live=polite]").count() >= 1
    await page.keyboard.press("Escape")
    await expect(page.locator("#said")).to_contain_text("1/3")


async def test_nothing_moves_where_less_motion_is_wanted(visit: Visit) -> None:
    visitor = await visit("/", calm=True)
    await open_all(visitor.page)
    assert await visitor.page.evaluate("document.getAnimations().length") == 0
    assert await visitor.page.evaluate(MOVING) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_axe_finds_nothing(site: Site, visit: Visit, language: str) -> None:
    """As it first lies on the narrowest telephone, then opened there and on a wide screen."""
    visitor = await visit(f"/c/{site.code}", language=language, width=320)
    page = visitor.page
    await nothing_against(page)
    await open_all(page)
    await nothing_against(page)
    await page.set_viewport_size({"width": 1280, "height": 800})
    await nothing_against(page)


async def nothing_against(page: Page) -> None:
    report = await axe.look(page)
    assert report.violations == []
    assert [line for line in report.unsure if "color-contrast" in line] == []
    assert report.passed > 25


async def test_axe_finds_nothing_in_the_dark(site: Site, visit: Visit) -> None:
    visitor = await visit("/")
    await visitor.page.emulate_media(color_scheme="dark")
    await open_all(visitor.page)
    assert (await axe.look(visitor.page)).violations == []


async def test_axe_finds_a_planted_fault(visit: Visit) -> None:
    visitor = await visit("/")
    await visitor.page.evaluate("document.body.append(document.createElement('button'))")
    assert any("button-name" in line for line in (await axe.look(visitor.page)).violations)
