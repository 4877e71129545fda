"""What every channel gives: one file a channel beside this one, one test kit for all of them (`tests/channels/kit.py`).

A channel translates between a platform's wire and the types below, and names what went wrong. It keeps no state,
decides no retries, reads no database and logs nothing but codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Protocol

MEDIA_LIMIT = 20 * 1024 * 1024  # bytes of one attachment; Telegram's getFile allows no more
MEDIA_COUNT = 10  # attachments of one report

type Kind = Literal[
    "text",  # free words; also the words of an edited message, with `edited` set
    "choice",  # a button: `choice` holds the value it was sent with
    "media",  # attachments; `text` is the caption
    "location",  # `text` is "latitude,longitude"
    "start",  # opened by a link or the platform's start button; `placement` when the link carried one
    "opted_out",  # the person used a word that the platform itself obeys (STOP): never write again
    "unreachable",  # the person blocked us
    "unsupported",  # genuine, but nothing that we can use (stickers, polls, contacts)
]


@dataclass(frozen=True, slots=True)
class Media:
    """An attachment still at the platform. `id`: file id or address; `size` in bytes when the platform says it."""

    id: str
    media_type: str
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of a person. `message_id` is the platform's id, by which a repeated delivery is recognised;
    `address` is where an answer goes, opaque to us; `thread` are ids that an exit can delete at the platform."""

    message_id: str
    address: str
    kind: Kind
    text: str = ""
    choice: str = ""
    media: tuple[Media, ...] = ()
    placement: str = ""
    language: str = ""
    callback: str = ""
    edited: bool = False
    thread: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Incoming:
        media = tuple(Media(**item) for item in value["media"])
        return cls(**{**value, "media": media, "thread": tuple(value["thread"])})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a message that we sent, told by the platform later. `failed` carries the error to handle."""

    platform_id: str
    final: bool
    failed: Exception | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """A choice to tap. `value` comes back in `Incoming.choice`, at most 64 bytes."""

    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message to a person. `key` and `language` name the template, so that platform-side contents can be reused.
    `number` rises with each reply to a person and is the same when one is sent again; 0 where nobody counts."""

    text: str
    buttons: tuple[Button, ...] = ()
    key: str = ""
    language: str = ""
    number: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Outgoing:
        return cls(**{**value, "buttons": tuple(Button(**item) for item in value["buttons"])})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One HTTP request as it came. `target`: raw path and raw query, as the platform signed them."""

    path: str
    target: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """What a delivery meant, and the answer that the platform expects once it is committed."""

    messages: tuple[Incoming, ...] = ()
    receipts: tuple[Receipt, ...] = ()
    status: int = 200
    body: bytes = b""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `doctor`: `ok`, what was looked at, and what to do when it is not."""

    ok: bool
    what: str
    remedy: str = ""


class Channel(Protocol):
    """The contract. Every call may raise only errors of `bot.errors`."""

    @property
    def name(self) -> str: ...

    @property
    def paths(self) -> tuple[str, ...]:
        """The webhook paths that it answers."""

    @property
    def erases(self) -> bool:
        """Does the platform let us delete both sides of the chat?"""

    def read(self, delivery: Delivery) -> Received:
        """Genuine? Then what does it mean. Raises `Forged` (nothing is kept) or `Malformed`."""

    def compose(self, message: Outgoing) -> list[Outgoing]:
        """Splits and rewrites a message into pieces of one platform call each (limits, numbered options)."""

    async def send(self, address: str, piece: Outgoing) -> tuple[str, ...]:
        """Sends one piece and returns the platform's ids. Raises `SendError`."""

    async def acknowledge(self, callback: str) -> None:
        """Ends the waiting sign of a tapped button, where the platform has one."""

    async def fetch(self, media: Media) -> bytes:
        """Raises `FetchError`; never more than `MEDIA_LIMIT` bytes, never from a host that is not the platform's."""

    async def erase(self, address: str, ids: tuple[str, ...]) -> None:
        """Deletes messages at the platform: both sides of the chat where `erases`, else the platform's copies."""

    async def check(self) -> list[Finding]:
        """Looks at token and webhook registration, for `doctor`. Raises nothing."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels that are on, by name, and why the others are off."""

    on: Mapping[str, Channel] = field(default_factory=dict)
    off: Mapping[str, str] = field(default_factory=dict)

    def at(self, path: str) -> Channel | None:
        return next((channel for channel in self.on.values() if path in channel.paths), None)
