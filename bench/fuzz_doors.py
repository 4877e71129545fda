"""Every address of the public door, with what no honest client sends: nothing forged is taken, nothing breaks it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode, urlsplit

import aiohttp
import orjson
from yarl import URL

from bench.fuzz_town import Town
from bench.fuzz_words import HEADS, HTML, MARK, PATHS, Hostile
from bench.people import Act
from bot.channels import Delivery
from bot.patience import HEAD_SECONDS
from tests.channels.platforms.telegram import SECRET
from tests.channels.platforms.twilio import ACCOUNT, SMS, WHATSAPP

AT_ONCE = 16
UPDATE = {"update_id": 1, "message": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "hola",
          "from": {"id": 1, "is_bot": False, "first_name": "A", "language_code": "es"},
          "photo": [{"file_id": "a", "file_unique_id": "a", "width": 1, "height": 1, "file_size": 1}],
          "location": {"latitude": 1.5, "longitude": 2.5}}}  # fmt: skip
MESSAGE = {"id": "12345678", "text": "hola", "language": "es", "placement": "7K3M9", "choice": "safe=ready",
           "file": "AAAA", "media_type": "image/jpeg", "location": "1.5,2.5", "start": True,
           "sign": "watched"}  # fmt: skip
ORIGINS = ("null", "", "http://[", "//[", "https://[::1", "https://evil.example", "http://127.0.0.1.evil.example",
           "http://xn--", "https://evil.example:99999", "file://", "http://a@127.0.0.1:1")  # fmt: skip
CLAIMED = ("0", "-1", "1", "9" * 15, "9" * 16, "9" * 400, "1e9", "0x1", "1;2", " 1", "1\0")
PAGES = ("/", "/c/", "/c/7K3M9", "/chat", "/static/", "/static/chat.js", "/healthz", "/readyz", "/numbers", "/es", "/x")


@dataclass(slots=True)
class Knocked:
    """`forged`: what was not genuine, and was taken; `reflected`: answers that carry what was sent as a document."""

    tried: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    forged: int = 0
    reflected: int = 0
    broken: int = 0  # 5xx, but for 503 with a time to try again
    dropped: int = 0  # no answer at all
    slowest: float = 0.0
    seconds: float = 0.0
    drippers_left: int = 0
    once: list[tuple[str, Callable[[], int]]] = field(default_factory=list)

    def doubled(self) -> int:
        """Of those whose message was delivered several times, how many heard more, or less, than the others. To be
        asked once it is quiet."""
        heard = [(channel, number()) for channel, number in self.once]
        usual = {channel: Counter(n for c, n in heard if c == channel).most_common(1)[0][0] for channel, _ in heard}
        return sum(number != usual[channel] for channel, number in heard)


async def knocked(town: Town, number: int, seed: int) -> Knocked:
    """So many requests of all kinds; and some connections that drip, of which none may be held long."""
    found, begun = Knocked(), time.monotonic()
    dripping = asyncio.create_task(_drips(town, found))
    connector = aiohttp.TCPConnector(limit=AT_ONCE * 2, keepalive_timeout=2)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as session:
        shares = [number // AT_ONCE + (place < number % AT_ONCE) for place in range(AT_ONCE)]
        knockers = [_Knocker(town, session, Hostile(seed + place), found) for place in range(AT_ONCE)]
        await asyncio.gather(*(one.knocks(share) for one, share in zip(knockers, shares, strict=True)))
    await dripping
    found.seconds = time.monotonic() - begun
    return found


class _Knocker:
    def __init__(self, town: Town, session: aiohttp.ClientSession, hostile: Hostile, found: Knocked) -> None:
        self._town, self._session, self._hostile, self._found = town, session, hostile, found
        self._chance, self._handle = hostile.chance, ""

    async def knocks(self, number: int) -> None:
        ways: list[Callable[[], Awaitable[None]]] = [
            self._update, self._update, self._secretless, self._form, self._form, self._recut, self._unsigned,
            self._status, self._said, self._said, self._strangers, self._session_begun, self._page, self._page,
            self._raw, self._events, self._replayed, self._sited, self._seen,
        ]  # fmt: skip
        for _ in range(number):
            self._found.tried += 1
            begun = time.monotonic()
            try:
                await self._chance.choice(ways)()
            except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
                self._found.dropped += 1
            self._found.slowest = max(self._found.slowest, time.monotonic() - begun)

    # Telegram.

    async def _update(self) -> None:
        await self._sends("update", self._town.delivered(self._body(UPDATE)))

    async def _secretless(self) -> None:
        genuine = self._town.delivered(UPDATE)
        given = self._chance.choice(("", SECRET[:-1], SECRET + "x", SECRET.upper(), "é", None))
        headers = {"content-type": "application/json"}
        headers |= {} if given is None else {"x-telegram-bot-api-secret-token": given}
        await self._sends("no secret", Delivery(genuine.path, genuine.target, headers, genuine.body), forged=True)

    # Twilio.

    async def _form(self) -> None:
        fields = self._hostile_fields()
        await self._sends("form", self._town.twilio.signed(self._path(), fields))

    async def _recut(self) -> None:
        """The signature has no delimiters: the same letters, parted elsewhere, bear the same signature."""
        fields = {**self._fields(), "Body": f"x{MARK}"}
        signed = self._town.twilio.signed("/webhooks/whatsapp", fields)
        cut = {**fields, "Bod": "yx" + MARK} if self._chance.random() < 0.5 else {**fields, "BodyxQ": MARK[1:]}
        cut.pop("Body")
        await self._sends("re-cut", self._with(signed, urlencode(cut).encode()), forged=True)

    async def _unsigned(self) -> None:
        signed = self._town.twilio.signed(self._path(), self._fields())
        match self._chance.randrange(4):
            case 0:
                other = self._with(signed, signed.body + b"&Extra=1")
            case 1:
                other = Delivery(signed.path, signed.target + "?a=1", signed.headers, signed.body)
            case 2:
                spoilt = self._hostile.mutated(signed.headers["x-twilio-signature"].encode()).decode("latin-1")
                clean = "".join(one for one in spoilt if one.isprintable() and one.isascii())
                if clean.strip() == signed.headers["x-twilio-signature"]:
                    return
                other = self._with(signed, signed.body, clean)
            case _:
                other = self._with(signed, signed.body, "")
        await self._sends("forged form", other, forged=True)

    async def _status(self) -> None:
        told = ("sent", "delivered", "failed", "undelivered", self._hostile.text(20))
        fields = {"MessageSid": self._sid("SM"), "AccountSid": ACCOUNT, "MessageStatus": self._chance.choice(told),
                  "From": self._chance.choice((WHATSAPP, SMS, self._hostile.text(20))), "To": "+1",
                  "ErrorCode": self._chance.choice(("63016", "21610", "x", "9" * 40))}  # fmt: skip
        await self._sends("status", self._town.twilio.signed("/webhooks/twilio/status", fields))

    async def _replayed(self) -> None:
        """A genuine delivery, once or several times: its signature is right each time, and it counts once."""
        delivery = self._of_chat() if self._chance.random() < 0.5 else self._of_phone()
        times = self._chance.choice((1, 2, 3))
        for status in await asyncio.gather(*(self._town.post(delivery) for _ in range(times))):
            self._judged("replayed", status, b"", {}, forged=False)
        if delivery.path == "/webhooks/whatsapp":  # signed for another door
            other = Delivery("/webhooks/sms", "/webhooks/sms", delivery.headers, delivery.body)
            await self._sends("another door", other, forged=True)

    def _of_chat(self) -> Delivery:
        chat = self._town.telegram.talk(0, "es")
        self._found.once.append(("telegram", lambda: chat.messages))
        return self._town.delivered(chat._update(Act("start")))

    def _of_phone(self) -> Delivery:
        phone = self._town.twilio.whatsapp(f"whatsapp:+5720{self._chance.getrandbits(26):08}")
        phone.wrote_at = time.time()
        self._found.once.append(("whatsapp", lambda: len(phone.seen)))
        fields = {**self._fields(), "From": phone.address, "Body": "hola"}
        return self._town.twilio.signed("/webhooks/whatsapp", fields)

    def _path(self) -> str:
        return self._chance.choice(("/webhooks/whatsapp", "/webhooks/sms", "/webhooks/twilio/status"))

    def _fields(self) -> dict[str, str]:
        return {"MessageSid": self._sid("SM"), "AccountSid": ACCOUNT, "From": "whatsapp:+573009999999", "To": WHATSAPP,
                "Body": MARK, "NumMedia": "0"}  # fmt: skip

    def _hostile_fields(self) -> dict[str, str] | bytes:
        if self._chance.random() < 0.2:
            return self._hostile.body().decode("latin-1").encode("ascii", "replace").replace(b"?", b"%") or b"a=b"
        fields: dict[str, str] = self._fields()
        for _ in range(self._chance.randrange(1, 5)):
            names = (
                *fields,
                "Latitude",
                "Longitude",
                "NumMedia",
                "MediaUrl0",
                "ButtonPayload",
                "ListId",
                self._hostile.text(20),
            )
            fields[self._chance.choice(names)] = self._hostile.text(1600)
        return fields

    def _sid(self, prefix: str) -> str:
        return f"{prefix}{self._chance.getrandbits(128):032x}"

    @staticmethod
    def _with(signed: Delivery, body: bytes, signature: str | None = None) -> Delivery:
        headers = dict(signed.headers) | ({} if signature is None else {"x-twilio-signature": signature})
        return Delivery(signed.path, signed.target, headers, body)

    # The page.

    async def _said(self) -> None:
        if not self._handle or self._chance.random() < 0.02:
            async with self._session.post(f"{self._town.url}/chat/sessions", json={}) as answer:
                self._handle = (await answer.json())["handle"]
        kept = self._chance.sample(list(MESSAGE), self._chance.randrange(1, 5))
        message = {"id": self._sid(""), **{name: MESSAGE[name] for name in kept if name != "id"}}
        await self._chats("said", self._handle, self._body(message))

    async def _strangers(self) -> None:
        handle = self._chance.choice((self._hostile.text(64), "A" * 64, self._handle[:-1], self._handle[::-1], ""))
        clean = "".join(one for one in handle if one.isprintable() and one.isascii()).strip()
        if clean != self._handle:
            await self._chats("stranger", clean, orjson.dumps(MESSAGE), forged=True)

    async def _chats(self, name: str, handle: str, body: bytes, *, forged: bool = False) -> None:
        headers = {"authorization": f"Bearer {handle}", "content-type": "application/json"}
        await self._sends(name, Delivery("/chat/messages", "/chat/messages", headers, body), forged=forged)

    async def _session_begun(self) -> None:
        given = self._hostile.spoilt({"language": "es", "placement": "7K3M9"})
        body = self._hostile.body() if self._chance.random() < 0.5 else orjson.dumps(given)
        await self._sends("session", Delivery("/chat/sessions", "/chat/sessions", {}, body))

    async def _sited(self) -> None:
        """Another site's page asks for a handle; browsers tell whose it is."""
        origin = self._chance.choice((*ORIGINS, quote(self._hostile.text(30))))
        delivery = Delivery("/chat/sessions", "/chat/sessions", {"origin": origin}, b"{}")
        await self._sends("another site", delivery, forged=True)

    async def _seen(self) -> None:
        """A page that claims to have seen, and to take, what it likes; where nothing is left for it, it hangs up."""
        async with self._session.post(f"{self._town.url}/chat/sessions", json={}) as answer:
            handle = (await answer.json())["handle"]
        await self._chats("start", handle, orjson.dumps({"id": self._sid(""), "start": True}))
        after = self._chance.choice((*CLAIMED, self._hostile.text(30)))
        headers = {"authorization": f"Bearer {handle}", "last-event-id": quote(after),
                   "accept": quote(self._hostile.text(30))}  # fmt: skip
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await self._gets("seen", f"/chat/events?after={quote(after)}", headers)

    async def _events(self) -> None:
        after = quote(self._hostile.text(30))
        headers = {"authorization": f"Bearer {'A' * 64}", "last-event-id": after, "accept": "application/json"}
        await self._gets("events", f"/chat/events?after={after}", headers, forged=True)

    # Pages, and no HTTP at all.

    async def _page(self) -> None:
        base, more = self._chance.choice(PAGES), self._chance.choice((*PATHS, *HTML, self._hostile.text(60), "", "\0"))
        query = (
            f"?{quote(self._hostile.text(30))}={quote(self._hostile.text(30))}" if self._chance.random() < 0.5 else ""
        )
        headers = {"accept-language": quote(self._hostile.text(60)), "cookie": f"a={quote(self._hostile.text(20))}",
                   "x-forwarded-host": "evil.example", "if-none-match": f'"{quote(more)}"'}  # fmt: skip
        await self._gets("page", base + quote(more, safe="/%.") + query, headers)

    async def _raw(self) -> None:
        """Bytes that are no request, or two in one."""
        parts = urlsplit(self._town.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        head = self._chance.choice((
            b"GET / HTTP/1.1\r\nHost: a\r\nX: " + self._chance.choice(HEADS).encode() + b"\r\n\r\n",
            b"POST /chat/messages HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n"
            b"0\r\n\r\n",
            b"GET /" + b"a" * self._chance.choice((100, 90_000)) + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /static/" + quote_from_bytes(self._hostile.body()[:40]).encode() + b" HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20_000 + b"\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00", self._hostile.body() or b"x",
            b"GET http://169.254.169.254/ HTTP/1.1\r\nHost: a\r\n\r\n",
            b"CONNECT 127.0.0.1:5432 HTTP/1.1\r\nHost: a\r\n\r\n",
            b"GET /chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        ))  # fmt: skip
        try:
            writer.write(head)
            writer.write_eof()
            async with asyncio.timeout(5):
                answer = await reader.read(4096)
            self._judged("raw", int(answer[9:12]) if answer[9:12].isdigit() else 0, answer, {}, forged=False)
        finally:
            writer.close()

    async def _gets(self, name: str, target: str, headers: Mapping[str, str], *, forged: bool = False) -> None:
        async with self._session.get(URL(self._town.url + target, encoded=True), headers=headers) as answer:
            self._judged(name, answer.status, await answer.read(), answer.headers, forged=forged)

    async def _sends(self, name: str, delivery: Delivery, *, forged: bool = False) -> None:
        address = URL(self._town.url + delivery.target, encoded=True)
        async with self._session.post(address, data=delivery.body, headers=dict(delivery.headers)) as answer:
            self._judged(name, answer.status, await answer.read(), answer.headers, forged=forged)

    def _judged(self, name: str, status: int, body: bytes, headers: Mapping[str, str], *, forged: bool) -> None:
        self._found.statuses[f"{name} {status}"] += 1
        self._found.broken += status >= 500 and not (status == 503 and "retry-after" in headers)
        self._found.forged += forged and status < 400
        document = body.lower()
        self._found.reflected += (
            MARK.lower().encode() in document or b"root:x:" in document or b"x-injected" in document
        )

    def _body(self, sound: Any) -> bytes:
        return self._hostile.body() if self._chance.random() < 0.4 else orjson.dumps(self._hostile.spoilt(sound))


DRIPPERS = 200


async def _drips(town: Town, found: Knocked) -> None:
    """Connections that send a byte now and then, of a head or of a body; how many are still held afterwards."""
    parts = urlsplit(town.url)
    body = b"POST /webhooks/telegram HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n"
    lines = [await asyncio.open_connection(parts.hostname, parts.port) for _ in range(DRIPPERS)]
    for place, (_, writer) in enumerate(lines):
        writer.write(body if place % 2 else b"GET / HTTP/1.1\r\nX-A: ")
    end = time.monotonic() + HEAD_SECONDS * 1.5
    while time.monotonic() < end:
        for _, writer in lines:
            if not writer.is_closing():
                writer.write(b"a")
        await asyncio.sleep(1)
    for reader, writer in lines:
        found.drippers_left += not await _ended(reader)
        writer.close()


async def _ended(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.05):
            while await reader.read(4096):
                pass
    except TimeoutError:
        return False
    except OSError:
        return True
    return True
