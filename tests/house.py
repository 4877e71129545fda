"""The whole of Faro in one process for a test: gateway, worker, real engine, real database, real officers' keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot import worker
from bot.app import create_app
from bot.service import Service, open_service
from bot.settings import Settings
from storage import envelope, queue, reports, roster_draft, signing
from storage.envelope import Opened
from storage.identity import OfficerKey, new_key
from storage.keys import KeyRing
from storage.roster import Unit

UNITS: Mapping[str, Unit] = {
    "coat": Unit("COAT", "CO", None, "coordination", False),
    "fiscalia": Unit("Fiscalía", "CO", None, "prosecution", False),
    "icbf": Unit("ICBF", "CO", None, "child_protection", False),
    "fiscalia-es": Unit("Fiscalía de España", "ES", None, "prosecution", False),
}


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

    @classmethod
    def appoint(cls, data_dir: Path, units: Mapping[str, Unit] = UNITS) -> Officers:
        """Makes a real roster, signed by two directors, at `data_dir/roster.json`."""
        keys = {unit: new_key() for unit in units}
        sealer = KeyRing.open(data_dir / "keys").sealer_key().public_key()
        today = datetime.now(UTC).date()
        until = date(today.year + 1, 1, 1)
        roster = roster_draft.new([sealer], issued=today, expires=until, practice=False)
        for name, unit in units.items():
            roster = roster_draft.add_unit(roster, name, unit)
            roster = roster_draft.add_officer(roster, name, keys[name].card(f"officer-{name}"), today, until)
        directors = [Ed25519PrivateKey.generate() for _ in range(2)]
        for director in directors:
            roster = roster_draft.sign(roster, director)
        (data_dir / "roster.json").write_bytes(roster)
        return cls(keys, tuple(signing.public_text(director.public_key()) for director in directors))


@dataclass(slots=True)
class House:
    """What a test holds of the running system."""

    service: Service
    clock: Clock
    url: str
    officers: Officers
    extra: dict[str, Any] = field(default_factory=dict)

    async def reports(self, unit: str) -> list[Opened]:
        """Opens everything that lies ready for this unit, most urgent first, with its officer's key."""
        async with self.service.database.begin() as tx:
            rows = [await reports.fetch(tx, listed.id, unit=unit) for listed in await reports.listing(tx, unit)]
        sealer = self.service.keys.sealer_key().public_key()
        identity = self.officers.keys[unit].identity
        return [envelope.open_report(row.sealed, identity, sealer_public=sealer, expect_report_id=row.id)
                for row in rows if row]  # fmt: skip

    async def bodies(self, unit: str) -> list[dict[str, Any]]:
        return [orjson.loads(opened.parts["report.json"]) for opened in await self.reports(unit)]


@asynccontextmanager
async def open_house(settings: Settings, officers: Officers, *, works: bool = True) -> AsyncIterator[House]:
    """Gateway on a free port and a worker, until the block ends. `works`: False leaves the worker out."""
    clock = Clock()
    server = uvicorn.Server(uvicorn.Config(create_app(settings, clock), host="127.0.0.1", port=0, log_config=None))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        if serving.done():
            await serving
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        async with open_service(settings, clock) as service, _working(settings, service if works else None):
            yield House(service, clock, f"http://127.0.0.1:{port}", officers)
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
