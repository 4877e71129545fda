"""A whole talk on the page, from the greeting to the receipt, as an officer reads it afterwards."""

from __future__ import annotations

import re
from typing import Any

from playwright.async_api import expect

from tests.browser.chatting import PATIENCE, Chatter
from tests.browser.conftest import Visit
from tests.browser.site import Site
from tests.samples import HIDDEN, picture_with_place, voice_note

RECEIPT = re.compile(r"\d{4} \d{4} \d{4} \d{4}")
STEPS = {
    "es": ["Sí, puedo", "Sí, 18 o más", "Ya estoy allá", "Ecuador", "Compartir", "Quien pueda ayudar", "Saltar", "No",
           "No", "No", "No", "No", "Muchas horas", "No", "Trabajar", "Es todo", "No", "Ecuador"],
    "en": ["Yes, I can", "> I am 31", "> I am already there", "> I am in Colombia", "Anonymous", "Skip", "Yes",
           "> yes, the boss locked them in the office", "No", "Yes", "No", "> they don't pay me", "Yes", "> farm work",
           "> that's all", "No", "> from Ghana"],
}  # fmt: skip


async def told(town: Site, arrive: Visit, language: str) -> Chatter:
    """Up to the question for own words."""
    chatter = Chatter(await arrive(town.url, language=language), language)
    await chatter.begin()
    await chatter.walk(STEPS[language])
    return chatter


async def test_from_greeting_to_receipt_in_english_and_back_by_its_code(town: Site, arrive: Visit) -> None:
    chatter = await told(town, arrive, "en")
    await chatter.walk(["> We are nine people in a shed\nbehind the quarry road"])
    await chatter.tap("Talk to someone")
    await chatter.hear("Booking ref")
    [body] = await bodies(town, "en")
    assert (body["source"]["channel"], body["tier"]) == ("web", "P1")
    assert "behind the quarry road" in str(body)
    assert "locked them in the office" in str(body)
    [code] = RECEIPT.findall(await chatter.shown())
    await come_back(town, arrive, code)


async def bodies(town: Site, language: str) -> list[dict[str, Any]]:
    """What officers got of talks in this language."""
    return [body for body in await town.house.bodies("coat") if body["source"]["language"] == language]


async def come_back(town: Site, arrive: Visit, code: str) -> None:
    """On another telephone. A wrong code opens nothing; the right one leads to the safety question."""
    again = Chatter(await arrive(town.url, language="en"), "en")
    await again.open()
    await again.give_code(code[::-1])
    await expect(again.page.get_by_role("alert")).to_have_text(again.word("code_wrong"), timeout=PATIENCE)
    assert [fault for fault in again.visitor.faults if "404" not in fault] == []  # the browser's own line about it
    again.visitor.faults.clear()
    await again.give_code(code)
    await again.asked()
    await expect(again.standing.first).to_have_text("Yes, I can")
    assert code not in await again.shown()


async def test_from_greeting_to_receipt_in_spanish_with_a_picture_and_a_recording(town: Site, arrive: Visit) -> None:
    chatter = await told(town, arrive, "es")
    for name, media_type, data in (("1.jpg", "image/jpeg", picture_with_place()), ("2.ogg", "audio/ogg", voice_note())):
        await chatter.page.locator("#pick").set_input_files({"name": name, "mimeType": media_type, "buffer": data})
        await expect(chatter.page.locator("#file")).to_contain_text(
            chatter.word("photo_place" if name == "1.jpg" else "other_place")
        )
        await chatter.page.get_by_role("button", name=chatter.word("send")).click()
        await expect(chatter.theirs.filter(has_text=chatter.says("attachment_ok"))).to_have_count(
            int(name[0]), timeout=10_000
        )
    await chatter.walk(["Nada por ahora"])
    await chatter.tap("No me contacten")
    await chatter.hear("Reserva")
    opened = (await town.house.reports("coat"))[-1]
    files = {name: data for name, data in opened.parts.items() if name.startswith("att/")}
    assert sorted(files) == ["att/1.jpg", "att/2.ogg"]
    assert HIDDEN not in files["att/1.jpg"]
    assert files["att/2.ogg"] == voice_note()
    assert await bodies(town, "es")


async def test_a_file_that_is_too_big_is_told_before_it_is_sent(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    # As large as the limit, and one byte more.
    await chatter.page.locator("#pick").evaluate("""(pick) => {
        const files = new DataTransfer();
        files.items.add(new File([new Uint8Array(20 * 1024 * 1024 + 1)], "1.jpg", { type: "image/jpeg" }));
        pick.files = files.files;
        pick.dispatchEvent(new Event("change"));
    }""")
    await expect(chatter.page.locator("#news")).to_have_text(chatter.word("too_big"))
    await expect(chatter.page.locator("#file")).to_be_hidden()
    await expect(chatter.mine).to_have_count(0)


async def test_a_chosen_file_can_be_taken_back(town: Site, arrive: Visit) -> None:
    chatter = Chatter(await arrive(town.url))
    await chatter.begin()
    await chatter.choose_file("1.pdf", "application/pdf", b"%PDF-")
    await chatter.page.get_by_role("button", name=chatter.word("unpick")).click()
    await chatter.page.get_by_role("button", name=chatter.word("send"), exact=True).click()
    await expect(chatter.page.locator("#file")).to_be_hidden()
    await expect(chatter.mine).to_have_count(0)
