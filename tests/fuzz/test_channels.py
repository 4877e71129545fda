"""Genuine deliveries with hostile contents, and forged ones, at each channel's own door."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlencode

import orjson
import pytest

from bench.fuzz_doors import MESSAGE, UPDATE
from bench.fuzz_words import Hostile
from bot.channels import Delivery, Incoming, Media, Received
from bot.channels.telegram_updates import received
from bot.channels.twilio_signature import uncut
from bot.channels.web import _incoming
from bot.errors import Forged, Malformed, MediaRefused
from bot.safety import shipped
from tests.channels.platforms.twilio import ACCOUNT, WHATSAPP, TwilioPlatform
from tests.house import House

FIELDS = {"MessageSid": "SM" + "0" * 32, "AccountSid": ACCOUNT, "From": "whatsapp:+573000000001", "To": WHATSAPP,
          "Body": "no quiero ayuda. Ya estoy bien", "NumMedia": "0", "FromCity": "", "ToCountry": "US"}  # fmt: skip


def test_telegrams_updates_are_read_or_malformed() -> None:
    hostile = Hostile(21)
    for _ in range(1500):
        try:
            found = received(hostile.spoilt(UPDATE))
        except Malformed:
            continue
        assert all(orjson.loads(orjson.dumps(one.to_json())) for one in found.messages)


async def test_the_pages_messages_are_read_or_malformed_and_their_files_fetched_or_refused(house: House) -> None:
    hostile, web = Hostile(22), house.service.channels.on["web"]
    for _ in range(1500):
        value = hostile.spoilt(MESSAGE)
        try:
            found = _incoming("h", value) if isinstance(value, dict) else None
        except Malformed:
            continue
        assert found is None or isinstance(found, Incoming)
        for media in found.media if found else ():
            with suppress(MediaRefused):
                assert len(await web.fetch(media)) < 10_000
    for letters in ("é", "AAA", "ＡＡＡＡ", "\0"):
        with pytest.raises(MediaRefused):
            await web.fetch(Media(f"inline:{letters}", "image/jpeg"))


def recut() -> Iterator[dict[str, str]]:
    """Each shifts the border between a field's name and its value: the signed letters stay the same."""
    rest = {name: value for name, value in FIELDS.items() if name != "Body"}
    for at in range(1, 4):
        yield {**rest, "Body"[:at]: "Body"[at:] + FIELDS["Body"]}
        yield {**rest, "Body" + FIELDS["Body"][:at].replace(" ", ""): FIELDS["Body"][at:]}
    yield {**{name: value for name, value in FIELDS.items() if name != "To"}, "T": "o" + WHATSAPP}


@pytest.mark.parametrize("fields", list(recut()))
async def test_a_form_that_was_cut_anew_is_refused_although_its_signature_fits(
    house: House, fields: dict[str, str]
) -> None:
    whatsapp, platform = house.service.channels.on["whatsapp"], house.twilio
    genuine = platform.signed("/webhooks/whatsapp", FIELDS)
    assert isinstance(whatsapp.read(genuine), Received)
    cut = Delivery(genuine.path, genuine.target, genuine.headers, urlencode(fields).encode())
    with pytest.raises(Forged):
        whatsapp.read(cut)


def test_the_fields_that_twilio_names_alike_are_no_cut_ones() -> None:
    assert uncut([*FIELDS, "FromZip", "ToState", "MediaUrl0", "ButtonText", "ListTitle", "ProfileName", "MessageType"])
    assert not uncut(["Body", "Bo"])
    assert not uncut(["From", "FromX"])
    assert not uncut(["Body", ""])
    assert not uncut(["Body", "a b"])


def test_safety_words_are_looked_for_in_anything_within_a_moment() -> None:
    hostile = Hostile(23)
    for _ in range(1500):
        shipped().look(hostile.text(4096))
    assert shipped().look("x" * 1_000_000 + " me van a matar")


def test_a_platform_signs_as_the_test_believes() -> None:
    assert TwilioPlatform().signed("/webhooks/whatsapp", FIELDS).headers["x-twilio-signature"]
