"""Attachments: how many, how large, and what becomes of them."""

from __future__ import annotations

import pytest

from bot import attached
from bot.channels import MEDIA_COUNT, MEDIA_LIMIT, Incoming, Media
from bot.errors import MediaDown
from tests.house import House
from tests.samples import picture_with_place, voice_note

TO_STORY = ["hola", "1", "1", "3", "1", "1", "saltar", "2", "2", "2", "2", "2", "4", "2", "10", "2", "saltar"]


async def test_pictures_and_voice_come_to_the_officers_without_what_rode_along(house: House) -> None:
    phone = await house.phone("telegram")
    for line in TO_STORY:
        await phone.say(line)
        await house.quiet()
    await phone.photo(picture_with_place(), "esta es la puerta")
    await house.quiet()
    await phone.voice(voice_note())
    await house.quiet()
    await phone.say("5")
    await house.quiet()
    (report,) = await house.reports("coat")
    assert report.parts["att/2.ogg"] == voice_note()
    assert report.parts["att/1.jpg"].startswith(b"\xff\xd8")
    assert b"Exif" not in report.parts["att/1.jpg"]
    assert b"esta es la puerta" in report.parts["report.json"]


async def test_ten_are_kept_and_the_next_is_refused_kindly(house: House) -> None:
    phone = await house.phone("telegram")
    await phone.say("hola")
    for _ in range(MEDIA_COUNT + 1):
        await phone.voice(voice_note())
        await house.quiet()
    assert await house.count("attachments") == MEDIA_COUNT
    told = [seen.text for seen in phone.seen]
    assert sum(line.startswith("Recibí el archivo") for line in told) == MEDIA_COUNT
    assert sum(line.startswith("Ya tengo 10 archivos") for line in told) == 1


async def test_what_is_too_large_is_said_kindly(house: House) -> None:
    phone = await house.phone("telegram")
    await phone.say("hola")
    await phone.attach(bytes(MEDIA_LIMIT + 1), "application/pdf")
    await house.quiet()
    assert any("20 MB" in seen.text for seen in phone.seen)
    assert await house.count("attachments") == 0


async def test_refused_consent_removes_what_was_sent(house: House) -> None:
    phone = await house.phone("telegram")
    for line in TO_STORY[:5]:
        await phone.say(line)
        await house.quiet()
    await phone.voice(voice_note())
    await house.quiet()
    assert await house.count("attachments") == 1
    await phone.say("4")
    await house.quiet()
    assert await house.count("attachments") == 0


async def test_a_platform_that_is_down_is_asked_again_until_the_last_try(house: House) -> None:
    channel = house.service.channels.on["telegram"]
    incoming = Incoming("1", "5", "media", media=(Media("f", "audio/ogg"),))
    house.telegram.fail("down", "getFile", 2)
    with pytest.raises(MediaDown):
        await attached.fetch(channel, incoming, last_try=False)
    fetched = await attached.fetch(channel, incoming, last_try=True)
    assert (fetched.files, fetched.refused) == ((), ("media_down",))
