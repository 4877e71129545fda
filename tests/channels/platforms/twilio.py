"""Twilio on the loopback: Messages and Content API of one account, and telephones with WhatsApp and SMS.

Run alone: `python -m tests.channels.platforms.twilio --port 8082`, see `remote.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from twilio.request_validator import RequestValidator

from bot.channels import Delivery
from tests.channels.platforms.phone import Gate, Phone, Seen
from tests.channels.platforms.remote import main
from tests.channels.platforms.rules_twilio import content_refusal, message_refusal
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply

ACCOUNT = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
WHATSAPP = "whatsapp:+14155550100"
SMS = "+14155550101"
WINDOW = 24 * 3600  # seconds after a person's last message in which WhatsApp takes free messages
_PATHS = {WHATSAPP: "/webhooks/whatsapp", SMS: "/webhooks/sms"}
_FINAL = {"delivered", "read", "undelivered", "failed"}


@dataclass(slots=True)
class Message:
    """A message that Twilio holds, of either direction."""

    sid: str
    sender: str
    to: str
    body: str
    status: str


class TwilioPlatform(Loopback):
    """`gate`: where webhooks go. `instant`: messages are delivered at once, so that they may be deleted."""

    def __init__(self, public_url: str = "https://faro.example", *, now: Callable[[], float] = time.time) -> None:
        super().__init__()
        self.public_url, self.now = public_url, now
        self.gate: Gate | None = None
        self.instant = True
        self.shared_key = False  # signs with SHA-256 and says so in a header
        self.fragment = ""  # behind the address, signed with it
        self.onward: str | None = None  # where media requests are sent on to, instead of the store
        self.sms_url = public_url + _PATHS[SMS]
        self.messages: dict[str, Message] = {}
        self.contents: dict[str, dict[str, Any]] = {}
        self.media: dict[str, bytes] = {}  # "MM…/Media/ME…" -> content
        self.phones: dict[str, TwilioPhone] = {}
        self._count = 0

    def whatsapp(self, address: str = "") -> TwilioPhone:
        return self._phone(address or f"whatsapp:+5730000{len(self.phones):05}", WHATSAPP)

    def sms(self, address: str = "") -> TwilioPhone:
        return self._phone(address or f"+5731000{len(self.phones):05}", SMS)

    def _phone(self, address: str, sender: str) -> TwilioPhone:
        self.phones[address] = TwilioPhone(self, address, sender)
        return self.phones[address]

    def sid(self, prefix: str) -> str:
        self._count += 1
        return f"{prefix}{self._count:032x}"

    def signed(self, path: str, fields: dict[str, str] | bytes) -> Delivery:
        """A webhook as Twilio posts it, signed by its own library."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        given = fields if isinstance(fields, dict) else _parsed(fields)
        algorithm = "HMAC_SHA256" if self.shared_key else "HMAC_SHA1"
        target = path + self.fragment
        signature = RequestValidator(AUTH_TOKEN).compute_signature(self.public_url + target, given, algorithm)
        headers = {"content-type": "application/x-www-form-urlencoded; charset=UTF-8", "x-twilio-signature": signature}
        if self.shared_key:
            headers["x-twilio-webhooks-signature-settings"] = f"key=webhooks_sharedkey_1,algorithm={algorithm}"
        return Delivery(path, path, headers, body)

    async def deliver(self, delivery: Delivery) -> int:
        assert self.gate is not None, "tell the platform where webhooks go"
        return await self.gate(delivery)

    async def tell(self, sid: str, status: str, error: int | None = None) -> int:
        """What became of a message, as a status callback."""
        message = self.messages[sid]
        message.status = status
        fields = {"AccountSid": ACCOUNT, "MessageSid": sid, "SmsSid": sid, "MessageStatus": status, "SmsStatus": status,
                  "From": message.sender, "To": message.to, "ApiVersion": "2010-04-01"}  # fmt: skip
        if error:
            fields["ErrorCode"] = str(error)
        return await self.deliver(self.signed("/webhooks/twilio/status", fields))

    async def answer(self, call: Call) -> Reply:
        if call.path.startswith("/stored/"):
            return self._stored(call)
        if call.basic != (ACCOUNT, AUTH_TOKEN):
            return _refused(401, 20003)
        if call.path == "/v1/Content":
            return self._content(call)
        base = f"/2010-04-01/Accounts/{ACCOUNT}"
        rest = call.path.removeprefix(base).removesuffix(".json")
        if rest == call.path.removesuffix(".json"):
            return _refused(404, 20404)
        if rest == "/Messages" and call.method == "POST":
            return self._create(call)
        if rest.startswith("/Messages/"):
            return self._resource(call.method, rest.removeprefix("/Messages/"))
        return self._about(rest)

    def _create(self, call: Call) -> Reply:
        given = call.form
        if code := message_refusal(given):
            return _refused(400, code, str(given))
        failure = self.failure("messages")
        if failure in _FAILURES:
            status, code, headers = _FAILURES[failure]
            return _refused(status, code, str(given), **headers)
        reply = self._accept(given)
        return Reply(never=failure == "lost", cut=failure == "cut") if failure else reply

    def _accept(self, given: dict[str, str]) -> Reply:
        phone = self.phones.get(given["To"])
        if given["From"] not in _PATHS:
            return _refused(400, 21606)
        if phone and phone.stopped:
            return _refused(400, 21610)
        if given.get("ContentSid", "") and given["ContentSid"] not in self.contents:
            return _refused(400, 21655)
        message = Message(self.sid("SM"), given["From"], given["To"], given.get("Body", ""), "queued")
        self.messages[message.sid] = message
        if phone and self._open(phone):
            message.status = "delivered" if self.instant else "sent"
            phone.arrive(*self._shown(given))
        return json_reply(_resource_of(message), 201)

    def _open(self, phone: TwilioPhone) -> bool:
        """Outside the window the call is taken all the same; error 63016 comes in the status callback."""
        return phone.sender == SMS or self.now() - phone.wrote_at < WINDOW

    def _shown(self, given: dict[str, str]) -> tuple[str, list[tuple[str, str]], str]:
        """Text, buttons (title, id), and the kind of content."""
        if "ContentSid" not in given:
            return given["Body"], [], ""
        variables = orjson.loads(given.get("ContentVariables", "{}"))
        ((kind, content),) = self.contents[given["ContentSid"]]["types"].items()
        text = content["body"]
        for name, value in variables.items():
            text = text.replace("{{" + name + "}}", value)
        if kind == "twilio/quick-reply":
            return text, [(action["title"], action["id"]) for action in content["actions"]], kind
        return text, [(item["item"], item["id"]) for item in content["items"]], kind

    def _content(self, call: Call) -> Reply:
        failure = self.failure("content")
        if failure == "lost":
            return Reply(never=True)
        if failure in _FAILURES:
            return _failed(failure)
        if call.headers.get("content-type") != "application/json" or content_refusal(call.json):
            return _refused(400, 20001)
        sid = self.sid("HX")
        self.contents[sid] = call.json
        return json_reply({"sid": sid, "account_sid": ACCOUNT, **call.json}, 201)

    def _resource(self, method: str, rest: str) -> Reply:
        if method == "GET":
            return self._media(rest)
        message = self.messages.get(rest.partition("/")[0])
        if method != "DELETE" or (message is None and rest not in self.media):
            return _refused(404, 20404)
        if message and message.status not in _FINAL | {"received"}:
            return _refused(409, 20009)
        self.media.pop(rest, None)
        self.messages.pop(rest, None)
        return Reply(204)

    def _media(self, rest: str) -> Reply:
        failure = self.failure("media")
        if failure in _FAILURES:
            return _failed(failure)
        if rest not in self.media:
            return _refused(404, 20404)
        onward = f"{self.url}/stored/{rest}?Signature=x" if self.onward is None else self.onward
        return Reply(307, b"", {"location": onward})

    def _stored(self, call: Call) -> Reply:
        """The store refuses a request that is signed in its address and carries a password too, as S3 does."""
        data = self.media.get(call.path.removeprefix("/stored/"))
        if "authorization" in call.headers:
            return Reply(400)
        return Reply(404) if data is None else Reply(200, data, {"content-type": "application/octet-stream"})

    def _about(self, rest: str) -> Reply:
        if rest == "":
            return json_reply({"sid": ACCOUNT, "status": "active", "friendly_name": "x"})
        if rest == "/IncomingPhoneNumbers":
            number = {"sid": self.sid("PN"), "phone_number": SMS, "sms_url": self.sms_url, "sms_method": "POST"}
            return json_reply({"incoming_phone_numbers": [number], "page": 0, "page_size": 1, "next_page_uri": None})
        return _refused(404, 20404)


