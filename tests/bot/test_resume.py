"""Coming back by receipt code: a whole thread from the report to its withdrawal, and everybody who may not."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import text

from bot import placement_codes, placements
from bot.channels import Incoming, Received
from bot.conversation import Talk
from bot.errors import Busy, NoSuchCode
from bot.ingest import ingest
from bot.receipts import WAITING, Receipts
from bot.resume import begin_again
from storage import conversations, receipt, rotation
from tests.bot.test_filing import ANONYMOUS, PLAN, QUESTIONS, SHARED_AT_HOME, WORDED, tell
from tests.channels.platforms.phone import Phone
from tests.channels.platforms.web import StreamingPhone
from tests.engine import Engine
from tests.house import House, furnished

TOLD = "duermo en la bodega"  # in every report of these
LATER = "me cambiaron a la finca de Tolondro"


def code_of(phone: Phone) -> str:
    (code,) = [seen.text.removeprefix("Reserva ") for seen in phone.seen if seen.text.startswith("Reserva ")]
    return code


async def come_back(house: House, code: str, language: str = "") -> Phone:
    """Another telephone, from which nobody wrote before."""
    phone = await house.phone("telegram")
    await begin_again(house.service, code, "telegram", phone.address, language)
    await house.quiet()
    return phone


async def say(house: House, phone: Phone, *lines: str) -> list[str]:
    """What comes after the last of these lines."""
    for line in lines:
        await phone.expect(len(phone.unread))
        await phone.say(line)
        await house.quiet()
    return [seen.text for seen in phone.unread]


async def sql(house: House, statement: str) -> Any:
    async with house.service.database.begin() as tx:
        return (await tx.execute(text(statement))).all()


async def state_of(house: House, phone: Phone) -> Talk:
    channel = "web" if isinstance(phone, StreamingPhone) else "telegram"
    async with house.service.database.begin() as tx:
        found = await conversations.admit(tx, house.service.keys, channel, phone.address, house.clock())
        opened = await conversations.lock(tx, house.service.keys, found.id)
    assert opened
    assert opened.state
    return Talk.from_json(opened.state)


async def test_whoever_has_the_code_adds_to_the_report_at_the_same_units_and_takes_all_of_it_back(house: House) -> None:
    first = await tell(house, SHARED_AT_HOME)
    code = code_of(first)
    await first.say("SALIR")  # no conversation is left of it
    await house.quiet()
    (original,) = await house.bodies("fiscalia")

    phone = await come_back(house, code)
    assert [seen.text for seen in phone.seen][-1].startswith("¿Puede escribir con calma")
    said = await say(house, phone, "1")
    assert [line[:20] for line in said] == ["Lo suyo ya quedó rec", "Puede cambiar de ide"]
    assert (await say(house, phone, LATER))[0].startswith("Recibido.")

    for unit in ("coat", "fiscalia"):
        _, added = await house.bodies(unit)
        assert added["follows"] == original["report_id"]
        assert added["partial"] == {"cause": "more"}
        assert [said["text"] for said in added["story"]] == [LATER]
        assert (added["tier"], added["consent"]["units"]) == (original["tier"], original["consent"]["units"])
        assert added["flags"] == [*original["flags"], "by_code"]
        assert added["contact"] == original["contact"] | {
            "choice": "not_asked", "address": None, "how": [], "when": [], "words": [], "if_another": [],
            "time_zone": None,
        }  # fmt: skip
    assert [len(await house.reports(unit)) for unit in ("icbf", "fiscalia-es")] == [0, 0]

    again = await come_back(house, code)
    await say(house, again, "1", "y hay otras dos personas")
    newest = (await house.bodies("coat"))[-1]
    assert newest["follows"] == (await house.bodies("coat"))[1]["report_id"]

    await say(house, again, "RETIRAR")
    assert [await house.reports(unit) for unit in ("coat", "fiscalia")] == [[], []]
    assert await house.count("reports WHERE withdrawn IS NOT NULL") == 3
    assert await house.count("receipts") == 0


async def test_E33_nothing_that_was_written_is_shown_to_whoever_comes_back_by_code(house: House) -> None:
    first = await tell(house, [*SHARED_AT_HOME, "también está Bajamar"])
    phone = await come_back(house, code_of(first))
    await say(house, phone, "1", "¿qué escribí antes?", "english", "what did i write?", "¿ya leyeron mi reporte?")
    shown = "\n".join(seen.text for seen in phone.seen).casefold()
    for word in (TOLD, "bajamar", *PLAN[1:], "fiscalía recibió", first.address):
        assert word.casefold() not in shown, word


async def test_what_is_asked_about_the_status_is_answered_with_the_one_text(house: House) -> None:
    phone = await come_back(house, code_of(await tell(house, ANONYMOUS)))
    said = await say(house, phone, "1", "¿ya leyeron mi reporte?")
    assert said[0].startswith("Sobre lo que se envió: recibido")
    assert await house.count("reports") == 1


async def test_E31_by_code_too_the_chosen_word_comes_first_and_without_it_nothing_tells_of_a_report(
    house: House,
) -> None:
    code = code_of(await tell(house, WORDED))
    phone = await come_back(house, code)
    assert "palabra" in (await say(house, phone, "1"))[-1]
    await say(house, phone, "rosa", "clavel", "lirio")
    assert not any("quedó rec" in seen.text or "RETIRAR" in seen.text for seen in phone.seen)
    await say(house, phone, LATER)
    assert await house.count("reports") == 1  # nothing of whoever does not know it is added
    knows = await come_back(house, code)
    assert (await say(house, knows, "1", "zarzamora"))[0].startswith("Lo suyo ya quedó rec")


async def test_E18_one_word_takes_all_back_before_the_secret_one_and_the_line_that_answers_tells_nothing(
    house: House,
) -> None:
    phone = await come_back(house, code_of(await tell(house, WORDED)))
    said = await say(house, phone, "1", "RETIRAR")
    assert said == ["Listo. Que tenga un buen viaje."]
    assert await house.reports("coat") == []


async def test_the_word_itself_is_nowhere_and_its_digest_only_under_the_code(house: House) -> None:
    phone = await tell(house, WORDED)
    state = await state_of(house, phone)
    assert state.entrance
    rows = str(await sql(house, "SELECT encode(memo, 'escape') FROM receipts"))
    assert state.entrance.digest not in rows
    assert "zarzamora" not in rows.casefold()


@pytest.mark.parametrize("gone", ["withdrawn", "deleted"])
async def test_a_code_whose_report_is_gone_is_like_one_that_was_never_given(house: House, gone: str) -> None:
    first = await tell(house, ANONYMOUS)
    code = code_of(first)
    if gone == "withdrawn":
        await say(house, first, "RETIRAR")
    else:
        await sql(house, "DELETE FROM reports RETURNING 1")
    before = await house.count("conversations")
    with pytest.raises(NoSuchCode):
        await come_back(house, code)
    assert await house.count("conversations") == before


async def test_wrong_and_mistyped_codes_begin_nothing_and_only_the_former_cost_a_derivation(house: House) -> None:
    code = code_of(await tell(house, ANONYMOUS)).replace(" ", "")
    before = await house.count("conversations")
    mistyped = [code[:-1] + str((int(code[-1]) + 1) % 10), code[:-1], "", "hola", code[1] + code[0] + code[2:]]
    for wrong in mistyped if code[0] != code[1] else mistyped[:-1]:
        with pytest.raises(NoSuchCode):
            await come_back(house, wrong)
    assert house.service.receipts.pause == 0
    with pytest.raises(NoSuchCode):
        await come_back(house, receipt.new_code())
    assert house.service.receipts.pause > 0
    assert await house.count("conversations") == before


async def test_the_code_of_another_installation_fits_nothing_here(house: House) -> None:
    code = code_of(await tell(house, ANONYMOUS))
    elsewhere = replace(house.service, receipts=Receipts(lambda: [bytes(32)]))
    phone = await house.phone("telegram")
    with pytest.raises(NoSuchCode):
        await begin_again(elsewhere, code, "telegram", phone.address)
    await begin_again(house.service, re.sub(" ", "-", code), "telegram", phone.address)


async def test_a_code_from_before_the_pepper_was_replaced_still_leads_back(house: House) -> None:
    first = await tell(house, SHARED_AT_HOME)
    rotation.pepper(house.service.settings.data_dir / "keys")
    phone = await come_back(house, code_of(first))
    assert (await say(house, phone, "1"))[0].startswith("Lo suyo ya quedó rec")


async def test_a_memo_that_somebody_else_wrote_is_not_believed(house: House) -> None:
    """Whoever can write to the database knows to whom a memo is sealed, and could seal another."""
    code = code_of(await tell(house, ANONYMOUS))
    ((recipient,),) = await sql(house, "SELECT recipient FROM receipts")
    forged = receipt.seal_memo(b'{"body":"{}","mark":"00"}', recipient)
    await sql(house, f"UPDATE receipts SET memo = '\\x{forged.hex()}' RETURNING 1")
    with pytest.raises(NoSuchCode):
        await come_back(house, code)


async def test_a_code_from_before_there_were_memos_fits_nothing(house: House) -> None:
    code = code_of(await tell(house, ANONYMOUS))
    await sql(house, "UPDATE receipts SET memo = NULL RETURNING 1")
    with pytest.raises(NoSuchCode):
        await come_back(house, code)


async def test_no_message_can_claim_to_follow_a_report(house: House) -> None:
    """The case stands in the sealed state alone: there is no field of a message that it could come in."""
    first = await tell(house, ANONYMOUS)
    digest = (await sql(house, "SELECT encode(conversation_digest, 'hex') FROM reports"))[0][0]
    assert "case" not in Incoming.__dataclass_fields__
    phone = await house.phone("telegram")
    for number, claim in enumerate((digest, f"case={digest}", code_of(first), code_of(first).replace(" ", ""))):
        start = Incoming(f"{number}a", phone.address, "start", claim, choice=claim, placement=claim)
        tapped = Incoming(f"{number}b", phone.address, "choice", choice=claim)
        await ingest(house.service, house.service.channels.on["telegram"], Received((start, tapped)))
        await house.quiet()
        state = await state_of(house, phone)
        assert (state.case, state.filed) == ("", [])


async def test_nobodys_conversation_is_written_over(house: House) -> None:
    code = code_of(await tell(house, ANONYMOUS))
    phone = await house.phone("telegram")
    await say(house, phone, "hola")
    with pytest.raises(ValueError, match="already"):
        await begin_again(house.service, code, "telegram", phone.address)


async def test_the_old_conversation_goes_on_by_itself_and_no_report_is_lost_between_the_two(house: House) -> None:
    first = await tell(house, ANONYMOUS)
    phone = await come_back(house, code_of(first))
    await say(house, phone, "1", "uno más")
    await say(house, first, "dos más")
    await say(house, phone, "tres más")
    stories = [[said["text"] for said in body["story"]] for body in await house.bodies("coat")]
    assert stories == [[], ["uno más"], ["dos más"], ["uno más", "tres más"]]


async def test_what_is_added_to_a_case_that_was_taken_back_elsewhere_is_not_kept_but_a_cry_is(house: House) -> None:
    first = await tell(house, ANONYMOUS)
    phone = await come_back(house, code_of(first))
    await say(house, phone, "1")
    await say(house, first, "RETIRAR")
    assert "no se pudo recibir" in "\n".join(await say(house, phone, LATER))
    assert await house.reports("coat") == []
    await say(house, phone, "auxilio me pegan")
    assert len(await house.reports("coat")) == 1


async def test_what_the_card_said_still_leads_to_the_same_units(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    """Who told no country is bound for that of the card, whose prosecutors the consent named."""
    card = placement_codes.new()
    columns = ",".join(placements.COLUMNS)
    (tmp_path / "placements.csv").write_text(f"{columns}\n{card},Norte,BOG-MAD,ES,es,35000,2099-01-01\n")
    async with furnished(tmp_path, database_url, engine) as house:
        first = house.telegram.phone()
        await first.start(card)
        await house.quiet()
        await say(house, first, "1", "1", "3", "7", "3", "1", "saltar", *QUESTIONS, *PLAN)
        (original,) = await house.bodies("fiscalia-es")
        assert original["place"]["country"] is None
        phone = await come_back(house, code_of(first))
        await say(house, phone, "1", LATER)
        _, added = await house.bodies("fiscalia-es")
        assert added["source"] == original["source"]
        assert added["consent"] == original["consent"]


async def test_it_goes_on_in_the_language_of_the_page_else_of_the_report(house: House) -> None:
    code = code_of(await tell(house, ANONYMOUS))
    for asked, first_line in (("en", "Hello again"), ("xx", "Hola de nuevo"), ("", "Hola de nuevo")):
        phone = await come_back(house, code, asked)
        assert phone.seen[0].text.startswith(first_line), asked


async def test_a_report_by_sms_is_followed_elsewhere_without_a_question_that_sms_left_out(house: House) -> None:
    first = await house.phone("sms")
    lines = [*ANONYMOUS[:11], "1", *ANONYMOUS[12:]]  # afraid: on SMS nobody is asked of what
    await say(house, first, *lines)
    assert any(seen.text.startswith("Reserva") for seen in first.seen)
    phone = await come_back(house, code_of(first))
    await say(house, phone, "1")
    assert phone.seen[-2].text.startswith("Lo suyo ya quedó rec")
    await say(house, phone, "Juan")  # one word, and no greeting
    assert (await house.bodies("coat"))[-1]["story"][0]["text"] == "Juan"


async def test_more_people_than_can_wait_are_asked_to_try_again_and_nobody_else_is_held_up(house: House) -> None:
    code = code_of(await tell(house, ANONYMOUS))
    tries = [begin_again(house.service, code, "telegram", str(70 + number)) for number in range(WAITING + 3)]
    came = await asyncio.gather(*tries, return_exceptions=True)
    busy = [one for one in came if isinstance(one, Busy)]
    assert len(busy) == 3
    assert all(1 <= one.after <= 10 for one in busy)
    assert [one for one in came if not (one is None or isinstance(one, Busy))] == []


async def asked(house: House, body: Any) -> tuple[int, dict[str, Any], str]:
    """Of the web chat's door: status, answer, and when to come again."""
    async with aiohttp.ClientSession() as session, session.post(f"{house.url}/chat/sessions", json=body) as answer:
        value = await answer.json() if answer.status == 201 else {}
        return answer.status, value, answer.headers.get("Retry-After", "")


