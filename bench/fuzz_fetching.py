"""Attachments: addresses that lead elsewhere, and platforms that send us on to them. Nothing inside may be asked.

Every name is resolved to this machine, as who rules a name server could have it, and whoever asks there is noted.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import override
from urllib.parse import quote

from aiohttp.abc import AbstractResolver, ResolveResult

from bench.fuzz_files import Outcome, resident
from bench.fuzz_pictures import some_bombs
from bench.fuzz_words import Hostile
from bot.channels import Media
from bot.channels.sms import SMS
from bot.channels.telegram import Telegram
from bot.channels.twilio_fields import incoming
from bot.settings import Settings
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply
from tests.channels.platforms.telegram import TOKEN
from tests.channels.platforms.twilio import ACCOUNT, AUTH_TOKEN
from tests.channels.platforms.twilio import SMS as SENDER

# {trap} is the port of a server inside, {own} the platform's own address.
INSIDE = (
    "http://127.0.0.1:{trap}/", "http://localhost:{trap}/x", "http://[::1]:{trap}/", "http://0:{trap}/",
    "http://2130706433:{trap}/", "http://0x7f.1:{trap}/", "http://127.1:{trap}/", "http://169.254.169.254/latest/",
    "http://metadata.google.internal:{trap}/", "http://x.twiliocdn.com:{trap}/", "https://x.twiliocdn.com:{trap}/",
    "https://evil.example:{trap}/.twiliocdn.com", "https://x.twiliocdn.com.evil.example:{trap}/",
    "https://evil.example:{trap}#.twiliocdn.com", "https://evil.example:{trap}?.twiliocdn.com",
    "https://evil.example:{trap}\\.twiliocdn.com", "https://x.twiliocdn.com@127.0.0.1:{trap}/",
    "https://127.0.0.1:{trap}\\@x.twiliocdn.com/", "//127.0.0.1:{trap}/", "//[", "http://[", "https://[::1", "\\\\x",
    "https://.twiliocdn.com:{trap}/", "https://" + "a" * 70 + ".twiliocdn.com:{trap}/", "https://x..twiliocdn.com/",
    "https://x.twiliocdn.com:99999/", "https://x.twiliocdn.com:x/", "https://\u2100.twiliocdn.com:{trap}/",
    "https://x\u3002twiliocdn.com:{trap}/", "https://xn--.twiliocdn.com:{trap}/", "https://x.twiliocdn.com\t:{trap}/",
    "file:///etc/passwd", "gopher://127.0.0.1:{trap}/_x", "data:text/plain,x", "ftp://127.0.0.1:{trap}/",
    "javascript:1", "unix:///var/run/docker.sock", "http+unix://%2Fx", "{own}@127.0.0.1:{trap}/",
    "{own}.evil.example:{trap}/", "{own}/../../x", "{own}/%2e%2e/%2e%2e/", "", "?", "#", ":", "/", "..", "\\",
    "{own}\r\nX-A: b", "http://{trap}",
)  # fmt: skip


class Everywhere(AbstractResolver):
    """Every name is this machine."""

    @override
    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[ResolveResult]:
        host.encode("idna")  # as the system's resolver would do it, and stumble over some
        return [ResolveResult(hostname=host, host="127.0.0.1", port=port, family=socket.AF_INET, proto=0, flags=0)]

    @override
    async def close(self) -> None:
        """Nothing is open."""


class Trap(Loopback):
    """A service inside, which nobody may reach."""

    @override
    async def answer(self, call: Call) -> Reply:
        return Reply(200, b"secret")


class Sending(Loopback):
    """Both platforms; of an attachment it says something else each time."""

    def __init__(self, hostile: Hostile) -> None:
        super().__init__()
        self.keep_calls = False
        self.say: Callable[[Call], Reply] = lambda call: Reply(404)
        self.hostile = hostile

    @override
    async def answer(self, call: Call) -> Reply:
        return self.say(call)


@dataclass
class Fetching:
    """One worker's channels, and who is asked by them."""

    hostile: Hostile
    platform: Sending
    trap: Trap
    found: Outcome = field(default_factory=Outcome)

    def place(self) -> str:
        chance = self.hostile.chance
        port = self.trap.url.rpartition(":")[2]
        place = chance.choice(INSIDE).replace("{trap}", port).replace("{own}", self.platform.url)
        return self.hostile.mutated(place.encode()).decode("utf-8", "replace") if chance.random() < 0.3 else place

    def onward(self, call: Call) -> Reply:
        """An answer of Twilio's API to who asks for a file."""
        chance, place = self.hostile.chance, self.place()
        safe = "".join(one for one in place if one not in "\r\n\0")
        if chance.random() < 0.1:
            return Reply(chance.choice((200, 204, 206, 304, 400, 404, 429, 500)), chance.choice(some_bombs()))
        headers = {"location": safe} if chance.random() < 0.97 else {}
        return Reply(chance.choice((301, 302, 303, 307, 308)), b"", headers)

    def told(self, call: Call) -> Reply:
        """What Telegram says of a file: its address among it."""
        if call.path.startswith("/file/"):
            return self.onward(call)
        base = f"{self.platform.url}/file/bot{TOKEN}/"
        ways = (self.place(), base + quote(self.place()), f"{base}../../{self.place()}")
        path = self.hostile.chance.choice(ways)
        return json_reply({"ok": True, "result": {"file_id": "a", "file_unique_id": "a", "file_path": path}})


async def fetched(number: int, seed: int) -> Outcome:
    """So many attachments of hostile platforms. `forged`: how often something inside was asked."""
    hostile, begun = Hostile(seed), time.monotonic()
    platform, trap = Sending(hostile), Trap()
    await platform.start()
    await trap.start()
    settings = Settings(
        _env_file=None, telegram_token=TOKEN, telegram_api_url=platform.url, telegram_pace=0, sms_sender=SENDER,
        twilio_account_sid=ACCOUNT, twilio_auth_token=AUTH_TOKEN, twilio_api_url=platform.url,
        public_url="https://faro.example",
    )  # fmt: skip
    telegram, sms = Telegram(settings, timeout=2), SMS(settings, timeout=2)
    this = Fetching(hostile, platform, trap)
    try:
        for channel in (telegram, sms):
            await channel.start()
            channel._session.connector._resolver = Everywhere()  # type: ignore[union-attr]
        for place in range(number):
            await _one(this, telegram if place % 3 == 0 else sms)
    finally:
        for channel in (telegram, sms):
            await channel.close()
        await platform.close()
        await trap.close()
    this.found.forged += len(trap.calls)
    this.found.seconds, this.found.megabytes = time.monotonic() - begun, resident()
    return this.found


async def _one(this: Fetching, channel: Telegram | SMS) -> None:
    if isinstance(channel, Telegram):
        this.platform.say, address = this.told, this.hostile.text(60)
    else:
        this.platform.say, address = this.onward, this.place()
        if this.hostile.chance.random() < 0.6:
            address = f"{this.platform.url}/2010-04-01/Accounts/{ACCOUNT}/Messages/MM{1:032x}/Media/ME{1:032x}"
    with this.found.one():
        if isinstance(channel, SMS):  # as the form of the webhook is read, which names the address
            fields = {"MessageSid": "SM" + "0" * 32, "From": "+1", "NumMedia": "1", "MediaUrl0": address}
            incoming(fields)
        await channel.fetch(Media(address, "image/jpeg"))
