"""Somebody who writes faster than people do is answered more slowly; nobody else is, and danger never waits."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import pytest

from bot import safety, texts
from bot.conversation import BURST, MOST_CHARACTERS, MOST_FILED, MOST_SAID, MOST_THREAD, Filed, Pace, Talk
from bot.pace import EVERY
from bot.placements import COLUMNS, NAME
from bot.safety import Sign
from tests.bot.talker import NOW, a_talk
from tests.channels.platforms.phone import Phone
from tests.engine import Engine
from tests.house import House, furnished

FLOOD = BURST + 3 * EVERY


def listed(folder: Path, *rows: str) -> None:
    (folder / NAME).write_text("\n".join([",".join(COLUMNS), *rows]), encoding="utf-8")


async def flooded(house: House, phone: Phone, number: int = FLOOD) -> None:
    for count in range(number):
        await phone.say(f"esto es el mensaje {count}")
    await house.quiet(60)


def test_a_person_is_never_too_fast_and_a_machine_is_until_it_rests() -> None:
    person, machine = Pace(), Pace()
    assert not any(person.counts(2.5 * number, 30) for number in range(200))
    assert [machine.counts(number / 100, 30) for number in range(BURST + 5)].count(True) == 5
    assert not machine.counts(10, 30)
    assert any(machine.counts(10 + number, 30) for number in range(100))
    assert not any(Pace().counts(0, 0) for _ in range(1000))


def test_an_hour_has_a_limit_of_its_own_and_a_clock_that_goes_back_gives_nothing() -> None:
    pace = Pace()
    assert sum(pace.counts(2.0 * number, 30) for number in range(1800)) > 1000
    back = Pace()
    assert [back.counts(-number, 30) for number in range(BURST + 1)][-1]


async def test_a_flooder_is_slowed_and_nobody_else_and_watchers_danger_and_exits_act_at_once(house: House) -> None:
    flooder, other = house.telegram.phone(), house.telegram.phone()
    await flooded(house, flooder)
    assert len(flooder.seen) < 2.5 * BURST
    assert len([seen for seen in flooder.seen if seen.text.startswith("Vayamos más despacio")]) in {2, 3}
    await other.say("hola")
    assert len(await other.expect(2, timeout=5)) == 2
    await flooder.expect(len(flooder.seen))
    await flooder.say("no puedo hablar")
    assert "equipaje de mano" in (await flooder.expect(1))[0].text
    await flooder.say("tienen pistolas y dicen que hoy nos disparan a todas")  # of no list
    await house.quiet()
    await flooder.say("me van a matar")
    await house.quiet()
    assert "123" in "".join(seen.text for seen in flooder.unread)
    bodies = await house.bodies("coat")
    assert {(body["tier"], "flood" in body["flags"]) for body in bodies} == {("P0", True)}
    assert f"mensaje {FLOOD - 1}" in str(bodies[0]["story"])  # nothing is lost of what came too fast
    await flooder.say("salir")
    await house.quiet()
    assert flooder.seen[-1].text == "Listo. Que tenga un buen viaje."
    assert await house.count("conversations") == 1


async def test_a_hundred_people_of_one_aircraft_are_answered_as_usual(
    tmp_path: Path, database_url: str, engine: Engine
) -> None:
    listed(tmp_path, "7K3M9,Avianca A320,BOG-MAD,ES,es,1000,2099-12-31")
    async with furnished(tmp_path, database_url, engine) as house:
        phones = [house.telegram.phone() for _ in range(100)]
        begun = time.monotonic()
        assert set(await asyncio.gather(*(phone.say("VIAJE 7K3M9") for phone in phones))) == {200}
        await house.quiet(60)
        assert time.monotonic() - begun < 45
        assert {len(phone.seen) for phone in phones} == {2}
        assert {phone.seen[-1].buttons for phone in phones} == {("Sí, puedo", "Ahora no", "No estoy a solas")}


async def test_a_hundred_pages_behind_one_address_are_answered_as_usual(house: House) -> None:
    """Everybody in an aircraft, or in one house, comes to our door from the same address."""
    pages = [await house.page() for _ in range(100)]
    assert len(pages) > 2 * BURST
    await asyncio.gather(*(page.say("hola") for page in pages))
    await house.quiet(60)
    assert {len(page.seen) for page in pages} == {2}
    assert {page.seen[-1].buttons for page in pages} == {("Sí, puedo", "Ahora no", "No estoy a solas")}


def test_what_is_kept_of_a_conversation_has_bounds_and_an_emergency_has_room_beyond_them() -> None:
    talk = a_talk()
    talk.keep_words("a" * (MOST_CHARACTERS - 1), NOW)
    assert not talk.overflown
    talk.keep_words("bcd", NOW)
    talk.keep_words("e", NOW)
    assert (talk.story[-1].text, talk.overflown) == ("b", True)
    talk.keep_words("me van a matar", NOW, urgent=True)
    assert talk.story[-1].text == "me van a matar"
    many = a_talk()
    for _ in range(MOST_SAID + 5):
        many.keep_words("a", NOW)
    assert len(many.story) == MOST_SAID


def test_messages_and_reports_are_remembered_up_to_a_bound_and_a_complete_one_always() -> None:
    talk = a_talk()
    talk.file(Filed("first", "complete", ""))
    for number in range(MOST_FILED + 5):
        talk.file(Filed(str(number), "more", ""))
    assert (len(talk.filed), talk.filed[0].report_id, talk.filed[-1].report_id) == (MOST_FILED, "first", "204")
    talk.thread = ["m"] * MOST_THREAD
    assert talk.done
    assert Talk.from_json(talk.to_json()) == talk


@pytest.mark.parametrize("safe", [False, True])
async def test_who_said_more_than_is_kept_is_told_so_once_and_whom_to_talk_to(house: House, safe: bool) -> None:
    """Before it is safe to write, the names of the lines tell nothing."""
    page = await house.page()
    await page.say("hola")
    if safe:
        await page.say("1")
    for _ in range(5):
        await page.say("palabra " * 7000)
        await house.quiet()
    said = [seen.text for seen in page.seen]
    (place,) = [place for place, text in enumerate(said) if text.startswith("Aquí ya no me caben más palabras")]
    assert said[place + 1].startswith("Yo soy un programa. Con una persona puede hablar por aquí:")
    assert "123" in said[place + 1]
    assert ("COAT" in said[place + 1]) is safe


@pytest.mark.parametrize("language", ["en", "es", "fr", "ht", "pt"])
@pytest.mark.parametrize("key", ["slower", "full"])
def test_the_words_that_a_limit_names_for_danger_and_exit_are_met_at_once(key: str, language: str) -> None:
    urgent, leave = re.findall(r"\b[A-Z]{4,}\b", texts.shipped()(key, language))
    assert safety.shipped().look(urgent) is Sign.DANGER
    assert safety.shipped().look(leave) is Sign.EXIT
