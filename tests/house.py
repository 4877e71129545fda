"""The whole of Faro in one process for a test: gateway, worker, real engine, real database, real officers' keys, and
platforms on the loopback with telephones that write to it."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from bot import directory, worker
from bot.app import create_app
from bot.post import LEASE
from bot.service import Service, open_service
from bot.settings import Settings
from storage import envelope, queue, reports, roster_draft, signing
from storage.doorbell import Doorbell
from storage.envelope import Opened
from storage.identity import OfficerKey, new_key
from storage.keys import KeyRing
from storage.mailbox import Mailbox
from storage.roster import Unit
from storage.trust import FILE as TRUST_FILE
from tests.channels.platforms import telegram, twilio
from tests.channels.platforms.phone import Phone, Post
from tests.channels.platforms.telegram import TelegramPlatform
from tests.channels.platforms.terminal import TerminalPhone
from tests.channels.platforms.twilio import TwilioPlatform
from tests.channels.platforms.web import StreamingPhone
from tests.engine import Engine

UNITS: Mapping[str, Unit] = {
    "coat": Unit("COAT", "CO", None, "coordination", False),
    "fiscalia": Unit("Fiscalía", "CO", None, "prosecution", False),
    "icbf": Unit("ICBF", "CO", None, "child_protection", False),
    "fiscalia-es": Unit("Fiscalía de España", "ES", None, "prosecution", False),
}

# Nothing is under way: no message to take, nothing to send within the time that a sender holds it, no job to run now.
_QUIET = text("""
    SELECT NOT EXISTS (SELECT FROM inbox WHERE parked IS NULL)
    AND NOT EXISTS (SELECT FROM outbox WHERE status = 'waiting' AND due <= :until)
    AND NOT EXISTS (SELECT FROM procrastinate_jobs WHERE queue_name <> 'upkeep' AND (
        status = 'doing' OR status = 'todo' AND COALESCE(scheduled_at, now()) <= now()))
