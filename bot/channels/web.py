"""A page of ours as a channel: what is said to it waits in a sealed mailbox, and it fetches that (`bot/chat_door.py`).

    POST /chat/messages   Authorization: Bearer <handle>, Content-Type: application/json
    {"id": "<uuid>", "text": "…"} or, in place of "text", one of
        "choice": "Q3=yes"            the value of a button
        "start": true                 the page was opened
        "location": "4.7,-74.1"       latitude, longitude
        "file": "<base64>", "media_type": "image/jpeg", "text": "<caption, or absent>"
        "sign": "watched"             somebody is near: bland talk only. Said by the page's button, in any state
        "sign": "resume"              alone again: the safety question comes
        "sign": "exit"                the page's exit: the mailbox is erased and closed at once, the handle is dead
    each with "language": "es" and "placement": "7K3M9" where the page knows them; {} says nothing.

    An event is {"text": "…", "buttons": [["title", "value"]], "key": "…", "language": "es"}.

What a page must know of `key`:

    cover_1 cover_2 cover_3 cover_4   bland talk, somebody watches: the page stays covered, or covers itself
    exit                              the bland last word: nothing follows, and what stood before is to be gone
    later                             not now: nothing was asked, and nothing may light up the page
    utter_ask_safe                    the safety question, also the first one after a gap: what stood before it may be
                                      hidden until it is answered
    receipt                           holds the code by which a report is found again
    anything else                     an ordinary message. Keys that the page does not know are shown like any other

The event `erase` (an exit word was written) clears the page's transcript; then comes the message `exit`.
Nothing comes twice, unlike on the platforms: a worker killed between the commit here and its own record sends again,
and the mailbox knows the number of the reply.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import MEDIA_LIMIT, Delivery, Finding, Incoming, Media, Outgoing, Received
from bot.channels.pieces import each, split
from bot.errors import Forged, Malformed, MaybeSent, MediaRefused, PlatformDown, Refused, Throttled, TooBig, Unreachable
from bot.languages import SOURCE_LANGUAGE
from bot.safety import Sign
from bot.texts import shipped as shipped_texts
from storage import mailbox
from storage.database import Database
from storage.errors import DatabaseDown, MailboxClosed, MailboxFull, NotFound
from storage.keys import KeyRing
from storage.mailbox import Mailbox

TEXT_LIMIT = 4096  # characters of one message: what a small screen can hold of it in a few strokes
WAIT_SECONDS = 30.0  # for a page that tells nothing
_TIMEOUT = 10.0  # seconds
_INLINE = "inline:"  # a file comes with the message itself: its bytes travel in the sealed inbox
_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[A-Za-z0-9.+-]{1,80}(?:; ?[a-z]{1,20}=[A-Za-z0-9.,+-]{1,40})?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_PLACEMENT = re.compile(r"[A-Za-z0-9-]{1,64}")
_PLACE = re.compile(r"-?\d{1,3}(?:\.\d{1,15})?,-?\d{1,3}(?:\.\d{1,15})?")
_SHORT = 1024  # bytes; a sign is shorter
_MOST_VALUE = 64  # bytes of a button's value
# The words of a language's list that a button of the page stands for.
SIGNS: Mapping[str, str] = {Sign.WATCHED: "watched", Sign.RESUME: "resume_word", Sign.EXIT: "exit"}


class Web:
    """On in practice and with real officers alike: whoever writes here needs no account anywhere."""

    name = "web"
    paths = ("/chat/messages",)
    erases = True

    def __init__(self, database: Database, keys: Callable[[], KeyRing], origin: str = "", *,
                 timeout: float = _TIMEOUT) -> None:  # fmt: skip
        """`keys` is asked for when a handle is looked at; `origin`: the address of the door, where it is known."""
        self._database, self._keys = database, keys
        self._origin, self._timeout = origin, timeout

    # What comes in.

    def read(self, delivery: Delivery) -> Received:
        handle, _ = self.admit(delivery.headers)
        try:
            value = orjson.loads(delivery.body)
        except orjson.JSONDecodeError:
            raise Malformed("json") from None
        if not isinstance(value, dict):
            raise Malformed("object")
        return Received((_incoming(handle, value),) if value else (), status=202)

    def admit(self, headers: Mapping[str, str]) -> tuple[str, Mailbox]:
        """The handle that a request came with, and its mailbox. Raises `Forged`."""
        if headers.get("content-type", "application/json").partition(";")[0].strip() != "application/json":
            raise Forged("content_type")
        self.same_site(headers)
        scheme, _, handle = headers.get("authorization", "").partition(" ")
        if scheme != "Bearer":
            raise Forged("handle")
        try:
            return handle, Mailbox.of(self._keys(), handle)
        except NotFound:
            raise Forged("handle") from None

    def same_site(self, headers: Mapping[str, str]) -> None:
        """Raises `Forged` for what another site's page asks for. Old browsers and programs tell neither header."""
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            raise Forged("site")
        origin = headers.get("origin")
        if origin is not None and origin != self._origin and _host(origin) != headers.get("host"):
            raise Forged("origin")

    def new_handle(self) -> str:
        return mailbox.new_handle(self._keys())

    # What goes out.

    def compose(self, message: Outgoing) -> list[Outgoing]:
        return each(message, split(message.text, TEXT_LIMIT), message.buttons)

    async def send(self, address: str, piece: Outgoing) -> tuple[str, ...]:
        box = self._mailbox(address)
        buttons = [[button.title, button.value] for button in piece.buttons]
        event = {"text": piece.text, "buttons": buttons, "key": piece.key, "language": piece.language}
        async with self._writing() as tx:
            number = await mailbox.put(tx, box, event, datetime.now(UTC), reply=piece.number)
        return () if number is None else (str(number),)

    async def erase(self, address: str, ids: tuple[str, ...]) -> None:
        box = self._mailbox(address)
        async with self._writing() as tx:
            await mailbox.erase(tx, box, {"erase": True}, datetime.now(UTC))

    async def shut(self, box: Mailbox) -> None:
        """The page's exit: at once, without waiting for a worker. What is still said to it is refused from now on."""
        async with self._writing() as tx:
            await mailbox.erase(tx, box, {"erase": True, "closed": True}, datetime.now(UTC), close=True)

    async def acknowledge(self, callback: str) -> None:
        """A page shows by itself what was tapped."""

    async def fetch(self, media: Media) -> bytes:
        if not media.id.startswith(_INLINE):
            raise MediaRefused("address")
        try:
            data = base64.b64decode(media.id.removeprefix(_INLINE), validate=True)
        except ValueError:  # also of letters that are no ASCII, for which the library has no kind of its own
            raise MediaRefused("base64") from None
        if len(data) > MEDIA_LIMIT:
            raise TooBig
        return data

    async def check(self) -> list[Finding]:
        try:
            async with asyncio.timeout(self._timeout), self._database.begin() as tx:
                await mailbox.look(tx)
        except (DatabaseDown, TimeoutError, OSError):
            return [Finding(False, "web: no mailbox is reached", "Start ./run, or set FARO_DATABASE_URL.")]
        return [Finding(True, "web: on, under /chat")]

    async def start(self) -> None:
        """Nothing to open: the database is the process's own."""

    async def close(self) -> None:
        """Nor to close."""

    def _mailbox(self, address: str) -> Mailbox:
        try:
            return Mailbox.of(self._keys(), address)
        except NotFound:
            raise Refused("handle") from None

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        """Whatever goes wrong before the commit left nothing; a commit without an answer may have happened."""
        committing = False
        try:
            async with asyncio.timeout(self._timeout), self._database.begin() as tx:
                yield tx
                committing = True
        except MailboxClosed:
            raise Unreachable("closed") from None
        except MailboxFull:
            raise Throttled("full", after=WAIT_SECONDS) from None
        except (DatabaseDown, TimeoutError, OSError):
            raise (MaybeSent if committing else PlatformDown)("mailbox") from None


