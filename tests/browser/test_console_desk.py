"""An officer's way through the page, in a real browser against the real console on a real database."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from bot import officer_view
from storage import audit, envelope, identity, roster_draft
from storage.age import ScryptRecipient, encrypt
from storage.envelope import Opened, Part
from tests.browser.conftest import Visit
from tests.browser.desk import PATIENCE, Desk
from tests.browser.officers import Office
from tests.browser.site import Site
from tests.browser.spoilt import flipped
from tests.interop.test_conversations import WORDS, sealed_report
from tests.samples import picture_with_place

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\n\u202egnp.exe\u2069 \u200bzero\u200d \x1b[2J"
    "\n    > <b>own</b> words\nTITLE\n" + "-" * 72 + "\nمرحبا &amp; ñandú"
)


async def by_program(office: Office, report_id: bytes) -> Opened:
    key = office.officers.keys["coat"].identity
    return envelope.open_report(
        await office.sealed(report_id), key, sealer_public=office.keys.sealer_key().public_key()
    )


async def test_an_officer_signs_in_reads_what_the_command_shows_takes_it_and_leaves(
    office: Office, arrive: Visit
) -> None:
    urgent, other = await office.file(tier="P0"), await office.file(tier="P3", many=True)
    await office.file(unit="icbf")
    desk = Desk(await arrive(office.url), office)
    await desk.sign_in()
    rows = desk.page.locator("#reports > li")
    assert [await row.locator(".tier").inner_text() for row in await rows.all()] == ["P0", "P3"]
    assert await rows.locator(".mark").all_inner_texts() == [desk.word("list.many")]

    await desk.open(urgent)
    opened = await by_program(office, urgent)
    shown = officer_view.lines(opened, office.roster)
    assert await desk.lines() == [officer_view.plain(line) for line in opened.parts["report.txt"].decode().splitlines()]
    assert "\n".join(await desk.lines()) in "\n".join(shown)
    await expect(desk.page.locator("#readers")).to_have_text(desk.word("report.readers", list="officer-coat (coat)"))
    await desk.button(desk.word("list.have")).click()
    await expect(desk.page.locator("#news")).to_have_text(desk.word("list.noted"))
    await expect(desk.page.locator("#state")).to_have_text(desk.word("list.had", officer="officer-coat"))

    await desk.button(desk.say("back")).click()
    await expect(desk.page.locator(f"#open-{urgent.hex()}")).to_be_focused()
    assert await rows.locator(".state").all_inner_texts() == [
        desk.word("list.had", officer="officer-coat"), desk.word("list.waits")
    ]  # fmt: skip
    await rows.nth(1).get_by_role("button", name=desk.word("list.have")).click()
    await expect(desk.page.locator(f"#open-{other.hex()}")).to_be_focused()

    token = await granted(desk)
    await desk.button(desk.say("leave")).click()
    await expect(desk.heading).to_have_text(desk.say("ended_title"))
    assert "llegué" not in await desk.page.content()
    answer = await desk.visitor.context.request.get("/api/reports", headers={"Authorization": token})
    assert answer.status == 401


async def granted(desk: Desk) -> str:
    """The header by which this officer asks."""
    sent = [await request.all_headers() for request in desk.visitor.asked if "/api/reports" in request.url]
    return sent[-1]["authorization"]


async def test_what_a_person_wrote_is_text_and_every_hidden_sign_is_seen(office: Office, arrive: Visit) -> None:
    report_id = await office.file(text=HOSTILE.encode())
    desk = Desk(await arrive(office.url), office)
    await desk.sign_in()
    await desk.open(report_id)
    assert await desk.lines() == [officer_view.plain(line) for line in HOSTILE.splitlines()]
    assert await desk.page.locator("#text").locator("script, img, b").count() == 0
    assert await desk.page.locator("#text .sign").all_inner_texts() == ["<U+202E>", "<U+2069>", "<U+200B>", "<U+001B>"]
    await expect(desk.page.locator("#text h3")).to_have_text("TITLE")


async def test_attachments_are_shown_and_everything_is_saved_as_the_command_saves_it(
    office: Office, arrive: Visit, tmp_path: Path
) -> None:
    large = os.urandom(envelope.DETACH_ABOVE + 1)
    parts = [Part("att/1.jpg", picture_with_place()), Part("att/2.png", b"no picture"), Part("att/10.mp4", large)]
    report_id = await office.file(*parts)
    opened = await by_program(office, report_id)
    desk = Desk(await arrive(office.url), office)
    await desk.sign_in()
    await desk.open(report_id)
    files = desk.page.locator(".files li")
    assert await files.locator("b").all_inner_texts() == ["1.jpg", "2.png", "10.mp4"]
    await files.nth(0).get_by_role("button", name=desk.word("report.show")).click()
    picture = desk.page.get_by_role("img", name=desk.word("report.picture", name="1.jpg"))
    await expect(picture).to_be_visible()
    assert await picture.evaluate("async (image) => (await image.decode(), image.naturalWidth)") > 0
    await files.nth(1).get_by_role("button", name=desk.word("report.show")).click()
    await expect(desk.page.locator("#news")).to_have_text(desk.word("report.no_picture"))
    await expect(files.nth(2).get_by_role("button", name=desk.word("report.show"))).to_be_hidden()

    saved = officer_view.save(opened, {"att/10.mp4": large}, tmp_path / "saved")
    expected = {path.name: path.read_bytes() for path in saved}
    buttons = [files.nth(place).get_by_role("button", name=desk.word("save.save")) for place in range(3)]
    buttons += [desk.button(desk.word(f"save.{name}")) for name in ("report.txt", "report.json")]
    assert dict([await desk.save(button) for button in buttons]) == expected
    sealed = await desk.save(desk.button(desk.word("save.age")))
    assert sealed == (f"{report_id.hex()}.age", await office.sealed(report_id))


async def test_a_report_that_was_changed_or_exchanged_is_refused_loudly_and_nothing_of_it_is_shown(
    office: Office, arrive: Visit
) -> None:
    changed, kept = await office.file(spoil=flipped), await office.file()
    kept_file = await office.sealed(kept)
    exchanged = await office.file(spoil=lambda data: kept_file)
    desk = Desk(await arrive(office.url), office)
    await desk.sign_in()
    for report_id, code in ((changed, "PayloadFailure"), (exchanged, "WrongReport")):
        await desk.open(report_id)
        await expect(desk.alert).to_contain_text(desk.word(f"refused.{code}"))
        await expect(desk.page.locator("#report-body")).to_contain_text(code)
        assert await desk.page.locator("#text, .files").count() == 0
        await desk.button(desk.say("back")).click()


async def test_what_does_not_sign_in_is_told_and_sends_nothing(office: Office, arrive: Visit, tmp_path: Path) -> None:
    desk = Desk(await arrive(office.url), office)
    await desk.arrive()
    await desk.button(desk.say("go")).click()
    await expect(desk.alert).to_have_text(desk.word("signin.no_file"))
    key = office.officers.keys["coat"]
    await desk.give(office.key_file(key), "wrong-passphrase")
    await expect(desk.alert).to_have_text(desk.word("signin.WrongPassphrase"))
    no_key = tmp_path / "report.age"
    no_key.write_bytes(encrypt(b"no key", [ScryptRecipient("x", 4)]))
    await desk.give(no_key, "x")
    await expect(desk.alert).to_have_text(desk.word("signin.KeyFileRefused"))
    await desk.give(office.key_file(identity.new_key()))
    await expect(desk.alert).to_have_text(desk.word("signin.unknown"))
    assert [request.url for request in desk.visitor.asked if request.method != "GET"] == []
    await desk.give(office.key_file(key))
    await expect(desk.heading).to_have_text(desk.word("list.title", unit="COAT"), timeout=PATIENCE)


async def test_an_officer_who_is_taken_out_of_the_roster_is_out(office: Office, arrive: Visit) -> None:
    await office.file()
    visitor = await arrive(office.url)
    desk = Desk(visitor, office)
    await desk.sign_in()
    visitor.told = (401,)
    office.sign(roster_draft.remove_officer(office.roster_file.read_bytes(), "officer-coat"))
    await desk.button(desk.say("look_again")).click()
    await expect(desk.page.locator("#why-ended")).to_have_text(desk.word("ended.server"))
    await desk.button(desk.say("begin")).click()
    await expect(desk.heading).to_have_text(desk.say("signin_title"))
    await desk.give(office.key_file(office.officers.keys["coat"]))
    await expect(desk.alert).to_have_text(desk.word("signin.unknown"))


async def test_after_a_quarter_of_an_hour_without_use_the_key_is_forgotten(office: Office, arrive: Visit) -> None:
    report_id = await office.file()
    desk = Desk(await arrive(office.url), office)
    await desk.page.clock.install()
    await desk.sign_in()
    await desk.open(report_id)
    await desk.page.clock.fast_forward(14 * 60_000 + 5_000)
    await expect(desk.page.locator("#news")).to_have_text(desk.word("ended.soon"))
    await desk.page.keyboard.press("Shift")
    await desk.page.clock.fast_forward(2_000)
    await expect(desk.page.locator("#news")).to_have_text("")
    await desk.page.clock.fast_forward(15 * 60_000)
    await expect(desk.page.locator("#why-ended")).to_have_text(desk.word("ended.idle"))
    assert await desk.page.locator("#text").count() == 0
    assert desk.page.workers == []


async def test_after_eight_hours_every_session_ends(office: Office, arrive: Visit) -> None:
    desk = Desk(await arrive(office.url), office)
    await desk.page.clock.install()
    await desk.sign_in()
    for _ in range(8 * 5):
        await desk.page.keyboard.press("Shift")
        await desk.page.clock.fast_forward(12 * 60_000)
    await expect(desk.page.locator("#why-ended")).to_have_text(desk.word("ended.long"))


async def test_a_key_whose_days_are_over_is_told_so(office: Office, arrive: Visit) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    card = office.officers.keys["icbf"].card("officer-icbf")
    draft = office.roster_file.read_bytes()
    office.sign(roster_draft.add_officer(draft, "icbf", card, yesterday - timedelta(days=9), yesterday))
    desk = Desk(await arrive(office.url), office)
    await desk.arrive()
    await desk.give(office.key_file(office.officers.keys["icbf"]))
    since = str(yesterday - timedelta(days=9))
    await expect(desk.alert).to_have_text(desk.word("signin.not_today", until=str(yesterday), **{"from": since}))


@pytest.mark.alone
async def test_a_report_of_twenty_kilobytes_is_open_within_a_second(office: Office, arrive: Visit) -> None:
    text = "    > palabras de alguien, y otras más que siguen\n" * 400
    report_id = await office.file(text=text.encode())
    desk = Desk(await arrive(office.url), office)
    await desk.sign_in()
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        await desk.open(report_id)
        times.append(time.perf_counter() - begun)
        assert len(await desk.lines()) == 400
        await desk.button(desk.say("back")).click()
    assert min(times) < 1


async def test_what_somebody_told_the_bot_is_read_here_by_the_officer(town: Site, arrive: Visit) -> None:
    """A whole conversation, sealed and filed by the worker; the console on the same database and folder."""
    row = await sealed_report(town.house, "telegram")
    async with Office.beside(town.house) as office:
        desk = Desk(await arrive(office.url), office)
        await desk.sign_in()
        await desk.open(row.id)
        assert any(WORDS in line for line in await desk.lines())
        await desk.button(desk.word("list.have")).click()
        await expect(desk.page.locator("#state")).to_have_text(desk.word("list.had", officer="officer-coat"))
        await town.house.quiet()
        async with office.database.begin() as tx:
            chain = [row.body.decode() for row in await audit.rows(tx)]
        told = [event for event in ("sealed", "fetched", "acknowledged") for body in chain if f'"{event}"' in body]
        assert told == ["sealed", "fetched", "acknowledged"]
