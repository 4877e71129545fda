"""Telegram, against the Bot API on the loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from itertools import count

import orjson
import pytest

from bot.channels import Delivery, Outgoing
from bot.channels.telegram import Telegram
from bot.channels.telegram_updates import ALLOWED
from bot.errors import Forged, Refused, Throttled
from bot.settings import Settings
from tests.channels.kit import WORDS, ChannelKit, Rig, choices
from tests.channels.platforms import botapi
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.telegram import SECRET, TOKEN, TelegramPhone, TelegramPlatform


def forge(genuine: Delivery) -> list[Delivery]:
    def with_secret(secret: str) -> Delivery:
        return replace(genuine, headers={**genuine.headers, "x-telegram-bot-api-secret-token": secret})

    without = {name: value for name, value in genuine.headers.items() if "secret" not in name}
    return [with_secret(""), with_secret(SECRET[:-1]), with_secret(SECRET + "x"), with_secret("ñandú"),
            replace(genuine, headers=without)]  # fmt: skip


@pytest.fixture
def now() -> list[float]:
    return [1_760_000_000.0]


@pytest.fixture
async def platform(now: list[float]) -> AsyncIterator[TelegramPlatform]:
    platform = TelegramPlatform(now=lambda: now[0])
    await platform.start()
    yield platform
    await platform.close()


@pytest.fixture
async def telegram(platform: TelegramPlatform) -> AsyncIterator[Telegram]:
    channel = Telegram(_settings(platform.url), timeout=0.3)
    await channel.start()
    yield channel
    await channel.close()


def _settings(url: str, **more: object) -> Settings:
    return Settings(
        _env_file=None, telegram_token=TOKEN, telegram_secret=SECRET, telegram_api_url=url,
        public_url="https://faro.example", telegram_pace=0, **more,
    )  # type: ignore[call-arg, arg-type]  # fmt: skip


class TestTelegram(ChannelKit):
    @pytest.fixture
    async def rig(self, platform: TelegramPlatform, telegram: Telegram) -> Rig:
        platform.gate = gate = Collect()
        phone = platform.phone(9_007_199_254_740_991)
        return Rig(
            telegram, platform, phone, gate, secrets=(TOKEN, TOKEN.split(":")[1], SECRET), sends="sendMessage",
            files="file", limit=4096, sign=platform.delivery, forge=forge, nothing=_nothing(platform), buttons=100,
            lost_address="404",
        )  # fmt: skip


def _nothing(platform: TelegramPlatform) -> list[Delivery]:
    group = {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "group", "title": "x"}, "text": WORDS}
    private = {"message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}}
    updates = [
        {}, {"chosen_inline_result": {"result_id": "1", "from": {"id": 1, "is_bot": False, "first_name": "x"}, "query": ""}}, {"something_of_2031": {"a": [1]}}, {"message": group},
        {"edited_message": group}, {"message": private}, {"message": private | {"group_chat_created": True}},
        {"edited_message": private | {"location": {"latitude": 1, "longitude": 2}}},
    ]  # fmt: skip
    return [platform.delivery(orjson.dumps({"update_id": 1} | update)) for update in updates]


@pytest.fixture
def phone(platform: TelegramPlatform) -> TelegramPhone:
    platform.gate = Collect()
    return platform.phone()


def heard(telegram: Telegram, phone: TelegramPhone):  # type: ignore[no-untyped-def]
    assert isinstance(phone.platform.gate, Collect)
    (message,) = telegram.read(phone.platform.gate.take()).messages
    return message


@pytest.mark.parametrize(
    ("said", "placement"),
    [("", ""), ("S12-A_b", "S12-A_b"), ("x" * 64, "x" * 64), ("x" * 65, ""), ("a b", ""), ("ñ", ""), ("../etc", "")],
)
async def test_a_link_brings_its_placement_or_nothing(
    telegram: Telegram, phone: TelegramPhone, said: str, placement: str
) -> None:
    await phone.start(said)
    message = heard(telegram, phone)
    assert (message.kind, message.placement, message.text) == ("start", placement, "")


async def test_without_a_secret_nobody_is_genuine(platform: TelegramPlatform) -> None:
    channel = Telegram(_settings(platform.url).model_copy(update={"telegram_secret": ""}))
    with pytest.raises(Forged):
        channel.read(platform.delivery(b"{}", secret=""))


async def test_an_edited_message_is_told_as_edited(telegram: Telegram, phone: TelegramPhone) -> None:
    await phone.say("uno")
    heard(telegram, phone)
    await phone.edit("dos")
    message = heard(telegram, phone)
    assert (message.kind, message.text, message.edited) == ("text", "dos", True)


async def test_the_language_of_the_phone_is_told(telegram: Telegram, platform: TelegramPlatform) -> None:
    platform.gate = Collect()
    for code, told in [("es-419", "es-419"), ("en", "en"), ("x y", ""), ("", "")]:
        phone = platform.phone(language=code)
        await phone.say("hola")
        assert heard(telegram, phone).language == told


@pytest.mark.parametrize("kind", ["sticker", "contact", "poll", "dice"])
async def test_what_cannot_be_used_is_told_as_unsupported(telegram: Telegram, phone: TelegramPhone, kind: str) -> None:
    content = {
        "sticker": {"file_id": "a", "file_unique_id": "a", "type": "regular", "width": 1, "height": 1,
                    "is_animated": False, "is_video": False},
        "contact": {"phone_number": "1", "first_name": "x"},
        "poll": {"id": "1", "question": "x", "options": [], "total_voter_count": 0, "is_closed": False,
                 "is_anonymous": True, "type": "regular", "allows_multiple_answers": False,
                 "allows_revoting": False, "members_only": False},
        "dice": {"emoji": "🎲", "value": 3},
    }[kind]  # fmt: skip
    await phone.send_kind({kind: content})
    assert heard(telegram, phone).kind == "unsupported"


async def test_the_largest_size_of_a_photo_is_taken(telegram: Telegram, phone: TelegramPhone) -> None:
    await phone.photo(b"12345", "ven")
    message = heard(telegram, phone)
    (media,) = message.media
    assert (message.kind, message.text, media.id, media.size) == ("media", "ven", "file0", 5)


async def test_a_blocked_bot_is_told_as_unreachable(telegram: Telegram, phone: TelegramPhone) -> None:
    await phone.block()
    assert heard(telegram, phone).kind == "unreachable"


async def test_messages_are_protected_and_show_no_preview(telegram: Telegram, phone: TelegramPhone) -> None:
    await telegram.send(phone.address, Outgoing("https://example.org"))
    form = phone.platform.calls[-1].form
    assert form["protect_content"] == "true"
    assert orjson.loads(form["link_preview_options"]) == {"is_disabled": True}


async def test_short_titles_stand_two_in_a_row_and_long_ones_alone(telegram: Telegram, phone: TelegramPhone) -> None:
    for title, rows in [("Sí", [2, 2]), ("Una respuesta larga", [1, 1, 1, 1])]:
        await telegram.send(phone.address, Outgoing("?", tuple(replace(b, title=title) for b in choices(4))))
        keyboard = orjson.loads(phone.platform.calls[-1].form["reply_markup"])["inline_keyboard"]
        assert [len(row) for row in keyboard] == rows


async def test_a_value_of_more_than_64_bytes_is_never_sent(telegram: Telegram, phone: TelegramPhone) -> None:
    for value in ("ñ" * 33, ""):
        with pytest.raises(Refused):
            await telegram.send(phone.address, Outgoing("?", (replace(choices(1)[0], value=value),)))
    assert not phone.platform.calls


async def test_a_tap_is_acknowledged_once_and_an_old_one_is_let_go(telegram: Telegram, phone: TelegramPhone) -> None:
    await telegram.send(phone.address, Outgoing("?", choices(2)))
    await phone.tap("Opción 2")
    message = heard(telegram, phone)
    await telegram.acknowledge(message.callback)
    assert phone.platform.answered == [message.callback]
    await telegram.acknowledge("too-old")


async def test_an_exit_deletes_both_sides_of_the_chat(telegram: Telegram, phone: TelegramPhone) -> None:
    ids: list[str] = []
    for turn in range(130):
        await phone.say(f"mio {turn}")
        ids += heard(telegram, phone).thread
        ids += await telegram.send(phone.address, Outgoing(f"tuyo {turn}"))
    assert len(phone.screen) == len(ids) == 260
    await telegram.erase(phone.address, tuple(ids))
    assert phone.screen == []
    assert sum(call.path.endswith("/deleteMessages") for call in phone.platform.calls) == 3


async def test_what_is_too_old_to_delete_does_not_save_the_rest(
    telegram: Telegram, phone: TelegramPhone, now: list[float]
) -> None:
    old = await telegram.send(phone.address, Outgoing("antigua"))
    now[0] += 48 * 3600
    ids = [*old]
    for turn in range(9):
        ids += await telegram.send(phone.address, Outgoing(f"nueva {turn}"))
    await telegram.erase(phone.address, tuple(ids))
    assert phone.screen == ["antigua"]


async def test_a_throttled_erasure_can_be_tried_again(telegram: Telegram, phone: TelegramPhone) -> None:
    ids = await telegram.send(phone.address, Outgoing("a"))
    phone.platform.fail("throttled", "deleteMessages")
    with pytest.raises(Throttled):
        await telegram.erase(phone.address, ids)
    await telegram.erase(phone.address, ids)
    assert phone.screen == []


async def test_polling_confirms_only_what_it_is_asked_to(telegram: Telegram, phone: TelegramPhone) -> None:
    phone.platform.gate = None
    await phone.say("uno")
    await phone.say("dos")
    first = await telegram.poll(0, 0)
    assert first == await telegram.poll(0, 0)
    assert [received.messages[0].text for _, received in first] == ["uno", "dos"]
    ((_, second),) = await telegram.poll(first[0][0] + 1, 0)
    assert second.messages[0].text == "dos"
    assert await telegram.poll(first[1][0] + 1, 0) == []


async def test_an_update_that_cannot_be_read_does_not_stop_the_polling(
    telegram: Telegram, phone: TelegramPhone
) -> None:
    phone.platform.gate = None
    await phone.platform.deliver({"update_id": 5, "message": {"text": 7}})
    await phone.platform.deliver({"update_id": 6, "message": {"message_id": 1, "date": 1, "text": "a"}})
    assert [(one, received.messages) for one, received in await telegram.poll(0, 0)] == [(5, ()), (6, ())]


async def test_registering_sets_secret_and_kinds_and_the_check_sees_it(
    telegram: Telegram, platform: TelegramPlatform
) -> None:
    assert [finding.ok for finding in await telegram.check()] == [True, False]
    await telegram.register("https://faro.example")
    assert platform.webhook == {"url": "https://faro.example/webhooks/telegram", "allowed_updates": list(ALLOWED)}
    assert platform.secret == SECRET
    assert [finding.ok for finding in await telegram.check()] == [True, True]
    await telegram.unregister()
    assert platform.webhook["url"] == ""


async def test_a_wrong_token_is_named_by_the_check(platform: TelegramPlatform) -> None:
    channel = Telegram(_settings(platform.url).model_copy(update={"telegram_token": "1:wrong"}))
    await channel.start()
    (finding,) = await channel.check()
    assert (finding.ok, finding.what) == (False, "telegram token")
    await channel.close()


def test_the_built_in_rules_say_what_the_published_description_says() -> None:
    spec = botapi.published()
    if spec is None:
        pytest.skip("the description is not at hand")
    described = {**spec["methods"], **spec["types"]}
    compared = count()
    for name, fields in botapi.BUILT_IN.items():
        published = {one["name"]: botapi.read_field(one) for one in described[name].get("fields", [])}
        for field, rule in fields.items():
            assert published[field] == rule, (name, field)
            next(compared)
        assert {field for field, rule in published.items() if rule.required} <= set(fields)
    assert next(compared) == 27
