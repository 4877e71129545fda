"""A report is due: to whom it goes, under what seal, and what is kept of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import text

from bot.placements import COLUMNS, NAME
from storage import audit
from tests.channels.platforms.phone import Phone
from tests.engine import Engine
from tests.house import House, furnished

TO_CONSENT = ["hola", "1", "1", "3"]
QUESTIONS = ["2", "2", "2", "2", "2", "4", "2", "10", "2", "saltar", "duermo en la bodega", "5"]
ANONYMOUS = [*TO_CONSENT, "1", "1", "saltar", *QUESTIONS]
WORDED = [*TO_CONSENT, "1", "1", "Zarzamora", *QUESTIONS]
PLAN = ["1", "por la noche", "hola prima", "que ya no vivo ahí"]
SHARED_ABROAD = [*TO_CONSENT, "4", "3", "1", "saltar", *QUESTIONS, *PLAN]
SHARED_AT_HOME = [*TO_CONSENT, "4", "3", "3", "es todo", "saltar", *QUESTIONS, *PLAN]


async def tell(house: House, lines: list[str], channel: str = "telegram") -> Phone:
    phone = await house.phone(channel)
    for line in lines:
        await phone.say(line)
        await house.quiet()
    return phone


async def scalar(house: House, query: str) -> Any:
    async with house.service.database.begin() as tx:
        return await tx.scalar(text(query))


async def test_an_anonymous_report_goes_to_the_centre_alone_and_without_an_address(house: House) -> None:
    phone = await tell(house, ANONYMOUS)
    (body,) = await house.bodies("coat")
    assert body["contact"]["address"] is None
    assert phone.address not in str(body)
    assert [len(await house.reports(unit)) for unit in ("fiscalia", "icbf", "fiscalia-es")] == [0, 0, 0]


async def test_a_shared_report_from_abroad_reaches_that_countrys_prosecutors_with_the_plan(house: House) -> None:
    phone = await tell(house, SHARED_ABROAD)
    (body,) = await house.bodies("fiscalia-es")
    assert body["contact"]["address"] == phone.address
    assert (body["contact"]["when"], body["contact"]["words"]) == (["por la noche"], ["hola prima"])
    assert body["contact"]["if_another"] == ["que ya no vivo ahí"]


async def test_E38_a_card_leads_a_report_to_its_destination_once_the_consent_text_named_it(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    (tmp_path / NAME).write_text(
        "\n".join([",".join(COLUMNS), "7K3M9,Avianca A320,BOG-MAD,ES,es,1000,2027-12-31"]), encoding="utf-8"
    )
    async with furnished(tmp_path, database_url, engine) as house:
        phone = await tell(house, ["VIAJE 7K3M9", "1", "1", "3"], "whatsapp")
        await phone.say("mejor no digo el país")
        await house.quiet()
        assert "La fiscalía de España" in " ".join(seen.text for seen in phone.seen)
        for line in ["3", "1", "saltar", *QUESTIONS, *PLAN]:
            await phone.say(line)
            await house.quiet()
        (body,) = await house.bodies("fiscalia-es")
        assert (body["place"]["country"], body["consent"]["destination"]) == (None, "ES")
        assert {name: body["source"][name] for name in ("placement", "place", "route", "destination")} == {
            "placement": "7K3M9", "place": "Avianca A320", "route": "BOG-MAD", "destination": "ES",
        }  # fmt: skip
        assert "7k3m9" not in str([body["story"], body["answers"]]).lower()
        shown = phone.seen[-2].text
        assert "112" in shown
        assert "123" in shown


async def test_who_chose_a_body_is_read_by_it_and_by_the_centre_alone(house: House) -> None:
    await tell(house, SHARED_AT_HOME)
    (body,) = await house.bodies("fiscalia")
    assert body["consent"]["units"] == ["prosecution"]
    assert [len(await house.reports(unit)) for unit in ("coat", "icbf", "fiscalia-es")] == [1, 0, 0]


async def test_the_word_for_coming_back_is_in_no_part_of_a_report(house: House) -> None:
    await tell(house, WORDED)
    (opened,) = await house.reports("coat")
    assert not any(b"zarzamora" in part.lower() for part in opened.parts.values())


async def test_the_receipt_is_shown_once_and_only_its_lookup_is_kept(house: House) -> None:
    phone = await tell(house, ANONYMOUS)
    (code,) = [seen.text.removeprefix("Reserva ") for seen in phone.seen if seen.text.startswith("Reserva ")]
    assert len(code.replace(" ", "")) == 16
    assert await house.count("receipts") == 1
    everything = await scalar(house, "SELECT string_agg(r::text, '') FROM receipts r")
    assert code.replace(" ", "") not in everything


async def test_every_report_is_a_link_of_the_chain_and_is_announced_to_each_unit(house: House) -> None:
    await tell(house, SHARED_ABROAD)
    await tell(house, ["auxilio me pegan", "calle 12"])
    async with house.service.database.begin() as tx:
        rows = await audit.rows(tx)
    assert len(rows) == 3
    assert audit.verify(rows, house.service.keys.sealer_key().public_key()).ok
    assert await house.count("deliveries") == 3 + 2 + 2


async def test_a_later_report_names_the_one_that_it_follows(house: House) -> None:
    await tell(house, ["auxilio me pegan", "calle 12"])
    first, second = await house.bodies("coat")
    assert (first["follows"], second["follows"]) == (None, first["report_id"])
    assert second["partial"] == {"cause": "more"}


async def test_what_is_taken_back_is_fetched_by_nobody_and_stands_in_the_chain(house: House) -> None:
    await tell(house, [*ANONYMOUS, "RETIRAR"])
    assert await house.reports("coat") == []
    assert await house.count("reports WHERE withdrawn IS NOT NULL") == 1
    assert await house.count("deliveries WHERE due IS NOT NULL") == 0
    async with house.service.database.begin() as tx:
        rows = await audit.rows(tx)
    assert [row.body for row in rows if b"withdrawn" in row.body] != []
    assert audit.verify(rows, house.service.keys.sealer_key().public_key()).ok


async def test_two_conversations_of_one_person_can_not_be_told_to_be_one(house: House) -> None:
    phone = await tell(house, ANONYMOUS)
    await phone.say("SALIR")
    await house.quiet()
    for line in ANONYMOUS:
        await phone.say(line)
        await house.quiet()
    assert await scalar(house, "SELECT count(DISTINCT conversation_digest) FROM reports") == 2
