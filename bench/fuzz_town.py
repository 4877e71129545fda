"""The real processes under hostile input, and what is looked at afterwards: logs, queue, memory, reports."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, override

import aiohttp
import orjson
import psycopg

from bench.fuzz_pictures import some_bombs
from bench.fuzz_words import MARK
from bench.telegram import Telegram
from bot.channels import Delivery
from bot.settings import Settings
from storage import envelope, reports
from storage.database import Database, libpq_url, migrate
from storage.embedded import start_embedded
from storage.keys import KeyRing
from tests.channels.platforms.server import Call, Reply, json_reply
from tests.channels.platforms.telegram import SECRET, TOKEN
from tests.channels.platforms.twilio import TwilioPlatform
from tests.engine import Engine, serving
from tests.house import Officers, numbers, real_channels
from tests.processes import Gateway, Process

OURS = {
    "forged",
    "malformed",
    "attachment_refused",
    "not_sent",
    "worker_stopped",
    "not_heard",
    "failed_later",
    "report_lies_ready",
    "content_not_made",
}  # what may be told, and means no fault
QUIET_SECONDS = 300.0
START_SECONDS = 180.0
DELIVERIES = 10  # of one message


class Listening(Telegram):
    """`echoes`: messages to people that hold what somebody wrote."""

    echoes = 0

    @override
    async def answer(self, call: Call) -> Reply:
        if call.path.startswith("/file/"):
            return Reply(200, random.choice(some_bombs()))
        if call.path.endswith("/getFile"):
            path = f"{self.url}/file/bot{TOKEN}/documents/file_1"
            return json_reply({"ok": True, "result": {"file_id": "a", "file_unique_id": "a", "file_path": path}})
        self.echoes += call.path.endswith("/sendMessage") and MARK.lower().encode() in call.body.lower()
        return await super().answer(call)


class Accounts(TwilioPlatform):
    """Twilio that remembers no message."""

    echoes = 0

    @override
    async def answer(self, call: Call) -> Reply:
        self.echoes += call.path.endswith("/Messages.json") and MARK.lower().encode() in call.body.lower()
        self.messages.clear()
        return await super().answer(call)


@dataclass(slots=True)
class Town:
    """`parts`: name and process id of what is ours; `memory`: megabytes at the start, by part."""

    data: Path
    settings: Settings
    officers: Officers
    telegram: Listening
    twilio: Accounts
    gateway: Gateway
    parts: dict[str, int]
    session: aiohttp.ClientSession
    memory: dict[str, int] = field(default_factory=dict)
    unanswered: int = 0  # deliveries

    @property
    def url(self) -> str:
        return self.gateway.url

    async def post(self, delivery: Delivery) -> int:
        """As platforms and our page do it: what was not answered is delivered again."""
        address = self.url + delivery.target
        for _ in range(DELIVERIES):
            try:
                async with self.session.post(address, data=delivery.body, headers=dict(delivery.headers)) as answer:
                    await answer.read()
                    return answer.status
            except (aiohttp.ClientError, TimeoutError, OSError):
                self.unanswered += 1
                await asyncio.sleep(1)
        return 599

    def delivered(self, update: Any) -> Delivery:
        """A genuine webhook of Telegram; bytes go as they are."""
        body = update if isinstance(update, bytes) else orjson.dumps(update)
        headers = {"content-type": "application/json", "x-telegram-bot-api-secret-token": SECRET}
        return Delivery("/webhooks/telegram", "/webhooks/telegram", headers, body)

    def ask(self, query: str) -> Any:
        """The first field of the first row."""
        with psycopg.connect(libpq_url(self.settings.database_url), autocommit=True) as connection:
            row = connection.execute(query.encode()).fetchone()
            return row[0] if row else None

    def waiting(self) -> int:
        return int(self.ask("SELECT count(*) FROM inbox WHERE parked IS NULL"))

    async def quiet(self) -> bool:
        """Until nothing waits any more; False if something still does."""
        end = time.monotonic() + QUIET_SECONDS
        while time.monotonic() < end:
            busy = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' AND queue_name <> 'upkeep'"
            if not await asyncio.to_thread(self.waiting) and not await asyncio.to_thread(self.ask, busy):
                return True
            await asyncio.sleep(0.5)
        return False

    def resident(self) -> dict[str, int]:
        """Megabytes that each part holds now."""
        return {name: _memory(pid, "VmRSS") for name, pid in self.parts.items()}

    def peak(self) -> dict[str, int]:
        return {name: _memory(pid, "VmHWM") for name, pid in self.parts.items()}

    async def looked_at(self) -> dict[str, Any]:
        """What the oracle asks, once it is quiet."""
        return {
            "left": self.waiting(),
            "parked": self.ask("SELECT count(*) FROM inbox WHERE parked IS NOT NULL"),
            "failed_jobs": self.ask("SELECT count(*) FROM procrastinate_jobs WHERE status = 'failed'"),
            "words_in_logs": self._words(),
            "unanswered_deliveries": self.unanswered,
            "echoes": self.telegram.echoes + self.twilio.echoes,
            "errors": dict(self._errors()),
            "reports": await self._reports(),
            "memory_start": self.memory, "memory_end": self.resident(), "memory_peak": self.peak(),
        }  # fmt: skip

    def _logs(self) -> list[Path]:
        return [path for path in self.data.rglob("*") if path.suffix == ".log" or path.name == "log"]

    def _words(self) -> int:
        """Lines of any log that hold what somebody wrote."""
        mark = MARK.lower().encode()
        return sum(mark in line.lower() for path in self._logs() for line in path.open("rb"))

    def _errors(self) -> Counter[str]:
        """Lines about errors that nobody foresaw: of libraries, or of kinds that are none of ours."""
        found: Counter[str] = Counter()
        for name in ("gateway", "worker"):
            for line in (self.data / f"{name}.log").read_bytes().splitlines():
                if not line.startswith(b"{"):
                    found[f"{name}: a line that is no event"] += 1
                    continue
                value = orjson.loads(line)
                if value.get("level") == "error" or ("event" in value and value["event"] not in OURS):
                    where = value.get("where") or value.get("event")
                    found[f"{name}: {value.get('error') or value.get('logger')} {where}"] += 1
        return found

    async def _reports(self) -> dict[str, int]:
        """How many there are, and how many of a sample open with their officer's key."""
        database = Database(self.settings.database_url, pool=1)
        keys, unit = KeyRing.open(self.data / "keys"), "coat"
        opened = 0
        async with database.begin() as tx:
            listed = await reports.listing(tx, unit)
            sample = listed[:: max(1, len(listed) // 200)]
            for one in sample:
                row = await reports.fetch(tx, one.id, unit=unit)
                assert row
                identity, sealer = self.officers.keys[unit].identity, keys.sealer_key().public_key()
                found = envelope.open_report(row.sealed, identity, sealer_public=sealer, expect_report_id=row.id)
                opened += bool(found.parts["report.json"])
        await database.close()
        return {"filed": len(listed), "sample": len(sample), "opened": opened}


def _memory(pid: int, name: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(rf"{name}:\s+(\d+) kB", text)
    return int(found[1]) // 1024 if found else 0


@asynccontextmanager
async def town(data: Path, engines: int, **more: Any) -> AsyncIterator[Town]:
    """Engines, database, gateway and worker, ready, with every channel; everything ends with the block."""
    async with AsyncExitStack() as stack:
        token, folders = secrets.token_urlsafe(), [_folder(data / f"engine{number}") for number in range(engines)]
        served = [stack.enter_context(serving(folder, token)) for folder in folders]
        database = await asyncio.to_thread(start_embedded, data)
        stack.callback(database.stop)
        await asyncio.to_thread(migrate, database.url)
        officers = await asyncio.to_thread(Officers.appoint, data, KeyRing.open(data / "keys"))
        numbers(data, verified_on=time.strftime("%Y-%m-%d"))
        telegram, twilio = Listening(), Accounts()
        for platform in (telegram, twilio):
            platform.keep_calls = False
            await platform.start()
            stack.push_async_callback(platform.close)
        settings = _settings(data, database.url, served, officers, telegram, twilio, more)
        gateway, worker = Gateway(settings), Process("worker", settings)
        for process in (worker, gateway):
            stack.push_async_callback(process.stop)
            await Process.start(process)
        await _alive(gateway)
        telegram.open_door(gateway.url)
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)  # less than that of the gateway
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        parts = {"gateway": _pid(gateway), "worker": _pid(worker)}
        parts |= {f"engine {number}": one.pid for number, one in enumerate(served, 1)}
        yield Town(data, settings, officers, telegram, twilio, gateway, parts, session)


async def _alive(gateway: Gateway) -> None:
    """Longer than a test would wait: what else runs on the machine is not ours."""
    async with asyncio.timeout(START_SECONDS), aiohttp.ClientSession() as session:
        while not await gateway._alive(session):  # noqa: ASYNC110  another process tells nothing by itself
            await asyncio.sleep(0.2)


def _settings(data: Path, url: str, served: list[Engine], officers: Officers, telegram: Listening, twilio: Accounts,
              more: dict[str, Any]) -> Settings:  # fmt: skip
    token = served[0].token
    channels: Any = real_channels(telegram, twilio)  # type: ignore[arg-type]  # of it only the address is asked
    given = {"data_dir": data, "database_url": url, "engine_urls": tuple(one.url for one in served), **channels,
             "engine_token": token, "roster_keys": officers.directors}  # fmt: skip
    return Settings(_env_file=None, **{**given, **more})


def _pid(process: Process) -> int:
    assert process._process
    return process._process.pid


def _folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path
