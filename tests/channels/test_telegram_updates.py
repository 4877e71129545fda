"""What updates of Telegram mean."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels import Incoming
from bot.channels.telegram import Telegram
from bot.channels.telegram_updates import received
from bot.errors import Malformed
from tests.channels.platforms.phone import Collect
from tests.channels.platforms.telegram import TelegramPhone, TelegramPlatform
from tests.channels.rigs import heard

PRIVATE: dict[str, Any] = {"message_id": 9, "date": 1, "chat": {"id": 5, "type": "private", "first_name": "x"}}
FILE: dict[str, Any] = {"file_id": "f", "file_unique_id": "u"}


def meaning(**content: Any) -> Incoming:
    (message,) = received({"update_id": 1, "message": PRIVATE | content}).messages
    return message


@pytest.mark.parametrize(
    ("said", "placement"),
    [("", ""), ("7K3M9", "7K3M9"), ("7k3-m9", "7K3M9"), ("7K3M8", ""), ("x" * 64, ""), ("a b", ""), ("ñ", ""),
     ("../etc", "")],
)  # fmt: skip
def test_a_link_brings_its_placement_or_nothing(said: str, placement: str) -> None:
    message = meaning(text=f"/start {said}".strip())
    assert (message.kind, message.placement, message.text) == ("start", placement, "")


def test_words_that_only_begin_like_the_start_command_are_words() -> None:
    assert meaning(text="/started to work there").kind == "text"


async def test_an_edited_message_is_told_as_edited(telegram: Telegram, person: TelegramPhone, gate: Collect) -> None:
    await person.say("uno")
    first = heard(telegram, gate)
    await person.edit("dos")
    edited = heard(telegram, gate)
    assert (edited.kind, edited.text, edited.edited, edited.thread) == ("text", "dos", True, first.thread)
    assert edited.message_id != first.message_id


@pytest.mark.parametrize(("code", "told"), [("es-419", "es-419"), ("en", "en"), ("x y", ""), ("", "")])
async def test_the_language_of_the_telephone_is_told(
    telegram: Telegram, botapi: TelegramPlatform, gate: Collect, code: str, told: str
) -> None:
    await botapi.phone(language=code).say("hola")
    assert heard(telegram, gate).language == told


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ({"voice": FILE | {"duration": 1}}, "audio/ogg"),
        ({"audio": FILE | {"duration": 1, "mime_type": "audio/mp4"}}, "audio/mp4"),
        ({"video": FILE | {"duration": 1, "width": 1, "height": 1}}, "video/mp4"),
        ({"video_note": FILE | {"duration": 1, "length": 1}}, "video/mp4"),
        ({"document": FILE | {"mime_type": "application/pdf"}}, "application/pdf"),
        ({"document": FILE}, "application/octet-stream"),
        ({"photo": [FILE | {"file_id": "s", "width": 1, "height": 1}, FILE | {"width": 9, "height": 9}]}, "image/jpeg"),
    ],
)
def test_a_file_is_told_with_its_kind_and_caption(content: dict[str, Any], media_type: str) -> None:
    message = meaning(caption="ven", **content)
    assert (message.kind, message.text) == ("media", "ven")
    assert [(media.id, media.media_type) for media in message.media] == [("f", media_type)]


@pytest.mark.parametrize(
    "content",
    [
        {"sticker": FILE | {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}},
        {"contact": {"phone_number": "1", "first_name": "x"}},
        {"dice": {"emoji": "🎲", "value": 3}},
    ],
)
def test_what_cannot_be_used_is_told_as_unsupported(content: dict[str, Any]) -> None:
    assert meaning(**content).kind == "unsupported"


async def test_a_blocked_bot_is_told_as_unreachable(telegram: Telegram, person: TelegramPhone, gate: Collect) -> None:
    await person.block()
    assert heard(telegram, gate).kind == "unreachable"


def test_a_tap_on_a_message_that_telegram_no_longer_shows_still_counts() -> None:
    person = {"id": 5, "is_bot": False, "first_name": "x"}
    query = {"id": "3", "from": person, "chat_instance": "1", "data": "Q3=yes"}
    gone = {"message": {"chat": PRIVATE["chat"], "message_id": 9, "date": 0}}
    for update, thread in ((query, ()), (query | gone, ("9",))):
        (message,) = received({"update_id": 1, "callback_query": update}).messages
        assert (message.address, message.choice, message.thread) == ("5", "Q3=yes", thread)


@pytest.mark.parametrize(
    "content",
    [{"text": 7}, {"text": {"a": 1}}, {"text": "a", "chat": {"id": "x", "type": "private"}},
     {"text": "a", "message_id": "9; DROP"}, {"text": "a", "date": 10**30},
     {"text": "a", "chat": {"id": 10**25, "type": "private"}}, {"voice": FILE | {"duration": 1, "file_size": "x"}},
     {"document": FILE | {"mime_type": ["x"]}}],
)  # fmt: skip
def test_values_of_other_types_than_documented_are_malformed(content: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        meaning(**content)
