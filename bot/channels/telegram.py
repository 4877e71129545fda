"""Telegram: the Bot API through python-telegram-bot's Bot and Update; its updater, queue and handlers are not used.

Those keep updates in memory and swallow what handlers raise, so that an update acknowledged there can be lost
(knowledge: channels 1.1). Here an update is acknowledged once it is committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from hmac import compare_digest
from itertools import batched
from typing import Any, cast
from urllib.parse import urlencode

# The future form of RetryAfter.retry_after; without it the library warns each time it makes that error.
os.environ.setdefault("PTB_TIMEDELTA", "1")

import httpx
import orjson
from telegram import (
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    Update,
    User,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import AIORateLimiter, ExtBot
from telegram.request import HTTPXRequest

from bot import log
from bot.channels import MEDIA_LIMIT, Button, Delivery, Finding, Incoming, Media, Outgoing, Received
from bot.channels.media import download
from bot.channels.pieces import split, utf16
from bot.errors import (
    FaroError,
    Forged,
    Malformed,
    MaybeSent,
    MediaDown,
    MediaRefused,
    PlatformDown,
    Refused,
    SendError,
    Throttled,
    TooBig,
    Unreachable,
)
from bot.settings import Settings

TEXT_LIMIT = 4096  # characters of one message
DATA_LIMIT = 64  # bytes of a button's callback_data
DELETE_LIMIT = 100  # ids of one deleteMessages
BODY_LIMIT = 1024 * 1024  # bytes; a real update is a few kilobytes
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")

_PLACEMENT = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{2,8})*")
_FILES = (("voice", "audio/ogg"), ("audio", "audio/mpeg"), ("video", "video/mp4"), ("video_note", "video/mp4"),
          ("document", "application/octet-stream"))  # fmt: skip
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Telegram:
    """See `bot.channels.Channel`. `timeout`: seconds until a call to Telegram counts as unanswered."""

    name = "telegram"
    paths = ("/webhooks/telegram",)
    erases = True

    def __init__(self, settings: Settings, *, timeout: float = 10.0) -> None:
        origin, token = settings.telegram_api_url, settings.telegram_token
        self._secret = settings.telegram_secret
        self._polls = settings.telegram_polling
        self._public_url = settings.public_url
        self._api, self._file_base = f"{origin}/bot{token}", f"{origin}/file/bot{token}/"
        self._timeout = timeout
        self._updates = _request(timeout)
        self._bot: ExtBot[int] = ExtBot(
            token,
            base_url=f"{origin}/bot",
            base_file_url=f"{origin}/file/bot",
            request=_request(timeout),
            get_updates_request=self._updates,
            rate_limiter=_limiter(settings),
        )
        self._files = httpx.AsyncClient(timeout=timeout)

    async def start(self) -> None:
        """Nothing: the clients connect when used, so that Faro starts while Telegram is down."""

    async def close(self) -> None:
        await self._bot.shutdown()
        for request in (*self._bot._request, self._updates):  # shutdown() leaves them when getMe never was called
            await request.shutdown()
        await self._files.aclose()

    def read(self, delivery: Delivery) -> Received:
        # Without a secret nobody is genuine: two empty strings would compare as equal.
        given = delivery.headers.get("x-telegram-bot-api-secret-token", "")
        if not self._secret or not compare_digest(given.encode(), self._secret.encode()):
            raise Forged
        if len(delivery.body) > BODY_LIMIT:
            raise Malformed("too_long")
        try:
            update = orjson.loads(delivery.body)
        except orjson.JSONDecodeError:
            raise Malformed("json") from None
        return _received(update)

    def compose(self, message: Outgoing) -> list[Outgoing]:
        """Pieces of at most 4096 characters; the buttons hang on the last one."""
        *first, last = split(message.text, TEXT_LIMIT, utf16)
        key, language = message.key, message.language
        return [*(Outgoing(text, (), key, language) for text in first), Outgoing(last, message.buttons, key, language)]

    async def send(self, address: str, piece: Outgoing) -> tuple[str, ...]:
        with _named():
            sent = await self._bot.send_message(
                int(address),
                piece.text,
                reply_markup=_keyboard(piece.buttons),
                protect_content=True,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
            )
        return (str(sent.message_id),)

    async def acknowledge(self, callback: str) -> None:
        with _named():
            try:
                await self._bot.answer_callback_query(callback)
            except BadRequest:
                return  # too old to be answered, which also ends the waiting sign

    async def fetch(self, media: Media) -> bytes:
        if (media.size or 0) > MEDIA_LIMIT:
            raise TooBig
        try:
            file = await self._bot.get_file(media.id)
        except (BadRequest, Forbidden):
            raise MediaRefused("file_id") from None
        except TelegramError:
            raise MediaDown("get_file") from None
        address = file.file_path or ""
        if not address.startswith(self._file_base):
            raise MediaRefused("address")
        # The address holds the token: it stays in here.
        return await download(self._files, address)

    async def erase(self, address: str, ids: tuple[str, ...]) -> None:
        """Both sides of the chat. What is older than 48 hours can't be deleted by a bot, and is passed over."""
        with _named():
            for some in batched(dict.fromkeys(ids), DELETE_LIMIT):
                await self._delete(int(address), [int(one) for one in some])

    async def check(self) -> list[Finding]:
        try:
            await self._bot.get_me()
            hook = await self._bot.get_webhook_info()
        except InvalidToken:
            return [Finding(False, "telegram token", "Telegram does not know it: copy it again from BotFather.")]
        except TelegramError:
            return [Finding(False, "telegram", "No answer: look at the network and FARO_TELEGRAM_API_URL.")]
        return [Finding(True, "telegram token"), self._webhook(hook.url, hook.allowed_updates)]

    async def register(self, public_url: str) -> None:
        """Tells Telegram where to deliver. Raises `SendError`."""
        with _named():
            await self._bot.set_webhook(
                public_url + self.paths[0], secret_token=self._secret, allowed_updates=list(ALLOWED)
            )

    async def unregister(self) -> None:
        """Needed before `poll`: Telegram refuses getUpdates while a webhook is set. What waits there is kept."""
        with _named():
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def poll(self, offset: int, timeout: int) -> list[tuple[int, Received]]:
        """Updates from `offset` on, waiting `timeout` seconds for one; asking for a higher offset confirms the lower.

        Not `Bot.get_updates`: it logs all updates and raises when it can't parse one of them, for ever after.
        Raises `SendError`."""
        query = urlencode({"offset": offset, "timeout": timeout, "allowed_updates": orjson.dumps(ALLOWED).decode()})
        with _named():
            # post() is annotated with an object; getUpdates returns a list.
            answer = await self._updates.post(
                f"{self._api}/getUpdates?{query}", read_timeout=timeout + self._timeout
            )
        return [(one["update_id"], _tolerant(one)) for one in cast("list[dict[str, Any]]", answer)]

    async def _delete(self, chat: int, ids: Sequence[int]) -> None:
        try:
            await self._bot.delete_messages(chat, ids)
        except BadRequest:
            # One that may not be deleted spoils its whole lot: look for it by halves.
            if len(ids) > 1:
                await self._delete(chat, ids[: len(ids) // 2])
                await self._delete(chat, ids[len(ids) // 2 :])

    def _webhook(self, url: str, allowed: Sequence[str] | None) -> Finding:
        what = "telegram webhook"
        if self._polls:
            return Finding(not url, what, "A webhook is set, so polling is refused: remove it." if url else "")
        if url != self._public_url + self.paths[0]:
            return Finding(False, what, "Telegram delivers elsewhere: register the webhook.")
        if set(allowed or ()) != set(ALLOWED):
            return Finding(False, what, "Telegram delivers other kinds of updates: register the webhook.")
        return Finding(True, what)


def _request(timeout: float) -> HTTPXRequest:
    return HTTPXRequest(read_timeout=timeout, write_timeout=timeout, connect_timeout=timeout, pool_timeout=timeout)


def _limiter(settings: Settings) -> AIORateLimiter:
    """Paces all chats together. One chat is not paced here: several workers write, none knows of the others.

    Telegram's 429 is exact, means "not processed" and says how long to wait, so `Throttled` carries that to the
    outbox. The limiter's own retries stay off: while it waits it stops every chat.
    """
    share = settings.telegram_pace / settings.workers
    return AIORateLimiter(overall_max_rate=share, overall_time_period=1, group_max_rate=0, max_retries=0)


def _tolerant(update: dict[str, Any]) -> Received:
    try:
        return _received(update)
    except Malformed as error:
        log.failure("telegram_update", error)
        return Received()


def _received(value: object) -> Received:
    if not isinstance(value, dict):
        raise Malformed("update")
    try:
        update = Update.de_json(value, None)
        found = _incoming(update)
    except FaroError:
        raise
    except Exception:  # whatever the library stumbles over in a body that Telegram would not send
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
    thread = (str(query.message.message_id),) if query.message else ()
    kind = "choice" if query.data else "unsupported"
    return Incoming(
        event, str(chat), kind, choice=query.data or "", callback=query.id, language=_tongue(query.from_user),
        thread=thread,
    )  # fmt: skip


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
        placement = words.removeprefix("/start").strip()
        return Incoming(kind="start", placement=placement if _PLACEMENT.fullmatch(placement) else "", **about)
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
    if not all(re.fullmatch(r"-?[0-9]{1,20}", number) for number in numbers):
        raise Malformed("number")
    if len(found.choice.encode()) > DATA_LIMIT or not all(isinstance(one.size, int | None) for one in found.media):
        raise Malformed("size")
    return found


def _keyboard(buttons: Sequence[Button]) -> InlineKeyboardMarkup | None:
    """Two in a row where both titles are short enough for a narrow screen, else one."""
    if not buttons:
        return None
    keys = [_key(button) for button in buttons]
    wide = 2 if all(len(button.title) <= 14 for button in buttons) else 1
    return InlineKeyboardMarkup([list(row) for row in batched(keys, wide)])


def _key(button: Button) -> InlineKeyboardButton:
    if not 1 <= len(button.value.encode()) <= DATA_LIMIT:
        raise Refused("callback_data")
    return InlineKeyboardButton(button.title, callback_data=button.value)


@contextmanager
def _named() -> Iterator[None]:
    """Gives the library's errors our names. `from None`: their messages may quote the text that was sent."""
    try:
        yield
    except TelegramError as error:
        raise _name(error) from None


def _name(error: TelegramError) -> SendError:
    match error:
        case RetryAfter():
            wait = error.retry_after
            return Throttled("429", after=wait.total_seconds() if isinstance(wait, timedelta) else float(wait))
        case Forbidden():
            return Unreachable("403")
        case InvalidToken():  # ours to mend: the messages wait meanwhile
            return PlatformDown("401")
        case Conflict():
            return PlatformDown("409")
        case BadRequest() | ChatMigrated():
            return Refused("400")
    if isinstance(error.__cause__, httpx.HTTPError) and not isinstance(error.__cause__, _NEVER_LEFT):
        return MaybeSent(type(error.__cause__).__name__)
    return PlatformDown("no_answer" if error.__cause__ else "5xx")
