"""The talk for everybody: by keyboard alone, read aloud, in every language and width, with every rule of axe-core."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, expect

from tests.browser import axe
from tests.browser.chatting import PATIENCE, Chatter
from tests.browser.conftest import Visit
from tests.browser.landing import LANGUAGES, until
from tests.browser.line import line_to
from tests.browser.site import Site

WIDTHS = (1280, 768, 390, 320)
HEIGHT = 640  # pixels of a small telephone
# What is wider than its place, what stands beside the screen, and, in a talk, what writing needs and cannot be seen,
# and room below it.
UNFIT = """() => {
    const all = [...document.querySelectorAll("html, body *")].filter((one) => one.checkVisibility());
    const name = (one) => `${one.tagName}#${one.id}.${one.className}`;
    const wide = all.filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 1
        && getComputedStyle(one).display !== "inline");
    const beside = all.map((one) => [one, one.getBoundingClientRect()]).filter(([one, place]) =>
        place.width > 1 && (place.left < 0 || place.right > innerWidth + 1)).map(([one]) => one);
    const needed = ["exit", "watched", "words", "send", "attach"].map((id) => document.getElementById(id));
    const lost = needed.filter((one) => one.checkVisibility()).filter((one) => {
        const place = one.getBoundingClientRect();
        return place.top < 0 || place.bottom > innerHeight;
    });
    const log = document.getElementById("log");
    const narrow = log.checkVisibility() && log.clientHeight < 120 ? [log] : [];
    const talk = document.getElementById("talk");
    const empty = log.checkVisibility() && innerHeight - talk.getBoundingClientRect().bottom > 24 ? [talk] : [];
    return [...wide, ...beside, ...lost, ...narrow, ...empty].map(name);
}"""


async def states(town: Site, arrive: Visit, language: str) -> AsyncIterator[tuple[str, Chatter]]:
    """Everything that the page can look like, one after the other."""
    async with line_to(town.url) as line:
        chatter = Chatter(await arrive(line.url, language=language, width=320), language)
        chatter.visitor.offline = True  # for a while, and at the end
        page = chatter.page
        await chatter.open()
        yield "start", chatter
        await page.get_by_text(chatter.word("code_title")).click()
        yield "code", chatter
        await page.get_by_role("button", name=chatter.word("begin")).click()
        await chatter.asked()
        yield "asked", chatter
        await chatter.tap_first()
        await chatter.field.fill("una\ndos\ntres\n" + "largo" * 40)
        await chatter.choose_file("1.jpg", "image/jpeg", b"-")
        yield "writing", chatter
        await page.get_by_role("button", name=chatter.word("unpick")).click()
        await line.cut()
        await chatter.field.press("Enter")
        await expect(page.get_by_role("button", name=chatter.word("retry"))).to_be_visible()
        yield "failed", chatter
        await line.mend()
        await page.locator("#watched").click()  # in French a choice has the same name
        await expect(page.locator("#cover li")).to_have_count(7, timeout=PATIENCE)
        yield "covered", chatter


@pytest.mark.parametrize("language", LANGUAGES)
async def test_in_every_state_it_fits_every_width_and_axe_finds_nothing(
    town: Site, arrive: Visit, language: str
) -> None:
    seen = []
    async for state, chatter in states(town, arrive, language):
        for width in WIDTHS:
            await chatter.page.set_viewport_size({"width": width, "height": HEIGHT})
            await fits(chatter.page, f"{state} {width}")
        await chatter.page.set_viewport_size({"width": 320, "height": 1400})  # so that nothing is below something else
        report = await axe.look(chatter.page)
        assert report.passed > 20
        assert (state, report.violations, report.unsure) == (state, [], [])
        seen.append(state)
    assert len(seen) == 6


async def fits(page: Page, what: str) -> None:
    """As soon as the page has heard of its new size."""

    async def whole() -> bool:
        return await page.evaluate(UNFIT) == []

    try:
        await until(whole)
    except TimeoutError:
        assert (what, await page.evaluate(UNFIT)) == (what, [])


async def test_by_keyboard_alone(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url, width=1280))
    page = chatter.page
    await chatter.open()
    await tab_to(page, chatter.word("begin"))
    await page.keyboard.press("Enter")
    await chatter.asked()
    await expect(chatter.field).to_be_focused()
    await tab_to(page, "Sí, puedo", back=True)
    await page.keyboard.press("Space")
    await expect(chatter.questions).to_have_count(2, timeout=PATIENCE)
    await tab_to(page, "Sí, 18 o más")  # from where the focus stayed
    await page.keyboard.press("Enter")
    await expect(chatter.questions).to_have_count(3, timeout=PATIENCE)
    await tab_to(page, chatter.word("write_here"))
    await page.keyboard.type("ya estoy")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("allá")
    await page.keyboard.press("Enter")
    await expect(chatter.mine.last).to_contain_text("ya estoy\nallá", use_inner_text=True)
    await expect(chatter.questions).to_have_count(4, timeout=PATIENCE)
    await tab_to(page, chatter.word("watched"), back=True)
    await page.keyboard.press("Enter")
    await tab_to(page, chatter.word("cover_back"))
    await page.keyboard.press("Enter")
    await expect(chatter.standing.first).to_have_text("Sí, puedo", timeout=PATIENCE)


async def tab_to(page: Page, name: str, *, back: bool = False) -> None:
    """Until what has this name, or this text, has the focus, and the focus can be seen."""
    for _ in range(30):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        found = await page.evaluate("""() => {
            const one = document.activeElement, style = getComputedStyle(one);
            const seen = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
            return [one.getAttribute("aria-label") ?? one.innerText, seen];
        }""")
        assert found[1], found
        if found[0] == name:
            return
    raise AssertionError(f"no way to {name}")


async def test_what_is_heard(town: Site, arrive: Visit) -> None:
    """A log that is read as it grows, whose words each are told, and a tapped choice that says so."""
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    await chatter.tap_first()
    log = chatter.page.get_by_role("log", name=chatter.word("messages"))
    await expect(log).to_contain_text(f"{chatter.word('they')}: Hola")
    await expect(log).to_contain_text(f"{chatter.word('you')}: Sí, puedo")
    tapped = chatter.page.get_by_role("button", name="Sí, puedo", pressed=True, disabled=True)
    await expect(tapped).to_have_count(1)
    await expect(chatter.page.get_by_role("button", name="Ahora no", disabled=True)).to_have_count(1)
    await tapped.dispatch_event("click")
    await expect(chatter.mine).to_have_count(1)


async def test_on_a_telephone_the_keyboard_stays_away_until_it_is_wanted(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url, touch=True))
    await chatter.begin()
    await expect(chatter.page.locator("#log")).to_be_focused()
    assert await chatter.field.evaluate("(field) => parseFloat(getComputedStyle(field).fontSize)") >= 16  # no zoom
    await expect(chatter.field).to_have_attribute("enterkeyhint", "send")
    await expect(chatter.field).to_have_attribute("spellcheck", "false")  # nothing is sent elsewhere to be checked
    await expect(chatter.field).to_have_attribute("autocomplete", "off")
    await chatter.page.set_viewport_size({"width": 390, "height": 360})  # as much as a keyboard leaves
    await fits(chatter.page, "keyboard")


async def test_who_reads_something_older_is_told_of_new_messages(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url, width=320))
    await chatter.page.set_viewport_size({"width": 320, "height": 480})
    await chatter.begin()
    await chatter.tap_first()
    more = chatter.page.get_by_role("button", name=chatter.word("new_message"))
    await more.click()
    await expect(more).to_be_hidden()
    await expect(chatter.standing.first).to_be_in_viewport(ratio=1)
    await chatter.field.fill("uno\ndos\ntres")  # the field grows, and what was in sight stays so
    await expect(chatter.standing.last).to_be_in_viewport(ratio=1)
