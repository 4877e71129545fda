"""Somebody is near: the page is bland at once, and what it showed before never comes back."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.chatting import PATIENCE, WORDS, Chatter
from tests.browser.conftest import Visit
from tests.browser.line import line_to
from tests.browser.site import Site

OPENING = "personas a quienes alguien engaña"  # of what is said once it is safe to write
READY = "Sí, puedo"


async def told(town: Site, arrive: Visit, home: str = "") -> Chatter:
    """Somebody who has read what this is about, and has written a secret."""
    chatter = Chatter(await arrive(home or town.url))
    await chatter.begin()
    await chatter.tap_first()
    assert OPENING in await chatter.shown()
    return chatter


async def bland(chatter: Chatter) -> None:
    """Only tips are on the page, and nothing else is in it."""
    page = chatter.page
    await expect(page.get_by_role("heading", name=chatter.word("cover_title"))).to_be_visible()
    for line in WORDS.lines("chat.cover_lines", chatter.language):
        await expect(page.get_by_text(line, exact=True)).to_be_visible()
    await expect(page.locator("#log")).to_be_hidden()
    await expect(page.locator(".message, .choice")).to_have_count(0)
    assert OPENING not in await chatter.shown()
    assert await page.title() == chatter.word("title")


async def cover(chatter: Chatter) -> None:
    await chatter.page.get_by_role("button", name=chatter.word("watched")).click()
    await bland(chatter)


async def back(chatter: Chatter) -> None:
    await chatter.page.get_by_role("button", name=chatter.word("cover_back")).click()


async def test_one_tap_covers_and_the_way_back_leads_to_the_safety_question(town: Site, arrive: Visit) -> None:
    chatter = await told(town, arrive)
    await chatter.field.fill("a medio escribir")
    await cover(chatter)
    await back(chatter)
    await chatter.asked()
    await expect(chatter.standing.first).to_have_text(READY)
    assert OPENING not in await chatter.shown()
    await expect(chatter.field).to_have_value("")


async def test_the_word_for_coming_back_does_too_and_any_other_word_does_not(town: Site, arrive: Visit) -> None:
    chatter = await told(town, arrive)
    await cover(chatter)
    tips = chatter.page.locator("#cover li")
    await expect(tips).to_have_count(7, timeout=PATIENCE)  # the server's own line came
    await chatter.say("¿qué es esto?")
    await expect(tips).to_have_count(8, timeout=PATIENCE)
    await bland(chatter)
    await chatter.say("continuar")
    await chatter.asked()
    await expect(chatter.standing.first).to_have_text(READY)


async def test_words_of_the_talk_cover_the_page_as_well(town: Site, arrive: Visit) -> None:
    chatter = await told(town, arrive)
    await chatter.say("hay alguien cerca")
    await expect(chatter.page.locator("#cover li")).to_have_count(7, timeout=PATIENCE)
    await bland(chatter)


async def test_an_answer_that_was_under_way_is_not_shown_on_it(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    await chatter.page.evaluate("document.querySelector('.choice').click(), document.getElementById('watched').click()")
    await expect(chatter.page.locator("#cover li")).to_have_count(7, timeout=PATIENCE)
    await bland(chatter)


async def test_it_covers_without_network_and_opens_only_when_the_server_knows(town: Site, arrive: Visit) -> None:
    async with line_to(town.url) as line:
        chatter = await told(town, arrive, line.url)
        chatter.visitor.offline = True
        await line.cut()
        await cover(chatter)
        await back(chatter)
        await bland(chatter)
        await line.mend()
        await chatter.asked()
        await expect(chatter.standing.first).to_have_text(READY)


async def test_it_covers_before_the_first_word_too(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.open()
    await cover(chatter)
    await back(chatter)
    await expect(chatter.page.get_by_role("button", name=chatter.word("begin"))).to_be_visible()
    assert not any("/chat/" in request.url for request in chatter.visitor.asked)


async def test_a_page_that_was_loaded_again_while_covered_stays_so(town: Site, arrive: Visit) -> None:
    chatter = await told(town, arrive)
    await chatter.page.get_by_role("checkbox", name=chatter.word("keep")).check()
    await cover(chatter)
    await chatter.page.reload()
    await bland(chatter)
    await back(chatter)
    await chatter.asked()
    await expect(chatter.standing.first).to_have_text(READY)


async def test_an_exit_word_on_it_leaves_it_bland(town: Site, arrive: Visit) -> None:
    chatter = await told(town, arrive)
    await cover(chatter)
    await chatter.say("salir")
    await expect(chatter.page.locator("#cover li").first).to_have_text(chatter.says("exit"), timeout=PATIENCE)
    await bland(chatter)
