"""Whole talks on the page, with a worker and the engine: leaving, hiding, and what an officer opens in the end."""

from __future__ import annotations

from sqlalchemy import text

from tests.house import House
from tests.promises import TO_CONSENT, WHOLE, tell
from tests.samples import picture_with_place


async def test_after_the_pages_exit_nothing_is_left_of_the_conversation(house: House) -> None:
    page = await house.page()
    await tell(house, page, TO_CONSENT)
    await page.sign("exit")
    await house.quiet()
    assert [await house.count(table) for table in ("conversations", "inbox", "outbox", "attachments")] == [0] * 4


async def test_a_written_exit_word_clears_the_page_then_one_bland_word_and_the_next_talk_is_new(house: House) -> None:
    page = await house.page()
    await tell(house, page, ["hola", "1", "salir"])
    assert page.screen == [page.seen[-1].text] == ["Listo. Que tenga un buen viaje."]
    assert "erase" in page.events[-2]
    assert (await house.count("conversations"), await house.count("mail")) == (0, 2)
    await tell(house, page, ["hola"])
    assert "con calma" in page.seen[-1].text


async def test_somebody_is_near_whatever_stands_and_the_buttons_words_are_in_no_report(house: House) -> None:
    page = await house.page()
    covers = 0
    for number, said in enumerate([*WHOLE, "algo más de Morrocoy"]):
        if number % 4 == 0:
            await page.sign("watched")
            await house.quiet()
            assert page.events[-1]["key"].startswith("cover_")
            await page.sign("resume")
            await house.quiet()
            covers += 1
            if number:
                await page.tap("Sí, puedo")
                await house.quiet()
        if number or covers == 0:
            await page.say(said)
            await house.quiet()
    assert covers >= 6
    everything = b"".join(part for opened in await house.reports("coat") for part in opened.parts.values())
    assert b"Morrocoy" in everything
    assert b"no puedo hablar" not in everything
    assert b"SEGUIR" not in everything


async def test_a_whole_talk_on_the_page_leads_to_a_receipt_and_a_report_that_an_officer_opens(house: House) -> None:
    page = await house.page()
    await tell(house, page, WHOLE[:-5])
    assert await page.photo(picture_with_place(), "mire a Bajamar") == 202
    await house.quiet()
    await page.hang_up()
    await page.say("2")
    await house.quiet()
    held = await _mail(house)
    assert held
    assert not any(word in held for word in (b"Morrocoy", b"escriba", page.address.encode()[:20]))
    page.listen()
    await tell(house, page, [*WHOLE[-4:], "saltar"])  # a page asks for another way to be reached: one question more
    assert "receipt" in [event.get("key") for event in page.events]
    (opened,) = await house.reports("coat")
    (body,) = await house.bodies("coat")
    assert (body["source"]["channel"], body["partial"], body["contact"]["address"]) == ("web", None, None)
    everything = b"".join(opened.parts.values())
    assert b"Vivo en Morrocoy" in everything
    assert page.address.encode() not in everything
    assert [attachment["media_type"] for attachment in body["attachments"]] == ["image/jpeg"]


async def _mail(house: House) -> bytes:
    async with house.service.database.begin() as tx:
        return b"".join(bytes(body) for (body,) in await tx.execute(text("SELECT body FROM mail")))
