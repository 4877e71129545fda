"""WhatsApp, against Twilio on the loopback."""

from __future__ import annotations

from typing import Literal

import pytest

from bot.channels import Button, Outgoing
from bot.channels.whatsapp import RememberedContents, WhatsApp
from tests.channels.kit import ChannelKit, Rig, choices
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.twilio import TwilioPhone, TwilioPlatform
from tests.channels.rigs import heard, twilio_rig, twilio_settings


class TestWhatsApp(ChannelKit):
    @pytest.fixture
    async def rig(self, twilio: TwilioPlatform, whatsapp: WhatsApp) -> Rig:
        longest = "whatsapp:CO." + "a1" * 64  # a user id: country and 128 letters, no number
        return twilio_rig(
            whatsapp, twilio, twilio.whatsapp(), limit=1600, buttons=10, lost_address="whatsapp:x", long_address=longest
        )


async def ask(whatsapp: WhatsApp, phone: TwilioPhone, text: str, buttons: tuple[Button, ...]) -> None:
    for piece in whatsapp.compose(Outgoing(text, buttons, "utter_ask_Q3", "es")):
        await whatsapp.send(phone.address, piece)


@pytest.mark.parametrize(
    ("count", "longest", "kind"),
    [(1, 5, "twilio/quick-reply"), (3, 20, "twilio/quick-reply"), (3, 21, ""), (4, 24, "twilio/list-picker"),
     (10, 24, "twilio/list-picker"), (10, 25, ""), (11, 5, "")],
)  # fmt: skip
async def test_few_choices_are_replies_more_are_a_list_and_what_fits_neither_is_numbered(
    whatsapp: WhatsApp, phone: TwilioPhone, count: int, longest: int, kind: str
) -> None:
    await ask(whatsapp, phone, "?", (Button("x" * longest, "x"), *choices(count)[1:]))
    assert phone.kinds == [kind]
    assert sum(call.path == "/v1/Content" for call in phone.platform.calls) == bool(kind)  # none that is refused


async def test_one_content_serves_every_question_with_the_same_buttons(
    twilio: TwilioPlatform, phone: TwilioPhone
) -> None:
    contents = RememberedContents()
    for _ in range(2):  # two processes with one memory
        channel = WhatsApp(twilio_settings(twilio), contents)
        await channel.start()
        for text in ("¿Uno?", "¿Dos?\nSí"):
            await ask(channel, phone, text, choices(3))
        await channel.close()
    assert len(twilio.contents) == 1
    assert [seen.text for seen in phone.seen] == ["¿Uno?", "¿Dos?\nSí"] * 2
    assert "¿Uno?" not in str(twilio.contents)


@pytest.mark.parametrize("failure", ["down", "throttled", "lost", "blocked"])
async def test_choices_are_numbered_while_no_content_can_be_made_and_it_is_not_asked_for_again_at_once(
    whatsapp: WhatsApp, phone: TwilioPhone, failure: Literal["down", "throttled", "lost", "blocked"]
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


async def test_an_old_list_can_be_tapped_like_a_new_one(whatsapp: WhatsApp, phone: TwilioPhone, gate: Collect) -> None:
    await ask(whatsapp, phone, "?", choices(5))
    await ask(whatsapp, phone, "?", (Button("Otra", "other"),))
    await phone.tap("Opción 4")
    assert heard(whatsapp, gate).choice == "option_4"


async def test_the_check_says_where_the_sender_must_deliver(whatsapp: WhatsApp) -> None:
    account, webhook = await whatsapp.check()
    assert account.ok
    assert webhook.what.endswith("https://faro.example/webhooks/whatsapp")
