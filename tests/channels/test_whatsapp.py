"""WhatsApp, against Twilio on the loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.channels import Button, Incoming, Outgoing
from bot.channels.whatsapp import RememberedContents, WhatsApp
from bot.errors import MediaRefused, PlatformDown, Refused, Throttled, Unreachable, WindowClosed
from tests.channels.kit import ChannelKit, Rig, choices
from tests.channels.platforms import messages
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.twilio import ACCOUNT, TwilioPhone, TwilioPlatform
from tests.channels.twilio_rig import rig_of, settings_of


@pytest.fixture
def now() -> list[float]:
    return [1_760_000_000.0]


@pytest.fixture
async def platform(now: list[float]) -> AsyncIterator[TwilioPlatform]:
    platform = TwilioPlatform(now=lambda: now[0])
    platform.gate = Collect()
    await platform.start()
    yield platform
    await platform.close()


@pytest.fixture
async def whatsapp(platform: TwilioPlatform) -> AsyncIterator[WhatsApp]:
    channel = WhatsApp(settings_of(platform), RememberedContents(), timeout=0.3)
    await channel.start()
    yield channel
    await channel.close()


class TestWhatsApp(ChannelKit):
    @pytest.fixture
    async def rig(self, platform: TwilioPlatform, whatsapp: WhatsApp) -> Rig:
        return rig_of(
            whatsapp, platform, platform.whatsapp(), limit=1600, buttons=10, lost_address="whatsapp:nobody",
            long_address="whatsapp:CO." + "a1" * 64,
        )  # fmt: skip


@pytest.fixture
def phone(platform: TwilioPlatform) -> TwilioPhone:
    return platform.whatsapp()


def heard(whatsapp: WhatsApp, phone: TwilioPhone) -> Incoming:
    assert isinstance(phone.platform.gate, Collect)
    (message,) = whatsapp.read(phone.platform.gate.take()).messages
    return message


async def ask(whatsapp: WhatsApp, phone: TwilioPhone, text: str, buttons: tuple[Button, ...]) -> None:
    for piece in whatsapp.compose(Outgoing(text, buttons, "utter_ask_Q3", "es")):
        await whatsapp.send(phone.address, piece)


def test_the_signature_of_twilios_own_documentation_is_accepted() -> None:
    from bot.channels import Delivery
    from bot.channels.twilio_signature import genuine

    body = b"CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    headers = {"content-type": "application/x-www-form-urlencoded", "x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    fields = genuine(Delivery("/myapp.php", "/myapp.php?foo=1&bar=2", headers, body), "12345", "https://mycompany.com")
    assert fields["Digits"] == "1234"


async def test_the_newer_signature_and_the_fragment_are_accepted(
    whatsapp: WhatsApp, platform: TwilioPlatform, phone: TwilioPhone
) -> None:
    from bot.channels.twilio_signature import RETRIES

    for platform.shared_key in (False, True):
        for platform.fragment in ("", RETRIES):
            await phone.say("hola")
            assert heard(whatsapp, phone).text == "hola"


async def test_the_port_may_be_signed_or_not(whatsapp: WhatsApp, platform: TwilioPlatform, phone: TwilioPhone) -> None:
    platform.public_url += ":443"
    await phone.say("hola")
    assert heard(whatsapp, phone).text == "hola"


async def test_few_choices_are_replies_more_are_a_list_and_many_are_numbered(
    whatsapp: WhatsApp, phone: TwilioPhone
) -> None:
    for count, kind in [(3, "twilio/quick-reply"), (4, "twilio/list-picker"), (10, "twilio/list-picker"), (11, "")]:
        await ask(whatsapp, phone, "?", choices(count))
        assert phone.kinds[-1] == kind


@pytest.mark.parametrize(("count", "longest", "kind"), [(2, 21, ""), (2, 20, "twilio/quick-reply"), (5, 25, "")])
async def test_a_title_too_long_for_its_kind_is_numbered(
    whatsapp: WhatsApp, phone: TwilioPhone, count: int, longest: int, kind: str
) -> None:
    await ask(whatsapp, phone, "?", (Button("x" * longest, "x"), *choices(count)[1:]))
    assert phone.kinds == [kind]


async def test_one_content_serves_every_question_with_the_same_buttons(
    whatsapp: WhatsApp, platform: TwilioPlatform, phone: TwilioPhone
) -> None:
    contents = RememberedContents()
    for _ in range(2):  # two processes with one memory
        channel = WhatsApp(settings_of(platform), contents)
        await channel.start()
        for text in ("¿Uno?", "¿Dos?\nSí"):
            await ask(channel, phone, text, choices(3))
        await channel.close()
    assert len(platform.contents) == 1
    assert [seen.text for seen in phone.seen] == ["¿Uno?", "¿Dos?\nSí"] * 2
    assert "¿Uno?" not in str(platform.contents)
    await ask(whatsapp, phone, "?", choices(2))
    assert len(platform.contents) == 2


@pytest.mark.parametrize("failure", ["down", "throttled"])
async def test_choices_are_numbered_while_no_content_can_be_made(
    whatsapp: WhatsApp, phone: TwilioPhone, failure: Any
) -> None:
    phone.platform.fail(failure, "content")
    for _ in range(2):
        await ask(whatsapp, phone, "¿Sí?", choices(2))
    assert [seen.text for seen in phone.seen] == ["¿Sí?\n1 Opción 1\n2 Opción 2"] * 2
    assert sum(call.path == "/v1/Content" for call in phone.platform.calls) == 1


async def test_a_content_that_twilio_lost_is_replaced_by_numbers(whatsapp: WhatsApp, phone: TwilioPhone) -> None:
    await ask(whatsapp, phone, "?", choices(2))
    phone.platform.contents.clear()
    await ask(whatsapp, phone, "?", choices(2))
    assert [seen.buttons for seen in phone.seen] == [("Opción 1", "Opción 2"), ()]


async def test_a_closed_window_is_told_by_the_status(
    whatsapp: WhatsApp, platform: TwilioPlatform, phone: TwilioPhone, now: list[float]
) -> None:
    await phone.say("hola")
    heard(whatsapp, phone)
    now[0] += 24 * 3600
    (sid,) = await whatsapp.send(phone.address, Outgoing("tarde"))
    assert not phone.seen
    await platform.tell(sid, "failed", 63016)
    assert isinstance(platform.gate, Collect)
    (receipt,) = whatsapp.read(platform.gate.take()).receipts
    assert (receipt.platform_id, receipt.final, type(receipt.failed)) == (sid, True, WindowClosed)


@pytest.mark.parametrize(
    ("status", "code", "final", "error"),
    [("sent", None, False, None), ("delivered", None, True, None), ("read", None, True, None),
     ("undelivered", 30004, True, Unreachable), ("undelivered", 30003, True, PlatformDown),
     ("failed", 21610, True, Unreachable), ("failed", 63018, True, Throttled), ("failed", 30007, True, Refused),
     ("failed", None, True, Refused), ("delivered", 63016, True, None)],
)  # fmt: skip
async def test_a_status_is_a_receipt_with_the_error_to_handle(
    whatsapp: WhatsApp, phone: TwilioPhone, status: str, code: int | None, final: bool, error: type | None
) -> None:
    (sid,) = await whatsapp.send(phone.address, Outgoing("hola"))
    await phone.platform.tell(sid, status, code)
    assert isinstance(phone.platform.gate, Collect)
    (receipt,) = whatsapp.read(phone.platform.gate.take()).receipts
    assert (receipt.platform_id, receipt.final) == (sid, final)
    assert (receipt.failed and type(receipt.failed)) == error


async def test_what_is_empty_but_genuine_is_told_as_unsupported(whatsapp: WhatsApp, phone: TwilioPhone) -> None:
    for fields in ({"Body": ""}, {"MessageType": "contacts"}, {"Body": "", "NumMedia": "1"}):
        await phone.send_fields(**fields)
        assert heard(whatsapp, phone).kind == "unsupported"


@pytest.mark.parametrize("said", ["STOP", " stop ", "StopAll", "OPTOUT"])
async def test_stop_is_obeyed(whatsapp: WhatsApp, phone: TwilioPhone, said: str) -> None:
    await phone.say(said)
    assert heard(whatsapp, phone).kind == "opted_out"
    await phone.say(f"{said} please")
    assert heard(whatsapp, phone).kind == "text"


async def test_erasing_takes_twilios_copies_of_both_sides_and_of_the_media(
    whatsapp: WhatsApp, platform: TwilioPlatform, phone: TwilioPhone
) -> None:
    await phone.photo(b"x")
    ids = [*heard(whatsapp, phone).thread, *await whatsapp.send(phone.address, Outgoing("hola"))]
    assert len(ids) == 3
    await whatsapp.erase(phone.address, tuple(ids))
    assert (platform.messages, platform.media) == ({}, {})
    await whatsapp.erase(phone.address, tuple(ids))  # gone already: nothing to do


async def test_a_message_still_under_way_is_erased_later_and_does_not_hold_up_the_others(
    whatsapp: WhatsApp, platform: TwilioPlatform, phone: TwilioPhone
) -> None:
    await phone.say("hola")
    platform.instant = False
    (sid,) = await whatsapp.send(phone.address, Outgoing("hola"))
    ids = (sid, *heard(whatsapp, phone).thread)
    with pytest.raises(Throttled) as caught:
        await whatsapp.erase(phone.address, ids)
    assert caught.value.after == 60
    assert list(platform.messages) == [sid]
    await platform.tell(sid, "delivered")
    await whatsapp.erase(phone.address, ids)
    assert platform.messages == {}


async def test_an_attachment_is_fetched_from_this_account_alone(whatsapp: WhatsApp, phone: TwilioPhone) -> None:
    await phone.photo(b"x")
    (media,) = heard(whatsapp, phone).media
    own = phone.platform.url
    for other in (media.id.replace(ACCOUNT, "AC" + "f" * 32), media.id + "/../../x", media.id.replace(own, own + "@x"),
                  media.id.replace("127.0.0.1", "127.0.0.2"), media.id + "?x=1"):  # fmt: skip
        with pytest.raises(MediaRefused):
            await whatsapp.fetch(replace(media, id=other))
    assert not phone.platform.calls


def test_the_built_in_rules_say_what_the_published_description_says() -> None:
    spec = messages.published("twilio_messages.json")
    if spec is None:
        pytest.skip("the description is not at hand")
    described = messages.read_fields(spec)
    assert {name: described[name] for name in messages.BUILT_IN} == messages.BUILT_IN
    assert len(messages.BUILT_IN) == 10
