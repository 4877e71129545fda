"""The terminal as a channel, for `./run faro talk`: the same webhook, queue and outbox as every platform.

    POST /webhooks/terminal   X-Faro-Signature: hex HMAC-SHA256(engine token, body)
    {"id": "…", "port": 40123, "text": "…"} or {"id": "…", "port": 40123, "choice": "Q3=yes"}, optional "language"
    {"id": "…", "port": 40123, "file": "<base64>", "media_type": "image/jpeg"}

Answers are posted, signed alike, to the talking program's own port on the loopback:

    {"text": "…", "buttons": [["title", "value"]], "key": "…"} or {"erase": ["…"]}
"""

from __future__ import annotations

import base64
import hmac
from hashlib import sha256
from typing import Any

import aiohttp
import orjson

from bot.channels import MEDIA_LIMIT, Delivery, Finding, Incoming, Media, Outgoing, Received
from bot.errors import Forged, Malformed, MaybeSent, MediaRefused, TooBig, Unreachable

SIGNATURE = "x-faro-signature"
_TIMEOUT = aiohttp.ClientTimeout(total=5)  # seconds
_INLINE = "inline:"  # a file comes with the message itself: its bytes travel in the sealed inbox


def sign(token: str, body: bytes) -> str:
    return hmac.new(token.encode(), body, sha256).hexdigest()


class Terminal:
    """Only for practice: whoever can read the data folder can talk."""

    name = "terminal"
    paths = ("/webhooks/terminal",)
    erases = True

    def __init__(self, token: str) -> None:
        self._token = token
        self._session: aiohttp.ClientSession | None = None

    def read(self, delivery: Delivery) -> Received:
        given = delivery.headers.get(SIGNATURE, "")
        if not hmac.compare_digest(given.encode(), sign(self._token, delivery.body).encode()):
            raise Forged
        try:
            return Received((_incoming(orjson.loads(delivery.body)),))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise Malformed from None

    def compose(self, message: Outgoing) -> list[Outgoing]:
        return [message]

    async def send(self, address: str, piece: Outgoing) -> tuple[str, ...]:
        buttons = [[button.title, button.value] for button in piece.buttons]
        return (await self._post(address, {"text": piece.text, "buttons": buttons, "key": piece.key}),)

    async def erase(self, address: str, ids: tuple[str, ...]) -> None:
        await self._post(address, {"erase": list(ids)})

    async def acknowledge(self, callback: str) -> None:
        """A terminal has no waiting sign."""

    async def fetch(self, media: Media) -> bytes:
        try:
            data = base64.b64decode(media.id.removeprefix(_INLINE), validate=True)
        except ValueError:  # also of letters that are no ASCII, for which the library has no kind of its own
            raise MediaRefused from None
        if len(data) > MEDIA_LIMIT:
            raise TooBig
        return data

    async def check(self) -> list[Finding]:
        return [Finding(True, "terminal")]

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=_TIMEOUT)

    async def close(self) -> None:
        if self._session:
            await self._session.close()

    async def _post(self, address: str, value: dict[str, Any]) -> str:
        assert self._session
        body = orjson.dumps(value)
        headers = {SIGNATURE: sign(self._token, body)}
        try:
            async with self._session.post(f"http://127.0.0.1:{int(address)}/", data=body, headers=headers) as answer:
                if answer.status != 200:
                    raise Unreachable(str(answer.status))  # another program has that port by now
                return (await answer.read()).decode("ascii", "replace")[:32]
        except aiohttp.ClientConnectorError:
            raise Unreachable("closed") from None  # the talking program has ended
        except (aiohttp.ClientError, TimeoutError):
            raise MaybeSent("terminal") from None


def _incoming(value: dict[str, Any]) -> Incoming:
    port = str(int(value["port"]))
    base: dict[str, Any] = {"message_id": str(value["id"]), "address": port,
                            "language": str(value.get("language", "")), "thread": (str(value["id"]),)}  # fmt: skip
    if choice := value.get("choice"):
        return Incoming(kind="choice", choice=str(choice), **base)
    if file := value.get("file"):
        media = Media(_INLINE + str(file), str(value["media_type"]))
        return Incoming(kind="media", media=(media,), text=str(value.get("text", "")), **base)
    return Incoming(kind="text", text=str(value["text"]), placement=str(value.get("placement", "")), **base)
