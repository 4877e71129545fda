"""The real processes on a database of their own: engines, PostgreSQL, workers and gateway, each as `serve` runs it."""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from bench.ports import free_ports
from bench.telegram import Telegram
from bench.whatsapp import PUBLIC_URL, Twilio
from bot import engines
from bot.children import Child
from storage.database import migrate
from storage.embedded import start_embedded
from storage.keys import KeyRing
from tests.channels.platforms.telegram import SECRET, TOKEN
from tests.channels.platforms.twilio import ACCOUNT, AUTH_TOKEN, WHATSAPP
from tests.house import Officers

READY_SECONDS = 60.0
# Of a person's own `.env` nothing may get in: another platform, a mail server, a pace.
CLEAR = dict.fromkeys(("FARO_SMS_SENDER", "FARO_SMTP_URL"), "")


class NotReady(Exception):
    """The system did not come up in time."""


@dataclass(slots=True)
class System:
    """What runs. `data`: its folder; `officers`: who can open what is reported."""

    data: Path
    telegram: Telegram
    twilio: Twilio
    engine_urls: tuple[str, ...]
    engine_token: str
    database_url: str
    workers: int
    officers: Officers
    gateway_url: str = ""
    children: list[Child] = field(default_factory=list)

    async def start(self) -> None:
        """Gateway and workers; waits until they are ready."""
        (port,) = free_ports(1)
        self.gateway_url = f"http://127.0.0.1:{port}"
        environment = {**os.environ, **self._environment(port)}
        names = [("gateway", "gateway"), *((f"worker-{number}", "worker") for number in range(1, self.workers + 1))]
        for name, command in names:
            self.children.append(Child(name, [sys.executable, "-m", "bot.cli", command], environment, muted=True))
            self.children[-1].start()
        await _ready(self.gateway_url)
        self.telegram.open_door(self.gateway_url)
        self.twilio.open_door(self.gateway_url)

    async def stop(self) -> None:
        for child in self.children:
            await child.stop()
        self.children.clear()

    def _environment(self, port: int) -> dict[str, str]:
        return {
            **CLEAR, "FARO_DATA_DIR": str(self.data), "FARO_DATABASE_URL": self.database_url, "FARO_PORT": str(port),
            "FARO_ENGINE_URLS": ",".join(self.engine_urls), "FARO_ENGINE_TOKEN": self.engine_token,
            "FARO_WORKERS": str(self.workers), "FARO_ROSTER_KEYS": ",".join(self.officers.directors),
            "FARO_TELEGRAM_TOKEN": TOKEN, "FARO_TELEGRAM_SECRET": SECRET, "FARO_TELEGRAM_POLLING": "false",
            # Telegram's own 30 messages a second would be the only thing measured.
            "FARO_TELEGRAM_API_URL": self.telegram.url, "FARO_TELEGRAM_PACE": "0", "FARO_PACE": "0",
            "FARO_TWILIO_ACCOUNT_SID": ACCOUNT, "FARO_TWILIO_AUTH_TOKEN": AUTH_TOKEN, "FARO_WHATSAPP_SENDER": WHATSAPP,
            "FARO_TWILIO_API_URL": self.twilio.url, "FARO_TWILIO_CONTENT_URL": self.twilio.url,
            "FARO_PUBLIC_URL": PUBLIC_URL,
        }  # fmt: skip


@asynccontextmanager
async def running(number: int, workers: int) -> AsyncIterator[System]:
    """So many engines and workers, ready; everything is ended and wiped with the block."""
    async with AsyncExitStack() as house:
        data = Path(house.enter_context(tempfile.TemporaryDirectory(prefix="faro-bench-")))
        token = secrets.token_urlsafe()
        await engines.train()
        own = await engines.make(number, token, data, "auto")
        for engine in own:
            house.push_async_callback(engine.stop)
            engine.child.start()
        database = await asyncio.to_thread(start_embedded, data)
        house.callback(database.stop)
        await asyncio.to_thread(migrate, database.url)
        telegram, twilio = Telegram(), Twilio()
        for platform in (telegram, twilio):
            await platform.start()
            house.push_async_callback(platform.close)
        officers = await asyncio.to_thread(Officers.appoint, data, KeyRing.open(data / "keys"))
        urls = tuple(engine.url for engine in own)
        system = System(data, telegram, twilio, urls, token, database.url, workers, officers)
        await engines.ready(own, token)
        house.push_async_callback(system.stop)
        await system.start()
        yield system


async def _ready(url: str) -> None:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        for _ in range(int(READY_SECONDS / 0.25)):
            try:
                async with session.get(f"{url}/readyz") as answer:
                    if answer.status == 200 and all((await answer.json()).values()):
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            await asyncio.sleep(0.25)
    raise NotReady