""")

# … nor has a page yet to get what lies in its mailbox.
_UNSEEN = text("SELECT EXISTS (SELECT FROM mail WHERE mailbox = :name AND number > :number)")


@dataclass(slots=True)
class Clock:
    """The real time, and what a test adds to it."""

    ahead: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(slots=True)
class Officers:
    """One officer a unit, with keys that the server never sees."""

    keys: dict[str, OfficerKey]
    directors: tuple[str, ...]
    signers: list[Ed25519PrivateKey] = field(default_factory=list)  # the directors' own

    @classmethod
    def appoint(cls, folder: Path, sealer: KeyRing, units: Mapping[str, Unit] = UNITS, *,
                practice: bool = False) -> Officers:  # fmt: skip
        """Makes a real roster, signed by two directors, at `folder/roster.json`, and their public keys beside it."""
        keys = {unit: new_key() for unit in units}
        today = datetime.now(UTC).date()
        until = date(today.year + 1, 1, 1)
        roster = roster_draft.new([sealer.sealer_key().public_key()], issued=today, expires=until, practice=practice)
        for name, unit in units.items():
            roster = roster_draft.add_unit(roster, name, unit)
            roster = roster_draft.add_officer(roster, name, keys[name].card(f"officer-{name}"), today, until)
        directors = [Ed25519PrivateKey.generate() for _ in range(2)]
        public = tuple(signing.public_text(director.public_key()) for director in directors)
        officers = cls(keys, public, directors)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "roster.json").write_bytes(officers.sign(roster))
        (folder / TRUST_FILE).write_text("\n".join(public))
        return officers

    def sign(self, draft: bytes) -> bytes:
        """The roster, by all directors."""
        for director in self.signers:
            draft = roster_draft.sign(draft, director)
        return draft


@dataclass(slots=True)
class House:
    """What a test holds of the running system."""

    service: Service
    clock: Clock
    url: str
    officers: Officers
    telegram: TelegramPlatform
    twilio: TwilioPlatform
    doors: AsyncExitStack  # what telephones open, closed with the house
    bell: Doorbell  # the gateway's
    pages: list[StreamingPhone] = field(default_factory=list)

    async def phone(self, channel: str, language: str = "es") -> Phone:
        """Somebody's telephone (or terminal), with which they can write to this house."""
        if channel == "terminal":
            opened = TerminalPhone(self.url, self.service.settings.engine_token, language)
            return await self.doors.enter_async_context(opened)
        if channel == "web":
            return await self.page(language)
        if channel == "telegram":
            return self.telegram.phone(language=language)
        return self.twilio.whatsapp() if channel == "whatsapp" else self.twilio.sms()

    async def page(self, language: str = "es", *, url: str = "") -> StreamingPhone:
        """Somebody who writes on the page. `url`: another gateway than that of the house."""
        gate = Post(url or self.url)
        self.doors.push_async_callback(gate.close)
        page = await self.doors.enter_async_context(StreamingPhone(url or self.url, gate, language))
        page.box = Mailbox.of(self.service.keys, page.address)
        self.pages.append(page)
        return page

    async def quiet(self, seconds: float = 15) -> None:
        """Until everything that was said is answered and every answer sent and shown, or waits for a later time."""
        async with asyncio.timeout(seconds):
            while not await self._quiet():
                await asyncio.sleep(0.01)

    async def _quiet(self) -> bool:
        async with self.service.database.begin() as tx:
            if not await tx.scalar(_QUIET, {"until": self.clock() + LEASE}):
                return False
            return not any([await tx.scalar(_UNSEEN, {"name": page.box.name, "number": page.number})
                            for page in self.pages if page.listens])  # fmt: skip

    async def reports(self, unit: str) -> list[Opened]:
        """Opens everything that lies ready for this unit, in the order sealed, with its officer's key."""
        async with self.service.database.begin() as tx:
            rows = [await reports.fetch(tx, listed.id, unit=unit) for listed in await reports.listing(tx, unit)]
        sealer = self.service.keys.sealer_key().public_key()
        identity = self.officers.keys[unit].identity
        opened = [envelope.open_report(row.sealed, identity, sealer_public=sealer, expect_report_id=row.id)
                  for row in rows if row]  # fmt: skip
        return sorted(opened, key=lambda one: one.manifest.seq)

    async def bodies(self, unit: str) -> list[dict[str, Any]]:
        return [orjson.loads(opened.parts["report.json"]) for opened in await self.reports(unit)]

    async def count(self, table: str) -> int:
        async with self.service.database.begin() as tx:
            return int(await tx.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


@asynccontextmanager
async def furnished(data_dir: Path, database_url: str, engine: Engine, *, practice: bool = False,
                    units: Mapping[str, Unit] = UNITS, works: bool = True,
                    verified_on: str | None = None, confidence: str = "found_in_source",
                    **more: Any) -> AsyncIterator[House]:  # fmt: skip
    """A house with its platforms and officers. `verified_on`: when somebody called its telephone numbers, by default
    today; `more`: settings."""
    roster = data_dir / "practice" if practice else data_dir
    officers = Officers.appoint(roster, KeyRing.open(data_dir / "keys"), units, practice=practice)
    numbers(data_dir, verified_on=str(datetime.now(UTC).date()) if verified_on is None else verified_on,
            confidence=confidence)  # fmt: skip
    async with AsyncExitStack() as doors:
        botapi, accounts = TelegramPlatform(), TwilioPlatform()
        for platform in (botapi, accounts):
            await platform.start()
            doors.push_async_callback(platform.close)
        given = {"data_dir": data_dir, "database_url": database_url, "engine_urls": (engine.url,),
                 "engine_token": engine.token}  # fmt: skip
        real = {} if practice else real_channels(botapi, accounts) | {"roster_keys": officers.directors}
        settings = Settings(_env_file=None, **{**given, **real, **more})
        house = await doors.enter_async_context(open_house(settings, officers, botapi, accounts, works=works))
        for platform in (botapi, accounts):
            platform.gate = Post(house.url)
            doors.push_async_callback(platform.gate.close)
        async with house.doors:
            yield house


@asynccontextmanager
async def open_house(settings: Settings, officers: Officers, botapi: TelegramPlatform, accounts: TwilioPlatform, *,
                     works: bool = True) -> AsyncIterator[House]:  # fmt: skip
    """Gateway on a free port and a worker, until the block ends. `works`: False leaves the worker out."""
    clock = Clock()
    app = create_app(settings, clock)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None))
    app.state.stopping = lambda: server.should_exit
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with open_service(settings, clock) as service, _working(settings, service if works else None):
            url = f"http://127.0.0.1:{port}"
            yield House(service, clock, url, officers, botapi, accounts, AsyncExitStack(), app.state.bell)
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def _working(settings: Settings, service: Service | None) -> AsyncIterator[None]:
    if service is None:
        yield
        return
    app = queue.make_app(settings.database_url)
    worker.register(app, service)
    async with app.open_async():
        task = asyncio.create_task(app.run_worker_async(concurrency=8, install_signal_handlers=False))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def real_channels(botapi: TelegramPlatform, accounts: TwilioPlatform) -> dict[str, Any]:
    """The settings of Telegram, WhatsApp and SMS that lead to the loopback."""
    return {
        "telegram_token": telegram.TOKEN, "telegram_secret": telegram.SECRET, "telegram_api_url": botapi.url,
        "telegram_pace": 0, "twilio_account_sid": twilio.ACCOUNT, "twilio_auth_token": twilio.AUTH_TOKEN,
        "twilio_api_url": accounts.url, "twilio_content_url": accounts.url, "public_url": accounts.public_url,
        "whatsapp_sender": twilio.WHATSAPP, "sms_sender": twilio.SMS,
    }  # fmt: skip


def numbers(data_dir: Path, *, verified_on: str, confidence: str = "found_in_source") -> None:
    """The shipped telephone numbers, as if somebody had called each: without that, a real service shows none."""
    with directory.FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (data_dir / "hotlines.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, directory.COLUMNS)
        writer.writeheader()
        writer.writerows(row | {"verified_on": verified_on, "confidence": confidence} for row in rows)