async def page_with(house: House, code: str) -> StreamingPhone:
    """A page that was closed and opened anew: nothing is left of it but what the person remembers."""
    status, answer, _ = await asked(house, {"code": code, "language": "es"})
    assert status == 201
    page = await house.phone("web")
    assert isinstance(page, StreamingPhone)
    await page.hang_up()
    page.address, page.number = answer["handle"], 0
    page.listen()
    return page


async def test_a_closed_page_is_come_back_to_by_code_alone(house: House) -> None:
    first = await house.phone("web")
    await say(house, first, *WORDED)
    await first.expect_text("Reserva")
    code = code_of(first)
    page = await page_with(house, code)
    await page.expect_text("¿Puede escribir con calma")
    await page.say("1")
    await page.expect_text("palabra")
    await page.say("zarzamora")
    await page.expect_text("Lo suyo ya quedó rec")
    await page.say(LATER)
    await page.expect_text("Recibido.")
    original, added = await house.bodies("coat")
    assert (added["follows"], added["source"]["channel"]) == (original["report_id"], "web")
    assert page.address not in str(added)
    await page.say("RETIRAR")
    await house.quiet()
    assert await house.reports("coat") == []
    assert (await asked(house, {"code": code}))[0] == 404


async def test_the_door_answers_every_code_that_fits_nothing_alike(house: House) -> None:
    for code in (receipt.new_code(), "1234 5678 9012 3450", "", "hola", 5720000000000003, None, [], {"a": 1}):
        assert await asked(house, {"code": code, "language": "es"}) == (404, {}, ""), code
    assert await house.count("conversations") == 0


async def test_the_door_tells_whoever_comes_when_too_many_wait_when_to_come_again(house: House) -> None:
    codes = [receipt.new_code() for _ in range(WAITING + 4)]
    came = await asyncio.gather(*(asked(house, {"code": code}) for code in codes))
    busy = [after for status, _, after in came if status == 429]
    assert busy
    assert all(1 <= int(after) <= 10 for after in busy)
    assert {status for status, _, _ in came} == {404, 429}


async def test_a_page_that_claims_to_follow_a_report_in_a_message_follows_none(house: House) -> None:
    await tell(house, ANONYMOUS)
    ((digest,),) = await sql(house, "SELECT encode(conversation_digest, 'hex') FROM reports")
    page = await house.phone("web")
    assert isinstance(page, StreamingPhone)
    claim = {"case": digest, "follows": digest, "filed": [digest], "state": {"case": digest}, "kind": "return"}
    status, answer, _ = await asked(house, {"language": "es", **claim})
    assert (status, set(answer)) == (201, {"handle", "server"})
    assert await page.post(start=True, **claim) == 202
    await house.quiet()
    assert (await state_of(house, page)).case == ""
    await say(house, page, "RETIRAR")
    assert len(await house.reports("coat")) == 1
