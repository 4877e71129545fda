"""Telegram: the Bot API through python-telegram-bot's Bot; its updater, queue and handlers are not used.

Those keep updates in memory and swallow what handlers raise, so that an update acknowledged there can be lost.
Here an update is acknowledged once it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from hmac import compare_digest
from itertools import batched
from typing import Any, cast
from urllib.parse import urlencode

# The future form of RetryAfter.retry_after; without it the library warns each time it makes that error.
os.environ.setdefault("PTB_TIMEDELTA", "1")

import aiohttp
import orjson
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
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

from bot import log
from bot.channels import MEDIA_LIMIT, Button, Delivery, Finding, Media, Outgoing, Received
from bot.channels.http import client, download, no_media, trouble
from bot.channels.pieces import each, split, utf16
from bot.channels.telegram_http import Request
from bot.channels.telegram_updates import ALLOWED, DATA_LIMIT, received
from bot.errors import (
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
DELETE_LIMIT = 100  # ids of one deleteMessages
BODY_LIMIT = 1024 * 1024  # bytes; a real update is a few kilobytes
_STUMBLES = (AttributeError, KeyError, TypeError)  # what the library raises over an answer of another shape


class Telegram:
    """See `bot.channels.Channel`. `timeout`: seconds until a call to Telegram counts as unanswered."""

    name = "telegram"
    paths = ("/webhooks/telegram",)
    erases = True

    def __init__(self, settings: Settings, *, timeout: float = 10.0) -> None:
        origin, token = settings.telegram_api_url, settings.telegram_token
        self._secret = settings.telegram_secret
        self._polls = settings.telegram_polling
        self._hook = settings.public_url + self.paths[0]
        self._api, self._file_base = f"{origin}/bot{token}", f"{origin}/file/bot{token}/"
        self._timeout = timeout
        self._unhooked = False
        self.pace = settings.telegram_pace / settings.workers  # messages a second that this process may send
        self._request = Request(timeout)
        self._bot: ExtBot[int] = ExtBot(
            token,
            base_url=f"{origin}/bot",
            base_file_url=f"{origin}/file/bot",
            request=self._request,
            get_updates_request=self._request,
            rate_limiter=_limiter(self.pace),
        )

    async def start(self) -> None:
        """Asks Telegram nothing (the library's own start would): Faro starts while Telegram is down."""
        self._session = client(self._timeout)
        self._request.session = self._session

    async def close(self) -> None:
        await self._session.close()

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
        return received(update)

    def compose(self, message: Outgoing) -> list[Outgoing]:
        """Pieces of at most 4096 characters; the buttons hang on the last one."""
        return each(message, split(message.text, TEXT_LIMIT, utf16), message.buttons)

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
        except (TelegramError, *_STUMBLES):
            raise MediaDown("get_file") from None
        if not (file.file_path or "").startswith(self._file_base):
            raise MediaRefused("address")
        # The address holds the token: it goes no further than this call.
        try:
            async with self._session.get(cast(str, file.file_path), allow_redirects=False) as answer:
                return await download(answer)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise no_media(error) from None

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
        """Tells Telegram where to deliver, with which secret, and which kinds of updates. Raises `SendError`."""
        with _named():
            await self._bot.set_webhook(
                public_url + self.paths[0], secret_token=self._secret, allowed_updates=list(ALLOWED)
            )

    async def unregister(self) -> None:
        """Takes the webhook away. What waits there is kept."""
        with _named():
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def poll(self, offset: int, wait: int) -> list[tuple[int, Received]]:
        """Updates from `offset` on, waiting `wait` seconds for one; asking for a higher offset confirms the lower.

        Takes a webhook away first: Telegram refuses getUpdates while there is one. Not `Bot.get_updates`: that logs all
        updates when it can't parse one, and raises, for ever after. Raises `SendError`."""
        if not self._unhooked:
            await self.unregister()
            self._unhooked = True
        query = urlencode({"offset": offset, "timeout": wait, "allowed_updates": orjson.dumps(ALLOWED).decode()})
        with _named():
            answer = await self._request.post(f"{self._api}/getUpdates?{query}", read_timeout=wait + self._timeout)
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
        if url != self._hook:
            return Finding(False, what, "Telegram delivers elsewhere: register the webhook.")
        if set(allowed or ()) != set(ALLOWED):
            return Finding(False, what, "Telegram delivers other kinds of updates: register the webhook.")
        return Finding(True, what)


def _limiter(pace: float) -> AIORateLimiter:
    """Paces all chats together. One chat is not paced here: several workers write, none knows of the others.

    Telegram's 429 is exact, means "not processed" and says how long to wait, so `Throttled` carries that to the
    outbox. The limiter's own retries stay off: while it waits it stops every chat.
    """
    seconds = 1 / pace if 0 < pace < 1 else 1  # the bucket must hold at least one message
    return AIORateLimiter(overall_max_rate=pace * seconds, overall_time_period=seconds, group_max_rate=0, max_retries=0)


def _tolerant(update: dict[str, Any]) -> Received:
    try:
        return received(update)
    except Malformed as error:
        log.failure("telegram_update", error)
        return Received()


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
    except _STUMBLES:
        raise MaybeSent("answer") from None


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
    cause = error.__cause__
    return trouble(cause) if isinstance(cause, aiohttp.ClientError | TimeoutError) else PlatformDown("5xx")
