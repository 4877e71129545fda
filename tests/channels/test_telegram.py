"""Telegram, against the Bot API on the loopback."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import orjson
import pytest

from bot.channels import MEDIA_LIMIT, Button, Media, Outgoing
from bot.channels.telegram import Telegram
from bot.channels.telegram_updates import ALLOWED
from bot.errors import Forged, MediaRefused, PlatformDown, Refused, Throttled, TooBig
from tests.channels.kit import ChannelKit, Rig, choices
from tests.channels.platforms import rules_telegram
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.telegram import SECRET, TelegramPhone, TelegramPlatform
from tests.channels.rigs import heard, telegram_rig, telegram_settings


class TestTelegram(ChannelKit):
    @pytest.fixture
    async def rig(self, botapi: TelegramPlatform, telegram: Telegram) -> Rig:
        return telegram_rig(telegram, botapi)


async def test_without_a_secret_nobody_is_genuine(botapi: TelegramPlatform) -> None:
    channel = Telegram(telegram_settings(botapi, telegram_secret=""))
    with pytest.raises(Forged):
        channel.read(botapi.delivery(b"{}", secret=""))


async def test_messages_are_protected_and_show_no_preview(telegram: Telegram, person: TelegramPhone) -> None:
    await telegram.send(person.address, Outgoing("https://example.org"))
    form = person.platform.calls[-1].form
    assert form["protect_content"] == "true"
    assert orjson.loads(form["link_preview_options"]) == {"is_disabled": True}


@pytest.mark.parametrize(("title", "rows"), [("Sí", [2, 2]), ("Una respuesta larga", [1, 1, 1, 1])])
async def test_short_titles_stand_two_in_a_row_and_long_ones_alone(
    telegram: Telegram, person: TelegramPhone, title: str, rows: list[int]
) -> None:
    buttons = tuple(replace(button, title=title) for button in choices(4))
    await telegram.send(person.address, Outgoing("?", buttons))
    keyboard = orjson.loads(person.platform.calls[-1].form["reply_markup"])["inline_keyboard"]
    assert [len(row) for row in keyboard] == rows


@pytest.mark.parametrize("value", ["ñ" * 33, "x" * 65, ""])
async def test_a_value_that_is_not_1_to_64_bytes_is_never_sent(
    telegram: Telegram, person: TelegramPhone, value: str
) -> None:
    with pytest.raises(Refused):
        await telegram.send(person.address, Outgoing("?", (Button("x", value),)))
    assert not person.platform.calls


async def test_a_tap_is_acknowledged_once_and_an_old_one_is_let_go(
    telegram: Telegram, person: TelegramPhone, gate: Collect
) -> None:
    await telegram.send(person.address, Outgoing("?", choices(2)))
    await person.tap("Opción 2")
    callback = heard(telegram, gate).callback
    await telegram.acknowledge(callback)
    assert person.platform.answered == [callback]
    await telegram.acknowledge("too-old")


async def test_an_exit_deletes_both_sides_of_the_chat_100_at_a_time(
    telegram: Telegram, person: TelegramPhone, gate: Collect
) -> None:
    ids: list[str] = []
    for turn in range(130):
        await person.say(f"mio {turn}")
        ids += heard(telegram, gate).thread
        ids += await telegram.send(person.address, Outgoing(f"tuyo {turn}"))
    assert len(person.screen) == len(ids) == 260
    await telegram.erase(person.address, tuple(ids))
    assert person.screen == []
    assert sum(call.path.endswith("/deleteMessages") for call in person.platform.calls) == 3


async def test_what_is_too_old_to_delete_does_not_save_the_rest(
    telegram: Telegram, person: TelegramPhone, now: list[float]
) -> None:
    ids = [*await telegram.send(person.address, Outgoing("antigua"))]
    now[0] += 48 * 3600
    for turn in range(9):
        ids += await telegram.send(person.address, Outgoing(f"nueva {turn}"))
    await telegram.erase(person.address, tuple(ids))
    assert person.screen == ["antigua"]


async def test_a_throttled_erasure_can_be_tried_again(telegram: Telegram, person: TelegramPhone) -> None:
    ids = await telegram.send(person.address, Outgoing("a"))
    person.platform.fail("throttled", "deleteMessages")
    with pytest.raises(Throttled):
        await telegram.erase(person.address, ids)
    await telegram.erase(person.address, ids)
    assert person.screen == []


async def test_an_attachment_that_grows_while_it_is_fetched_is_refused(
    telegram: Telegram, person: TelegramPhone, gate: Collect
) -> None:
    await person.photo(b"small")
    (media,) = heard(telegram, gate).media
    person.platform.lies = True
    person.platform.files[media.id] = (f"stored/{media.id}", bytes(MEDIA_LIMIT + 1))
    with pytest.raises(TooBig):
        await telegram.fetch(media)


async def test_a_file_of_this_machine_is_never_taken_for_an_attachment(
    telegram: Telegram, person: TelegramPhone
) -> None:
    """Which the library would read, if the API named one: that is how an own Bot API server hands over files."""
    person.platform.files["f"] = (__file__, b"x")
    with pytest.raises(MediaRefused):
        await telegram.fetch(Media("f", "image/jpeg"))


async def test_polling_confirms_only_what_it_is_asked_to(telegram: Telegram, person: TelegramPhone) -> None:
    person.platform.gate = None
    await person.say("uno")
    await person.say("dos")
    first = await telegram.poll(0, 0)
    assert first == await telegram.poll(0, 0)
    assert [received.messages[0].text for _, received in first] == ["uno", "dos"]
    ((_, second),) = await telegram.poll(first[0][0] + 1, 0)
    assert second.messages[0].text == "dos"
    assert await telegram.poll(first[1][0] + 1, 0) == []


async def test_polling_takes_a_webhook_away_first_and_keeps_what_waits(
    telegram: Telegram, person: TelegramPhone
) -> None:
    await telegram.register("https://faro.example")
    person.platform.gate = None
    await person.say("uno")
    person.platform.fail("down", "deleteWebhook")
    with pytest.raises(PlatformDown):
        await telegram.poll(0, 0)
    ((_, received),) = await telegram.poll(0, 0)
    assert received.messages[0].text == "uno"


async def test_an_update_that_cannot_be_read_does_not_stop_the_polling(
    telegram: Telegram, botapi: TelegramPlatform
) -> None:
    botapi.gate = None
    await botapi.deliver({"update_id": 5, "message": {"text": 7}})
    await botapi.deliver({"update_id": 6, "message": {"message_id": 1, "date": 1, "text": "a"}})
    assert [(one, received.messages) for one, received in await telegram.poll(0, 0)] == [(5, ()), (6, ())]


async def test_registering_sets_secret_and_kinds_and_the_check_sees_it(
    telegram: Telegram, botapi: TelegramPlatform
) -> None:
    assert [finding.ok for finding in await telegram.check()] == [True, False]
    await telegram.register("https://faro.example")
    assert botapi.webhook == {"url": "https://faro.example/webhooks/telegram", "allowed_updates": list(ALLOWED)}
    assert botapi.secret == SECRET
    assert [finding.ok for finding in await telegram.check()] == [True, True]
    botapi.webhook["allowed_updates"] = ["message"]
    assert [finding.ok for finding in await telegram.check()] == [True, False]
    await telegram.unregister()
    assert botapi.webhook == {"url": ""}


async def test_a_wrong_token_is_named_by_the_check_and_lets_messages_wait(botapi: TelegramPlatform) -> None:
    channel = Telegram(telegram_settings(botapi, telegram_token="1:wrong"))
    await channel.start()
    (finding,) = await channel.check()
    assert (finding.ok, finding.what) == (False, "telegram token")
    with pytest.raises(PlatformDown):
        await channel.send("1", Outgoing("hola"))
    await channel.close()


async def test_all_chats_together_are_paced_and_workers_share_the_pace(botapi: TelegramPlatform) -> None:
    channel = Telegram(telegram_settings(botapi, telegram_pace=20, workers=2))
    await channel.start()
    began = time.monotonic()
    await asyncio.gather(*(channel.send(botapi.phone().address, Outgoing("hola")) for _ in range(13)))
    assert 0.25 < time.monotonic() - began < 2  # ten at once, then one every tenth of a second
    await channel.close()


async def test_a_pace_below_one_a_second_is_a_pace_too(botapi: TelegramPlatform, person: TelegramPhone) -> None:
    channel = Telegram(telegram_settings(botapi, telegram_pace=1, workers=64))
    await channel.start()
    assert await channel.send(person.address, Outgoing("hola"))
    await channel.close()


def test_the_built_in_rules_say_what_the_published_description_says() -> None:
    spec = rules_telegram.published()
    if spec is None:
        pytest.skip("the description is not at hand")
    described, compared = {**spec["methods"], **spec["types"]}, 0
    for name, fields in rules_telegram.BUILT_IN.items():
        published = {one["name"]: rules_telegram.read_field(one) for one in described[name].get("fields", [])}
        assert {field: published[field] for field in fields} == fields, name
        assert {field for field, rule in published.items() if rule.required} <= set(fields)
        compared += len(fields)
    assert compared == 27


@pytest.mark.parametrize("described", [True, False])
def test_the_rules_refuse_what_telegram_refuses(described: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not described:
        monkeypatch.setattr(rules_telegram, "described", lambda: None)
    rules_telegram.fields_of.cache_clear()
    good = {"chat_id": "5", "text": "a", "reply_markup": '{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}'}
    bad = [{"text": ""}, {"text": "x" * 4097}, {"txt": "a"}, {"chat_id": "[1]"}, {"protect_content": "7"},
           {"reply_markup": good["reply_markup"].replace('"b"', '"' + "ñ" * 33 + '"')},
           {"reply_markup": "{}"}, {"reply_markup": good["reply_markup"].replace("callback_data", "data")}]  # fmt: skip
    assert rules_telegram.refusal("sendMessage", good) is None
    assert all(rules_telegram.refusal("sendMessage", {**good, **change}) for change in bad)
    assert rules_telegram.refusal("sendMessages", good) == "method not found"
    rules_telegram.fields_of.cache_clear()
