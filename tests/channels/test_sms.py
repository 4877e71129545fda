"""SMS, against Twilio on the loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Button, Outgoing
from bot.channels.gsm7 import BASIC, EXTENDED, segments, transliterate
from bot.channels.sms import SMS
from bot.errors import Unreachable
from bot.settings import Settings
from tests.channels.kit import ChannelKit, Rig, choices
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.twilio import ACCOUNT, TwilioPlatform
from tests.channels.platforms.twilio import SMS as SENDER
from tests.channels.twilio_rig import rig_of, settings_of


@pytest.fixture
async def platform() -> AsyncIterator[TwilioPlatform]:
    platform = TwilioPlatform()
    platform.gate = Collect()
    await platform.start()
    yield platform
    await platform.close()


@pytest.fixture
async def sms(platform: TwilioPlatform) -> AsyncIterator[SMS]:
    channel = SMS(settings_of(platform), timeout=0.3)
    await channel.start()
    yield channel
    await channel.close()


class TestSMS(ChannelKit):
    @pytest.fixture
    async def rig(self, platform: TwilioPlatform, sms: SMS) -> Rig:
        return rig_of(sms, platform, platform.sms(), limit=305, buttons=0, lost_address="+0")


async def test_what_is_sent_has_plain_letters_numbers_and_a_short_life(sms: SMS, platform: TwilioPlatform) -> None:
    phone = platform.sms()
    buttons = (Button("Sí", "yes"), Button("No sé", "not_sure"))
    for piece in sms.compose(Outgoing("¿Está “en” la montaña – aún?", buttons)):
        await sms.send(phone.address, piece)
    form = platform.calls[-1].form
    assert form["Body"] == '¿Esta "en" la montaña - aun?\n1 Si\n2 No sé'
    assert (form["ValidityPeriod"], form["RiskCheck"]) == ("300", "disable")
    assert form["StatusCallback"] == "https://faro.example/webhooks/twilio/status"
    await phone.tap("No sé")
    assert isinstance(platform.gate, Collect)
    assert sms.read(platform.gate.take()).messages[0].text == "2"


async def test_after_stop_the_person_is_unreachable(sms: SMS, platform: TwilioPlatform) -> None:
    phone = platform.sms()
    await phone.say("STOP")
    assert isinstance(platform.gate, Collect)
    assert sms.read(platform.gate.take()).messages[0].kind == "opted_out"
    with pytest.raises(Unreachable):
        await sms.send(phone.address, Outgoing("hola"))


async def test_the_check_compares_the_numbers_webhook(sms: SMS, platform: TwilioPlatform) -> None:
    assert [finding.ok for finding in await sms.check()] == [True, True]
    platform.sms_url += "#rc=3"
    assert [finding.ok for finding in await sms.check()] == [True, True]
    platform.sms_url = "https://elsewhere.example/"
    assert [finding.ok for finding in await sms.check()] == [True, False]


async def test_a_wrong_token_is_named_by_the_check(platform: TwilioPlatform) -> None:
    channel = SMS(Settings(
        _env_file=None, twilio_account_sid=ACCOUNT, twilio_auth_token="wrong", twilio_api_url=platform.url,
        sms_sender=SENDER, public_url="https://faro.example",
    ))  # type: ignore[call-arg]  # fmt: skip
    await channel.start()
    (finding,) = await channel.check()
    assert (finding.ok, finding.what) == (False, "twilio account")
    await channel.close()


async def test_more_choices_than_two_segments_hold_go_on_in_the_next_message(sms: SMS, platform: TwilioPlatform) -> None:
    phone = platform.sms()
    buttons = tuple(Button(f"Un país de nombre largo {n}", str(n)) for n in range(1, 31))
    for piece in sms.compose(Outgoing("¿Dónde?", buttons)):
        assert segments(piece.text) <= 2
        await sms.send(phone.address, piece)
    lines = "\n".join(seen.text for seen in phone.seen).splitlines()
    assert [line for line in lines if line[0].isdigit()] == [f"{n} Un pais de nombre largo {n}" for n in range(1, 31)]
    await phone.tap(29)


@pytest.mark.parametrize(
    ("text", "plain"),
    [("áéíóú ÁÉÍÓÚ", "aéiou AÉIOU"), ("ñÑ¿¡üÜ", "ñÑ¿¡üÜ"), ("Voilà ça œuvre", "Voilà ca oeuvre"), ("n\u0303", "ñ"),
     ("«x» … 1º", '"x" ... 1o'), ("a\u00a0b", "a b"), ("[€]", "[€]"), ("ayiti ò", "ayiti ò"), ("漢", "漢")],
)  # fmt: skip
def test_letters_outside_the_alphabet_become_their_nearest(text: str, plain: str) -> None:
    assert transliterate(text) == plain


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("á" * 70, 1),
     ("á" * 71, 2), ("á" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2)],
)  # fmt: skip
def test_segments_are_counted_as_networks_bill_them(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(max_size=2000))
def test_no_text_makes_a_message_of_more_than_two_segments(text: str) -> None:
    sms = SMS(Settings(_env_file=None))  # type: ignore[call-arg]
    pieces = sms.compose(Outgoing(text, choices(3)))
    assert all(segments(piece.text) <= 2 for piece in pieces)
    kept = "".join("".join(piece.text.split()) for piece in pieces)
    assert "".join(transliterate(text).split()) in kept


@given(st.text(alphabet=sorted(BASIC | EXTENDED)))
def test_what_is_in_the_alphabet_stays(text: str) -> None:
    assert transliterate(text) == text
