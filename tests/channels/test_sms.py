"""SMS, against Twilio on the loopback."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Button, Outgoing
from bot.channels.gsm7 import segments, transliterate
from bot.channels.sms import SMS
from bot.errors import Unreachable
from bot.settings import Settings
from tests.channels.kit import ChannelKit, Rig, choices
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.twilio import TwilioPlatform
from tests.channels.rigs import heard, twilio_rig


class TestSMS(ChannelKit):
    @pytest.fixture
    async def rig(self, twilio: TwilioPlatform, sms: SMS) -> Rig:
        return twilio_rig(sms, twilio, twilio.sms(), limit=305, buttons=0, lost_address="+0")


async def test_what_is_sent_has_plain_letters_numbers_and_a_short_life(
    sms: SMS, twilio: TwilioPlatform, gate: Collect
) -> None:
    phone = twilio.sms()
    (piece,) = sms.compose(Outgoing("¿Está “en” la montaña – aún?", (Button("Sí", "yes"), Button("No sé", "not_sure"))))
    await sms.send(phone.address, piece)
    form = twilio.calls[-1].form
    assert form["Body"] == '¿Esta "en" la montaña - aun?\n1 Si\n2 No sé'
    assert (form["ValidityPeriod"], form["RiskCheck"]) == ("300", "disable")
    assert form["StatusCallback"] == "https://faro.example/webhooks/twilio/status"
    await phone.tap("No sé")
    assert heard(sms, gate).text == "2"


async def test_after_stop_the_person_is_unreachable(sms: SMS, twilio: TwilioPlatform, gate: Collect) -> None:
    phone = twilio.sms()
    await phone.say("STOP")
    assert heard(sms, gate).kind == "opted_out"
    with pytest.raises(Unreachable):
        await sms.send(phone.address, Outgoing("hola"))


@pytest.mark.parametrize(
    ("address", "right"),
    [("https://faro.example/webhooks/sms", True), ("https://faro.example/webhooks/sms#rc=3", True),
     ("https://elsewhere.example/webhooks/sms", False), ("", False)],
)  # fmt: skip
async def test_the_check_compares_the_numbers_webhook(
    sms: SMS, twilio: TwilioPlatform, address: str, right: bool
) -> None:
    twilio.sms_url = address
    assert [finding.ok for finding in await sms.check()] == [True, right]


async def test_more_choices_than_two_segments_hold_go_on_in_the_next_message(
    sms: SMS, twilio: TwilioPlatform, gate: Collect
) -> None:
    phone = twilio.sms()
    buttons = tuple(Button(f"Un país de nombre largo {n}", str(n)) for n in range(1, 31))
    for piece in sms.compose(Outgoing("¿Dónde?", buttons)):
        await sms.send(phone.address, piece)
    lines = "\n".join(seen.text for seen in phone.seen).splitlines()
    assert [line for line in lines if line[0].isdigit()] == [f"{n} Un pais de nombre largo {n}" for n in range(1, 31)]
    await phone.tap(2)
    assert heard(sms, gate).text == "2"


@given(st.text(max_size=2000))
def test_no_text_makes_a_message_of_more_than_two_segments(text: str) -> None:
    pieces = SMS(Settings(_env_file=None)).compose(Outgoing(text, choices(3)))
    assert all(segments(piece.text) <= 2 for piece in pieces)
    kept = "".join("".join(piece.text.split()) for piece in pieces)
    assert "".join(transliterate(text).split()) in kept
