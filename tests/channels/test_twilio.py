"""What WhatsApp and SMS share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels import Outgoing
from bot.channels.sms import SMS
from bot.channels.whatsapp import WhatsApp
from bot.errors import Forged, MediaRefused, PlatformDown, Throttled, WindowClosed
from tests.channels.platforms import rules_twilio
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.twilio import ACCOUNT, TwilioPhone, TwilioPlatform
from tests.channels.rigs import heard, twilio_settings


async def test_a_status_is_read_by_either_channel_and_a_message_by_its_own_alone(
    whatsapp: WhatsApp, sms: SMS, phone: TwilioPhone, gate: Collect
) -> None:
    (sid,) = await whatsapp.send(phone.address, Outgoing("hola"))
    await phone.platform.tell(sid, "delivered")
    status = gate.take()
    assert whatsapp.read(status) == sms.read(status)
    assert (whatsapp.read(status).status, whatsapp.read(status).body) == (204, b"")
    await phone.say("hola")
    message = gate.take()
    assert whatsapp.read(message).messages
    with pytest.raises(Forged):
        sms.read(message)


async def test_a_closed_window_is_told_by_the_status(
    whatsapp: WhatsApp, phone: TwilioPhone, gate: Collect, now: list[float]
) -> None:
    now[0] += 24 * 3600
    (sid,) = await whatsapp.send(phone.address, Outgoing("tarde"))
    assert not phone.seen
    await phone.platform.tell(sid, "failed", 63016)
    (receipt,) = whatsapp.read(gate.take()).receipts
    assert (receipt.platform_id, receipt.final, type(receipt.failed)) == (sid, True, WindowClosed)


async def test_erasing_takes_twilios_copies_of_both_sides_and_of_the_media(
    whatsapp: WhatsApp, twilio: TwilioPlatform, phone: TwilioPhone, gate: Collect
) -> None:
    await phone.photo(b"x")
    ids = (*heard(whatsapp, gate).thread, *await whatsapp.send(phone.address, Outgoing("hola")))
    assert len(ids) == 3
    await whatsapp.erase(phone.address, ids)
    assert (twilio.messages, twilio.media) == ({}, {})
    await whatsapp.erase(phone.address, ids)  # gone already: nothing to do


async def test_a_message_still_under_way_is_erased_later_and_does_not_hold_up_the_others(
    whatsapp: WhatsApp, twilio: TwilioPlatform, phone: TwilioPhone, gate: Collect
) -> None:
    await phone.say("hola")
    twilio.instant = False
    (sid,) = await whatsapp.send(phone.address, Outgoing("hola"))
    ids = (sid, *heard(whatsapp, gate).thread)
    with pytest.raises(Throttled) as caught:
        await whatsapp.erase(phone.address, ids)
    assert caught.value.after == 60
    assert list(twilio.messages) == [sid]
    await twilio.tell(sid, "delivered")
    await whatsapp.erase(phone.address, ids)
    assert twilio.messages == {}


async def test_an_attachment_is_fetched_from_this_account_alone(
    whatsapp: WhatsApp, phone: TwilioPhone, gate: Collect
) -> None:
    await phone.photo(b"x")
    (media,) = heard(whatsapp, gate).media
    own, other_account = phone.platform.url, "AC" + "f" * 32
    for other in (media.id.replace(ACCOUNT, other_account), media.id + "/../../x", media.id.replace(own, own + "@x"),
                  media.id.replace("127.0.0.1", "127.0.0.2"), media.id + "?x=1", "http://[::1", "//["):  # fmt: skip
        with pytest.raises(MediaRefused):
            await whatsapp.fetch(replace(media, id=other))
    assert not phone.platform.calls


@pytest.mark.parametrize("onward", ["http://169.254.169.254/latest", "https://evil.example/x", "https://eviltwiliocdn.com/x",
                                    "http://mms.twiliocdn.com/x", "", "file:///etc/passwd", "https://[::1", "//[",
                                    "https://.twiliocdn.com/x", "https://a@mms.twiliocdn.com/x",
                                    "https://mms.twiliocdn.com:22/x", "https://\u2100.twiliocdn.com/x",
                                    "https://evil.example\\.twiliocdn.com/x",
                                    "https://" + "a" * 70 + ".twiliocdn.com/x"])  # fmt: skip
async def test_a_fetch_is_not_sent_on_to_other_hosts(
    whatsapp: WhatsApp, phone: TwilioPhone, gate: Collect, onward: str
) -> None:
    await phone.photo(b"x")
    phone.platform.onward = onward
    with pytest.raises(MediaRefused):
        await whatsapp.fetch(heard(whatsapp, gate).media[0])


async def test_the_password_is_not_sent_on_with_a_fetch(whatsapp: WhatsApp, phone: TwilioPhone, gate: Collect) -> None:
    await phone.photo(b"x")
    assert await whatsapp.fetch(heard(whatsapp, gate).media[0]) == b"x"
    assert ["authorization" in call.headers for call in phone.platform.calls] == [True, False]


async def test_a_wrong_token_is_named_by_the_check_and_lets_messages_wait(
    twilio: TwilioPlatform, phone: TwilioPhone
) -> None:
    channel = SMS(twilio_settings(twilio, twilio_auth_token="wrong"))
    await channel.start()
    (finding,) = await channel.check()
    assert (finding.ok, finding.what) == (False, "twilio account")
    with pytest.raises(PlatformDown):
        await channel.send(phone.address, Outgoing("hola"))
    await channel.close()


def test_the_built_in_rules_say_what_the_published_description_says() -> None:
    spec = rules_twilio.published("twilio_messages.json")
    if spec is None:
        pytest.skip("the description is not at hand")
    described = rules_twilio.read_fields(spec)
    assert {name: described[name] for name in rules_twilio.BUILT_IN} == rules_twilio.BUILT_IN
    assert len(rules_twilio.BUILT_IN) == 10


def test_the_rules_refuse_what_twilio_refuses() -> None:
    good = {"To": "whatsapp:CO.a1", "From": "whatsapp:+14155550100", "Body": "a", "RiskCheck": "disable"}
    bad = [{"Body": ""}, {"Body": "x" * 1601}, {"Text": "a"}, {"RiskCheck": "off"}, {"StatusCallback": "/status"},
           {"ValidityPeriod": "5m"}, {"ContentSid": "HX1"}, {"To": "whatsapp:12"}]  # fmt: skip
    assert rules_twilio.message_refusal(good) is None
    assert all(rules_twilio.message_refusal({**good, **change}) for change in bad)
    quick = {"body": "a", "actions": [{"type": "QUICK_REPLY", "title": "a", "id": "b"}]}
    assert rules_twilio.content_refusal({"language": "es", "types": {"twilio/quick-reply": quick}}) is None
    for types in ({}, {"twilio/quick-reply": None}, {"twilio/quick-reply": {**quick, "actions": quick["actions"] * 4}},
                  {"twilio/text": None}):  # fmt: skip
        assert rules_twilio.content_refusal({"language": "es", "types": types})
