"""The page in each language: asked for by the browser, switched by hand, bland as it lies there, and never too wide."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.landing import LANGUAGES, WORDS, choose_country, exit_link, open_all
from tests.browser.site import Site
from tests.nlu.wording import found, say

WIDTHS = (320, 390, 768, 1280)  # pixels
NAMES = {"es": "español", "en": "English", "pt": "português", "fr": "français", "ht": "kreyòl ayisyen"}

# What stands out of the window, and what is cut off inside its own box.
TOO_WIDE = """() => [...document.body.querySelectorAll("*")].filter((one) => {
    const box = one.getBoundingClientRect();
    const clipped = getComputedStyle(one).overflowX !== "visible" && one.scrollWidth > one.clientWidth + 1;
    return one.checkVisibility() && box.width > 1 && (box.right > innerWidth + 0.5 || box.left < -0.5 || clipped);
}).map((one) => `${one.tagName} ${one.textContent.slice(0, 40)}`)"""

# The head of the page, where history, tabs, bookmarks and previews take their words from.
HEAD = """() => [document.title, ...[...document.querySelectorAll("meta[content]")].map((one) => one.content),
    ...[...document.querySelectorAll("link[href], script[src]")].map((one) => one.href ?? one.src)].join("\\n")"""


async def seen(page: Page) -> str:
    """The text that stands on the screen now; what is folded away is not."""
    return str(
        await page.evaluate("""() => {
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
        const parts = [];
        while (walker.nextNode()) {
            const one = walker.currentNode.parentElement;
            if (one.checkVisibility({contentVisibilityAuto: true, visibilityProperty: true})) {
                parts.push(walker.currentNode.data);
            }
        }
        return parts.join(" ");
    }""")
    )


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_browser_s_language_comes_first(visit: Visit, language: str) -> None:
    visitor = await visit("/", language=f"{language}-CO" if language != "ht" else "ht")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", language)
    await expect(visitor.page).to_have_title(WORDS("page.title", language))
    await expect(exit_link(visitor.page, language)).to_be_visible()


async def test_a_card_for_others_yields_to_the_browser_s_language(site: Site, visit: Visit) -> None:
    """The card hangs where Spanish is read; whoever meets it reads Haitian Creole."""
    visitor = await visit(f"/c/{site.code}", language="ht")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "ht")


async def test_a_language_that_nobody_wrote_gets_the_card_s(site: Site, visit: Visit) -> None:
    visitor = await visit(f"/c/{site.code}", language="sw")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "es")


@pytest.mark.parametrize("scripts", [True, False])
async def test_a_visible_switch_leads_to_every_language(site: Site, visit: Visit, scripts: bool) -> None:
    """Each under its own name, marked as being in that language; the card's code is not lost on the way."""
    visitor = await visit(f"/c/{site.code}", width=320, scripts=scripts)
    page = visitor.page
    for language in ("ht", "fr", "pt", "en", "es"):
        link = page.locator(f"a[hreflang={language}]")
        assert await link.inner_text() == NAMES[language]
        await expect(link).to_have_attribute("lang", language)
        await link.click()
        await expect(page.locator("html")).to_have_attribute("lang", language)
        assert urlsplit(page.url).path == f"/c/{site.code}"
        assert site.code in str(await page.get_by_role("link", name="WhatsApp").first.get_attribute("href"))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_is_seen_first_tells_nothing(visit: Visit, language: str) -> None:
    visitor = await visit("/", language=language)
    page = visitor.page
    text = await seen(page)
    assert WORDS("page.safe_title", language) in text
    assert WORDS("page.traces_title", language) in text
    assert found(language, "revealing", text) == []
    assert found(language, "revealing", await page.evaluate(HEAD)) == []
    await open_all(page)
    opened = await seen(page)
    assert len(opened) > 2 * len(text)
    assert found(language, "revealing", opened) != []  # the answers do say it: so they were folded away before


@pytest.mark.parametrize("language", LANGUAGES)
async def test_it_is_never_too_wide(site: Site, visit: Visit, language: str) -> None:
    visitor = await visit(f"/c/{site.code}", language=language)
    page = visitor.page
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 800})
        for _ in ("closed", "opened"):
            assert await page.evaluate("document.documentElement.scrollWidth") <= width
            assert await page.evaluate(TOO_WIDE) == []
            assert await open_all(page) > 10


@pytest.mark.parametrize("language", LANGUAGES)
async def test_letters_twice_as_large_stay_on_the_narrowest_screen(visit: Visit, language: str) -> None:
    page = (await visit("/", language=language, width=320)).page
    for path in ("/", "/chat"):
        await page.goto(path)
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert await open_all(page) > 0
        assert await page.evaluate("document.documentElement.scrollWidth") <= 320
        assert await page.evaluate(TOO_WIDE) == []


async def test_a_planted_line_is_seen_to_be_too_wide(visit: Visit) -> None:
    page = (await visit("/", width=320)).page
    await page.evaluate("document.querySelector('summary').style.width = '400px'")
    assert len(await page.evaluate(TOO_WIDE)) >= 1


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_answers_are_the_dialogue_s_own_words(visit: Visit, language: str) -> None:
    visitor = await visit("/", language=language)
    await open_all(visitor.page)
    titles = WORDS.titles("page.questions", language)
    assert len(titles) > 12
    text = " ".join((await seen(visitor.page)).split())
    for key, title in titles.items():
        assert title in text
        assert " ".join(say(language)["messages"][key].split()) in text, key


@pytest.mark.parametrize("scripts", [True, False])
async def test_somebody_chooses_the_country_and_sees_its_numbers(visit: Visit, scripts: bool) -> None:
    visitor = await visit("/", scripts=scripts)
    page = visitor.page
    await choose_country(page, "España")
    await expect(page.locator("#country-ES a[href='tel:112']")).to_be_visible()
    await expect(exit_link(page)).to_be_visible()
