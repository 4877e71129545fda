"""The line breaks, is held back, or loses an answer: everything arrives, once and in order."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.async_api import Route, expect

from bot.texts import shipped as texts
from tests.browser.chatting import PATIENCE, Chatter
from tests.browser.conftest import Visit
from tests.browser.landing import until
from tests.browser.line import line_to
from tests.browser.proxy import Kind, proxy_to
from tests.browser.site import Site

# Names of languages, each answered in its own.
ASKED = ("English", "français", "español", "português")
ANSWERS = tuple(texts()("language_changed", code) for code in ("en", "fr", "es", "pt"))


async def answered(chatter: Chatter, answers: Sequence[str]) -> None:
    """Each once, in this order; every message of the person is sent."""
    await chatter.hear(answers[-1])
    told = await chatter.theirs.all_inner_texts()
    found = [answer for text in told for answer in ANSWERS if answer in text]
    assert found == list(answers)
    states = await chatter.mine.evaluate_all("(all) => all.map((one) => one.dataset.state)")
    assert set(states) == {"sent"}


async def test_what_is_written_without_network_arrives_once_and_in_order(town: Site, arrive: Visit) -> None:
    async with line_to(town.url) as line:
        chatter = Chatter(await arrive(line.url))
        await chatter.begin()
        await chatter.tap_first()
        chatter.visitor.offline = True
        await line.cut()
        for text in ASKED:
            await chatter.say(text)
        await expect(chatter.page.locator("#news")).to_have_text(chatter.word("offline"))
        await expect(chatter.page.locator(".mine[data-state=failed]")).to_have_count(4)
        await expect(chatter.page.get_by_role("button", name=chatter.word("retry"))).to_have_count(4)
        await line.mend()
        await chatter.page.get_by_role("button", name=chatter.word("retry")).first.click()
        await answered(chatter, ANSWERS)
        await expect(chatter.page.locator("#news")).to_have_text(chatter.word("online"))


async def test_it_is_sent_again_without_a_tap_and_answers_of_the_meantime_come_too(town: Site, arrive: Visit) -> None:
    async with line_to(town.url) as line:
        chatter = Chatter(await arrive(line.url))
        await chatter.begin()
        chatter.visitor.offline = True
        await line.cut()
        await chatter.say(ASKED[0])
        await expect(chatter.page.locator(".mine[data-state=failed]")).to_have_count(1)
        await line.mend()
        await chatter.hear(ANSWERS[0])
        await chatter.say(ASKED[1])
        await line.cut()  # the question is on its way, or its answer
        await town.house.quiet()
        await line.mend()
        await answered(chatter, ANSWERS[:2])


async def test_a_message_whose_acknowledgement_got_lost_has_no_second_effect(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    ids: list[str] = []

    async def lose_first(route: Route) -> None:
        ids.append(route.request.post_data_json["id"])
        if len(ids) > 1:
            await route.continue_()
            return
        assert (await route.fetch()).status == 202
        await route.abort("connectionreset")

    chatter.visitor.offline = True
    await chatter.page.route("**/chat/messages", lose_first)
    await chatter.say(ASKED[0])
    await expect(chatter.mine).to_have_attribute("data-state", "sent")
    await chatter.say(ASKED[1])
    await answered(chatter, ANSWERS[:2])
    assert len(ids) == 3
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize("kind", ["holds", "cuts"])
async def test_where_a_proxy_lets_no_stream_through_the_page_asks_instead(
    kind: Kind, town: Site, arrive: Visit
) -> None:
    async with proxy_to(town.url, kind) as home:
        chatter = Chatter(await arrive(home))
        await chatter.page.clock.install()
        await chatter.open()
        async with chatter.page.expect_request("**/chat/events"):
            await chatter.page.get_by_role("button", name=chatter.word("begin")).click()

        async def asked() -> bool:
            await chatter.page.clock.run_for(500)  # of the page's patience; nobody here waits so long
            return await chatter.standing.count() > 0

        await until(asked)
        await chatter.say(ASKED[0])
        await answered(chatter, ANSWERS[:1])
        ways = [request.headers["accept"] for request in chatter.visitor.asked if "/chat/events" in request.url]
        assert ways.count("text/event-stream") == {"holds": 1, "cuts": 3}[kind]
        assert ways[-1] == "application/json"
        await chatter.say("SALIR")
        await expect(chatter.page.locator(".message")).to_contain_text([texts()("exit", "en")], timeout=PATIENCE)
        chatter.visitor.offline = True


async def test_a_kept_talk_goes_on_after_a_reload_and_no_word_of_it_is_stored(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.open()
    await chatter.page.get_by_role("checkbox", name=chatter.word("keep")).check()
    await chatter.page.get_by_role("button", name=chatter.word("begin")).click()
    await chatter.asked()
    await chatter.tap_first()
    stored = await chatter.page.evaluate("Object.values(sessionStorage).join()")
    assert sorted(await chatter.page.evaluate("Object.keys(JSON.parse(Object.values(sessionStorage)[0]))")) == [
        "covered", "handle", "language", "last"]  # fmt: skip
    standing = await chatter.standing.all_inner_texts()
    assert len(standing) == 3
    assert not any(title in stored for title in standing)
    await chatter.page.reload()
    await chatter.asked()
    assert await chatter.standing.all_inner_texts() == standing
    await chatter.page.get_by_role("checkbox", name=chatter.word("keep")).uncheck()
    await chatter.page.reload()
    await expect(chatter.page.get_by_role("button", name=chatter.word("begin"))).to_be_visible()


async def test_a_talk_that_is_over_says_so_and_what_was_not_sent_begins_another(town: Site, arrive: Visit) -> None:
    """The handle was taken back: by an exit on another page of the same talk."""
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    handle = next(request.headers["authorization"] for request in chatter.visitor.asked if "/events" in request.url)
    answer = await chatter.page.request.post("/chat/messages", data={"id": "another-page", "sign": "exit"},
                                             headers={"Authorization": handle})  # fmt: skip
    assert answer.status == 202
    chatter.visitor.offline = True
    await chatter.say("hola otra vez")
    await expect(chatter.page.locator("#news")).to_have_text(chatter.word("ended"), timeout=PATIENCE)
    await chatter.page.get_by_role("button", name=chatter.word("begin")).click()
    await chatter.asked()
    chatter.visitor.faults[:] = [fault for fault in chatter.visitor.faults if "403" not in fault]