def _host(origin: str) -> str:
    """Of what names no host something that no host is called."""
    try:
        return urlsplit(origin).netloc or "-"
    except ValueError:
        return "-"


def _incoming(handle: str, value: dict[str, Any]) -> Incoming:
    id = _matching(_ID, value.get("id"))
    base: dict[str, Any] = {
        "message_id": f"{handle}.{id}", "address": handle, "thread": (id,),
        "language": _or_nothing(_LANGUAGE, value.get("language")),
        "placement": _or_nothing(_PLACEMENT, value.get("placement")),
    }  # fmt: skip
    match value:
        case {"choice": str(choice)} if 0 < len(choice.encode()) <= _MOST_VALUE:
            return Incoming(kind="choice", choice=choice, **base)
        case {"file": str(file), "media_type": media_type}:
            media = Media(_INLINE + file, _matching(_MEDIA_TYPE, media_type))
            return Incoming(kind="media", media=(media,), text=_text(value.get("text", "")), **base)
        case {"location": place}:
            return Incoming(kind="location", text=_matching(_PLACE, place), **base)
        case {"start": True}:
            return Incoming(kind="start", **base)
        case {"sign": sign}:
            return Incoming(kind="text", text=word_of(sign, base["language"]), **base)
        case {"text": str(text)} if text:
            return Incoming(kind="text", text=_text(text), **base)
    raise Malformed("kind")


def leaves(body: bytes) -> bool:
    """Of a body that was read: is it the page's own exit? An exit word that was typed is answered like any word."""
    return len(body) < _SHORT and b'"exit"' in body and bool(orjson.loads(body).get("sign") == Sign.EXIT)


def word_of(sign: object, language: str) -> str:
    """The word by which a button of the page says what a person could write too. Raises `Malformed`."""
    if not isinstance(sign, str) or sign not in SIGNS:
        raise Malformed("sign")
    lists = shipped_texts().safety
    words = lists.get(language, lists[SOURCE_LANGUAGE])[SIGNS[sign]]
    return str(words[0] if isinstance(words, list) else words)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise Malformed("text")
    return value


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Malformed("field")
    return value


def _or_nothing(pattern: re.Pattern[str], value: object) -> str:
    """What may be missing may be wrong too: nobody is turned away for it."""
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""