class TwilioPhone(Phone):
    """A telephone that writes to one of the account's senders. `sender` says which: WhatsApp or SMS."""

    def __init__(self, platform: TwilioPlatform, address: str, sender: str) -> None:
        super().__init__(address)
        self.platform, self.sender = platform, sender
        self.stopped = False  # by STOP on SMS: Twilio delivers nothing more
        self.wrote_at = platform.now()
        self.kinds: list[str] = []  # of each message seen: "", "twilio/quick-reply", "twilio/list-picker"
        self._screen: list[str] = []
        self._buttons: list[list[tuple[str, str]]] = []
        self._last: Delivery | None = None

    @property
    def screen(self) -> list[str]:
        return list(self._screen)

    async def say(self, text: str) -> int:
        if self.sender == SMS and text.strip().lower() in {"stop", "cancel", "end", "quit"}:
            self.stopped = True
        return await self._deliver({"Body": text}, text)

    async def tap(self, what: str | int) -> int:
        place = self._newest(what)
        buttons = self._buttons[place]
        if not buttons:
            return await self.say(str(what) if isinstance(what, int) else self._number(place, what))
        title, value = buttons[what - 1] if isinstance(what, int) else next(one for one in buttons if one[0] == what)
        if self.kinds[place] == "twilio/quick-reply":
            told = {"ButtonText": title, "ButtonPayload": value, "MessageType": "button"}
        else:
            told = {"ListTitle": title, "ListId": value, "MessageType": "interactive"}
        return await self._deliver({"Body": title, **told}, title)

    async def attach(self, data: bytes, media_type: str, caption: str = "") -> int:
        sid, media = self.platform.sid("MM"), self.platform.sid("ME")
        self.platform.media[f"{sid}/Media/{media}"] = data
        address = f"{self.platform.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/{sid}/Media/{media}"
        told = {"Body": caption, "NumMedia": "1", "MediaUrl0": address, "MediaContentType0": media_type}
        return await self._deliver(told, caption, sid)

    async def place(self, latitude: float, longitude: float) -> int:
        told = {"Body": "", "Latitude": str(latitude), "Longitude": str(longitude), "MessageType": "location"}
        return await self._deliver(told, "")

    async def repeat(self) -> int:
        assert self._last is not None
        return await self.platform.deliver(self._last)

    async def send_fields(self, **fields: str) -> int:
        """A message with other fields than usual."""
        return await self._deliver(fields, fields.get("Body", ""))

    def arrive(self, text: str, buttons: list[tuple[str, str]], kind: str) -> None:
        self.kinds.append(kind)
        self._buttons.append(buttons)
        self._screen.append(text)
        self.receive(Seen(text, tuple(title for title, _ in buttons)))

    async def _deliver(self, told: dict[str, str], shown: str, sid: str = "") -> int:
        sid = sid or self.platform.sid("SM")
        self.wrote_at = self.platform.now()
        self._screen.append(shown)
        self.platform.messages[sid] = Message(sid, self.address, self.sender, told.get("Body", ""), "received")
        common = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": ACCOUNT, "From": self.address,
                  "To": self.sender, "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received",
                  "ApiVersion": "2010-04-01"}  # fmt: skip
        self._last = self.platform.signed(_PATHS[self.sender], common | self._about() | told)
        return await self.platform.deliver(self._last)

    def _about(self) -> dict[str, str]:
        if self.sender == WHATSAPP:
            return {"WaId": self.address.rpartition("+")[2], "ProfileName": "Ana", "MessageType": "text"}
        return {"FromCity": "", "FromState": "", "FromZip": "", "FromCountry": "CO", "ToCountry": "US"}

    def _newest(self, what: str | int) -> int:
        """The newest message that offers this, by button or by number."""
        for place in range(len(self.seen) - 1, -1, -1):
            titles = self.seen[place].buttons
            lines = self.seen[place].text.splitlines()
            if isinstance(what, int) and (titles or any(line.startswith(f"{what} ") for line in lines)):
                return place
            if isinstance(what, str) and (what in titles or any(line.endswith(f" {what}") for line in lines)):
                return place
        raise AssertionError("nothing on the screen offers this")

    def _number(self, place: int, title: str) -> str:
        line = next(line for line in self.seen[place].text.splitlines() if line.endswith(f" {title}"))
        return line.partition(" ")[0]


