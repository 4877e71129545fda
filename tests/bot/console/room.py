"""A console with real officers' keys, a real database and real HTTP; and browsers that sign in at it."""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import uvicorn
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot import worker
from bot.console.app import Door, create_app
from bot.patience import Patient
from bot.service import open_service
from bot.settings import Settings
from storage import audit, queue, reports, roster_draft, signing
from storage.database import Database, libpq_url
from storage.envelope import Part
from storage.identity import OfficerKey
from storage.keys import KeyRing
from storage.roster import Roster
from tests.house import Clock, Officers
from tests.storage.sealing import Desk

CTX = "faro/console-login/v1"


@dataclass(slots=True)
class Browser:
    """One officer's browser. `token`: of the session, once it has signed in."""

    url: str
    http: aiohttp.ClientSession
    token: str = ""

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        """Status, and the body as JSON or as bytes."""
        headers: dict[str, str] = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= more.pop("headers", {})
        async with self.http.request(method, self.url + path, headers=headers, **more) as answer:
            kind = answer.content_type == "application/json"
            return answer.status, await answer.json() if kind else await answer.read()

    async def challenge(self) -> str:
        status, body = await self.ask("POST", "/api/challenge", json={})
        assert status == 200
        return str(body["challenge"])

    async def sign_in(self, key: OfficerKey, officer: str, **changes: str) -> int:
        """Signs what is asked, but for the `changes`; gives the status, and keeps the token."""
        status, body = await self.prove(await signed(self, key, officer, **changes))
        self.token = body.get("token", self.token)
        return status

    async def prove(self, proof: bytes) -> tuple[int, Any]:
        return await self.ask("POST", "/api/session", json={"proof": base64.b64encode(proof).decode()})


async def signed(browser: Browser, key: OfficerKey, officer: str, **changes: str) -> bytes:
    """What the page sends to sign in."""
    body = {"ctx": CTX, "officer": officer, "origin": browser.url}
    challenge = changes.get("challenge") or await browser.challenge()
    return signing.sign(body | {"challenge": challenge} | changes, key.signing_key)


@dataclass(slots=True)
class Room:
    """What a test holds of a running console."""

    settings: Settings
    clock: Clock
    app: Door
    officers: Officers
    keys: KeyRing
    database: Database
    url: str
    doors: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def browser(self, unit: str = "") -> Browser:
        """Signed in as the officer of the unit, if one is named."""
        http = await self.doors.enter_async_context(aiohttp.ClientSession())
        browser = Browser(self.url, http)
        if unit:
            assert await browser.sign_in(self.officers.keys[unit], f"officer-{unit}") == 200
        return browser

    async def file(self, unit: str = "coat", *parts: Part, tier: str = "P1", day: date | None = None) -> str:
        """Files a report as the worker does; its id."""
        sealer, id = self.keys.sealer_key(), secrets.token_bytes(16)
        known = [signing.parse_public(key) for key in self.officers.directors]
        roster = Roster.load(self.settings.roster_file, known, len(known))
        async with self.database.begin() as tx:
            head = await audit.head(tx, hold=True)
            sealed = Desk(sealer=sealer, officers=[]).seal(
                *parts, report_id=id, seq=head.seq + 1, prev=head.hash, roster=roster.ref,
                recipients=[self.officers.keys[unit].recipient],
            )  # fmt: skip
            filed = day or self.clock().date()
            await reports.file(tx, id, sealed.data, sealed.detached, [unit], tier, False, filed, None,
                               secrets.token_bytes(32))  # fmt: skip
            await audit.append(tx, "sealed", id, "sealer", sealed.sha256, sealer)
        return id.hex()

    async def events(self) -> list[tuple[str, str]]:
        """Event and actor of each row of the audit chain, once the worker has done what waits for it."""
        async with open_service(self.settings) as service:
            app = queue.make_app(self.settings.database_url)
            worker.register(app, service)
            async with app.open_async():
                await app.run_worker_async(wait=False, install_signal_handlers=False)
        async with self.database.begin() as tx:
            rows = await audit.rows(tx)
        assert audit.verify(rows, self.keys.sealer_key().public_key()).ok
        bodies = [signing.parse(row.body, audit.CTX) for row in rows]
        return [(body["event"], body["actor"]) for body in bodies]

    def in_force(self, change: Callable[[bytes], bytes]) -> None:
        """The directors sign a changed roster, and it lies where the console looks."""
        file = self.settings.roster_file
        file.write_bytes(self.officers.sign(change(file.read_bytes())))

    def appoint(self, name: str, key: OfficerKey, begins: date, ends: date, unit: str = "coat") -> None:
        """One more officer, between two days."""
        self.in_force(lambda roster: roster_draft.add_officer(roster, unit, key.card(name), begins, ends))

    async def without_database(self, *, away: bool = True) -> None:
        """Nobody reaches it from now on; or everybody again."""
        url = make_url(libpq_url(self.settings.database_url))
        server = url.set(database="postgres").render_as_string(hide_password=False)
        async with await psycopg.AsyncConnection.connect(server, autocommit=True) as connection:
            await connection.execute(f'ALTER DATABASE "{url.database}" WITH ALLOW_CONNECTIONS {not away}')
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            await connection.execute(ended, [url.database])

    async def rows(self, table: str) -> int:
        async with self.database.begin() as tx:
            return int(await tx.scalar(text(f"SELECT count(*) FROM {table}")) or 0)

    def later(self, **span: float) -> None:
        self.clock.ahead += timedelta(**span)


@asynccontextmanager
async def opened(data_dir: Path, database_url: str, *, seconds: float = 60, **more: Any) -> AsyncIterator[Room]:
    """A console on a free port, until the block ends. `more`: settings."""
    keys = KeyRing.open(data_dir / "keys")
    officers = Officers.appoint(data_dir, keys)
    given = {"data_dir": data_dir, "database_url": database_url, "roster_keys": officers.directors} | more
    async with asyncio.timeout(seconds), AsyncExitStack() as stack:
        listening = uvicorn.Config("", host="127.0.0.1", port=0).bind_socket()
        stack.callback(listening.close)
        port = listening.getsockname()[1]
        settings = Settings(_env_file=None, **{"console_port": port, **given})
        clock = Clock()
        app = create_app(settings, clock)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, http=Patient, ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            while not server.started:
                if serving.done():
                    await serving
                await asyncio.sleep(0.01)
            database = Database(database_url, pool=2)
            stack.push_async_callback(database.close)
            room = Room(settings, clock, app, officers, keys, database, f"http://127.0.0.1:{port}")
            async with room.doors:
                yield room
        finally:
            server.should_exit = True
            await serving
