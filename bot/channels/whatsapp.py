"""WhatsApp through Twilio: choices to tap are contents that Twilio keeps, made once for each set of buttons.

The text of a message goes in as a variable, so that no content is made for a message and none holds a person's case.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Protocol

import aiohttp
import orjson

from bot import log
from bot.channels import Button, Outgoing
from bot.channels.http import trouble
from bot.channels.pieces import each, numbered, split, utf16
from bot.channels.twilio import STATUS_PATH, TwilioChannel
from bot.channels.twilio_errors import named
from bot.errors import Refused, SendError
from bot.settings import Settings

TEXT_LIMIT = 1600  # characters of one message through Twilio (error 21617)
BODY_LIMIT = 1024  # … of one with buttons
QUICK_REPLIES = 3
LIST_ITEMS = 10
TITLE_LIMIT = 20  # characters of a quick reply; a list item may have 24
ITEM_LIMIT = 24
REST_SECONDS = 60  # after contents could not be made, choices are numbered for so long

_OPEN_LIST = "☰"  # the button that opens a list; a sign, since words need a language


class Contents(Protocol):
    """Where the ids of contents are remembered, by the digest of what they hold."""

    async def get(self, digest: bytes) -> str | None: ...

    async def put(self, digest: bytes, sid: str) -> None: ...


class RememberedContents:
    """Remembers for as long as the process lives."""

    def __init__(self) -> None:
        self._sids: dict[bytes, str] = {}

    async def get(self, digest: bytes) -> str | None:
        return self._sids.get(digest)

    async def put(self, digest: bytes, sid: str) -> None:
        self._sids[digest] = sid


class WhatsApp(TwilioChannel):
    """See `bot.channels.Channel`."""

    name = "whatsapp"
    paths = ("/webhooks/whatsapp", STATUS_PATH)

    def __init__(self, settings: Settings, contents: Contents, *, timeout: float = 10.0) -> None:
        super().__init__(settings, settings.whatsapp_sender, timeout=timeout)
        self._contents, self._known = contents, RememberedContents()
        self._making, self._rest_until = asyncio.Lock(), 0.0

    def compose(self, message: Outgoing) -> list[Outgoing]:
        """Buttons stay where WhatsApp can show them; else the choices are numbered."""
        if _tappable(message.buttons):
            return each(message, split(message.text, BODY_LIMIT, utf16), message.buttons)
        plain = numbered(message) if message.buttons else message
        return each(plain, split(plain.text, TEXT_LIMIT, utf16))

    async def send(self, address: str, piece: Outgoing) -> tuple[str, ...]:
        if not piece.buttons:
            return await self._create(address, body=piece.text)
        if sid := await self._content(piece):
            words = orjson.dumps({"1": piece.text}).decode()
            try:
                return await self._create(address, content_sid=sid, content_variables=words)
            except Refused as error:  # nothing was sent: the person gets the question in any case
                log.failure("content_refused", error)
        return await self._create(address, body=numbered(piece).text)

    async def _content(self, piece: Outgoing) -> str | None:
        """The id of a content with these buttons, or None when there can't be one now."""
        content = _content_of(piece.buttons, piece.language or "es")
        digest = sha256(orjson.dumps(content)).digest()
        if sid := await self._known.get(digest):
            return sid
        async with self._making:
            sid = await self._contents.get(digest) or await self._make(content, digest)
        if sid:
            await self._known.put(digest, sid)
        return sid

    async def _make(self, content: dict[str, Any], digest: bytes) -> str | None:
        if time.monotonic() < self._rest_until:
            return None
        try:
            sid = await self._post({**content, "friendly_name": f"faro_{digest.hex()[:16]}"})
        except SendError as error:
            self._rest_until = time.monotonic() + REST_SECONDS
            log.failure("content_not_made", error)
            return None
        await self._contents.put(digest, sid)
        return sid

    async def _post(self, content: dict[str, Any]) -> str:
        """JSON by hand: the package's async client posts a form, which this API refuses (twilio-python #932)."""
        headers = {"authorization": self._authorization, "content-type": "application/json"}
        address = f"{self._settings.twilio_content_url}/v1/Content"
        try:
            async with self._session.post(address, data=orjson.dumps(content), headers=headers) as answer:
                if answer.status != 201:
                    raise named(None, answer.status)
                return str(orjson.loads(await answer.read())["sid"])
        except (aiohttp.ClientError, TimeoutError) as error:
            raise trouble(error) from None
        except (orjson.JSONDecodeError, KeyError, TypeError):
            raise Refused("content") from None


def _tappable(buttons: Sequence[Button]) -> bool:
    longest = max((len(button.title) for button in buttons), default=0)
    if len(buttons) <= QUICK_REPLIES:
        return bool(buttons) and longest <= TITLE_LIMIT
    return len(buttons) <= LIST_ITEMS and longest <= ITEM_LIMIT


def _content_of(buttons: Sequence[Button], language: str) -> dict[str, Any]:
    body = "{{1}}"
    if len(buttons) <= QUICK_REPLIES:
        actions = [{"type": "QUICK_REPLY", "title": button.title, "id": button.value} for button in buttons]
        types: dict[str, Any] = {"twilio/quick-reply": {"body": body, "actions": actions}}
    else:
        items = [{"item": button.title, "id": button.value} for button in buttons]
        types = {"twilio/list-picker": {"body": body, "button": _OPEN_LIST, "items": items}}
    return {"language": language, "variables": {"1": "…"}, "types": types}