def _parsed(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("latin-1"), keep_blank_values=True))


def _resource_of(message: Message) -> dict[str, Any]:
    at = "Thu, 24 Aug 2023 05:01:45 +0000"
    return {"sid": message.sid, "account_sid": ACCOUNT, "status": "queued", "body": message.body, "to": message.to,
            "from": message.sender, "direction": "outbound-api", "error_code": None, "error_message": None,
            "num_media": "0", "num_segments": "1", "date_created": at, "date_updated": at, "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}.json"}  # fmt: skip


def _refused(status: int, code: int, quote: str = "", **headers: str) -> Reply:
    """`quote`: Twilio's messages repeat numbers and texts of the call."""
    body = {
        "code": code,
        "message": f"'{quote}' is refused",
        "more_info": "https://www.twilio.com/docs",
        "status": status,
    }
    reply = json_reply(body, status)
    return Reply(status, reply.body, {**reply.headers, **headers})


_FAILURES: dict[str | None, tuple[int, int, dict[str, str]]] = {
    "throttled": (429, 20429, {"retry-after": "7"}),
    "blocked": (400, 21610, {}),
    "down": (503, 20503, {}),
}


def _failed(failure: str | None) -> Reply:
    status, code, headers = _FAILURES[failure]
    return _refused(status, code, **headers)


def phone_of(platform: TwilioPlatform, name: str) -> TwilioPhone:
    return platform.phones.get(name) or (platform.whatsapp if name.startswith("whatsapp:") else platform.sms)(name)


if __name__ == "__main__":
    main(TwilioPlatform, phone_of)
