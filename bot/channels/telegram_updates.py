"""What a Telegram update means: pure, no network, no library object leaves this file."""

from __future__ import annotations

import re
from typing import Any

from telegram import CallbackQuery, ChatMemberUpdated, Message, Update, User

from bot import card_text
from bot.channels import Incoming, Media, Received
from bot.errors import Malformed

ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")
DATA_LIMIT = 64  # bytes of a button's callback_data

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{2,8})*")
_NUMBER = re.compile(r"-?[0-9]{1,20}")
_FILES = (("voice", "audio/ogg"), ("audio", "audio/mpeg"), ("video", "video/mp4"), ("video_note", "video/mp4"),
          ("document", "application/octet-stream"))  # fmt: skip


def received(value: object) -> Received:
    """Raises `Malformed`. Groups, channels and kinds that are none of ours give nothing."""
    if not isinstance(value, dict):
        raise Malformed("update")
    try:
        found = _incoming(Update.de_json(value, None))
    except Exception:  # noqa: BLE001  whatever the library stumbles over in a body that Telegram would not send
        raise Malformed("update") from None
    return Received() if found is None else Received(messages=(_sound(found),))


def _incoming(update: Update) -> Incoming | None:
    event = str(update.update_id)
    if update.callback_query:
        return _tapped(event, update.callback_query)
    if update.my_chat_member:
        return _membership(event, update.my_chat_member)
    message = update.message or update.edited_message
    # Groups are not answered: others read there.
    if message is None or message.chat.type != "private":
        return None
    return _written(event, message, edited=update.message is None)


def _tapped(event: str, query: CallbackQuery) -> Incoming:
    chat = query.message.chat.id if query.message else query.from_user.id  # the same number in a private chat
    return Incoming(
        message_id=event,
        address=str(chat),
        kind="choice" if query.data else "unsupported",
        choice=query.data or "",
        callback=query.id,
        language=_tongue(query.from_user),
        thread=(str(query.message.message_id),) if query.message else (),
    )


def _membership(event: str, change: ChatMemberUpdated) -> Incoming | None:
    if change.chat.type != "private" or change.new_chat_member.status != "kicked":
        return None
    return Incoming(event, str(change.chat.id), "unreachable")


def _written(event: str, message: Message, *, edited: bool) -> Incoming | None:
    words = message.text or message.caption or ""
    about: dict[str, Any] = {
        "message_id": event, "address": str(message.chat.id), "language": _tongue(message.from_user), "edited": edited,
        "thread": (str(message.message_id),),
    }  # fmt: skip
    if media := _media(message):
        return Incoming(kind="media", text=words, media=media, **about)
    if message.location:
        # A live location is "edited" every few seconds: answering each would light up the phone.
        place = f"{message.location.latitude:.6f},{message.location.longitude:.6f}"
        return None if edited else Incoming(kind="location", text=place, **about)
    if words == "/start" or words.startswith("/start "):
        return Incoming(kind="start", placement=card_text.sound(words.removeprefix("/start")), **about)
    if words:
        return Incoming(kind="text", text=words, **about)
    return Incoming(kind="unsupported", **about) if message.effective_attachment else None


def _media(message: Message) -> tuple[Media, ...]:
    if message.photo:
        largest = message.photo[-1]
        return (Media(largest.file_id, "image/jpeg", largest.file_size),)
    for name, usual in _FILES:
        if file := getattr(message, name):
            return (Media(file.file_id, getattr(file, "mime_type", None) or usual, file.file_size),)
    return ()


def _tongue(person: User | None) -> str:
    code = person.language_code if person else None
    return code if code and _LANGUAGE.fullmatch(code) else ""


def _sound(found: Incoming) -> Incoming:
    """The library copies values without looking at their types."""
    media = [part for one in found.media for part in (one.id, one.media_type)]
    if not all(isinstance(part, str) for part in (found.text, found.choice, found.callback, *media)):
        raise Malformed("type")
    numbers = (found.message_id, found.address, *found.thread)
    if not all(_NUMBER.fullmatch(number) for number in numbers):
        raise Malformed("number")
    if len(found.choice.encode()) > DATA_LIMIT or not all(isinstance(one.size, int | None) for one in found.media):
        raise Malformed("size")
    return found
