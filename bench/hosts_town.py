"""Several hosts: the database on one, and on each of two others a gateway, a worker and an engine, sharing the keys."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from bench.chaos_town import Resident, Town
from bench.namespaces import OUTER, Host, Network
from bot.settings import Settings
from storage.database import libpq_url, migrate
from storage.embedded import EmbeddedPostgres, start_embedded
from storage.keys import KeyRing
from tests.channels.platforms.telegram import TelegramPlatform
from tests.channels.platforms.twilio import TwilioPlatform
from tests.engine import NLU, PYTHON, train
from tests.house import Officers, numbers, real_channels

ROOT = Path(__file__).parent.parent
DOOR, ENGINE, PASSWORD_BYTES = 8000, 5005, 16
READY_SECONDS = 120.0


@dataclass(slots=True)
class Site:
    """One application host. `queue_id`: of its worker, as the queue knew it at first."""

    host: Host
    residents: Mapping[str, Resident]
    queue_id: int = 0

    @property
    def url(self) -> str:
        return f"http://{self.host.address}:{DOOR}"

    def start(self, kind: str) -> None:
        self.host.call(self.residents[kind].start)

    def pause(self, *, go_on: bool = False) -> None:
        """Its engine thinks, and thinks."""
        process = self.residents["engine"].process
        assert process
        process.send_signal(signal.SIGCONT if go_on else signal.SIGSTOP)

    def told(self, event: str) -> int:
        """How often its worker's log has this event."""
        return (self.residents["worker"].folder / "worker.log").read_text().count(f'"event":"{event}"')

    @property
    def ended(self) -> list[str]:
        """What runs no more."""
        return [kind for kind, one in self.residents.items() if one.process and one.process.poll() is not None]


@dataclass(slots=True)
class Hosts:
    """`town`: as the chaos run knows it, for its people and its checker."""

    town: Town
    a: Site
    b: Site

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(libpq_url(self.town.database_url), autocommit=True, connect_timeout=5) as connection:
            return connection.execute(query.encode(), values).fetchall()


@asynccontextmanager
async def hosts(network: Network, data: Path) -> AsyncIterator[Hosts]:
    async with AsyncExitStack() as stack:
        far = network.host("db", 2)
        server, url = await asyncio.to_thread(_database, far, data)
        stack.callback(server.stop)
        await asyncio.to_thread(migrate, url)
        await asyncio.to_thread(train)
        officers = Officers.appoint(data, KeyRing.open(data / "keys"))
        numbers(data, verified_on=time.strftime("%Y-%m-%d"))
        telegram, twilio = TelegramPlatform(), TwilioPlatform()
        for platform in (telegram, twilio):
            platform.keep_calls = False
            await platform.start(host=OUTER)
            stack.push_async_callback(platform.close)
        sites = [network.host(name, last) for name, last in (("a", 3), ("b", 4))]
        settings = Settings(
            _env_file=None, data_dir=data, database_url=url, engine_token=secrets.token_urlsafe(), port=DOOR,
            host="0.0.0.0", engine_urls=tuple(f"http://{site.address}:{ENGINE}" for site in sites),
            roster_keys=officers.directors, **real_channels(telegram, twilio),
        )  # type: ignore[call-arg]  # fmt: skip
        a, b = (Site(site, _residents(settings, site, data)) for site in sites)
        residents = [*a.residents.values(), *b.residents.values()]
        stack.callback(lambda: [_end(one) for one in residents])
        town = Town(data, url, settings, officers, telegram, twilio, a.url, residents,
                    KeyRing.open(data / "keys"), small_disk=False)  # fmt: skip
        made = Hosts(town, a, b)
        await _started(made)
        yield made


def _database(far: Host, data: Path) -> tuple[EmbeddedPostgres, str]:
    """The server answers on its host's address too, to who knows the password."""
    password = secrets.token_hex(PASSWORD_BYTES)
    settings = {"listen_addresses": far.address, "password_encryption": "scram-sha-256"}
    server = far.call(lambda: start_embedded(data, settings=settings))
    with (data / "postgres" / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {OUTER}/24 scram-sha-256\n")
    with psycopg.connect(libpq_url(server.url), autocommit=True) as connection:
        connection.execute(f"ALTER ROLE postgres PASSWORD '{password}'".encode())
        connection.execute(b"SELECT pg_reload_conf()")
    return server, f"postgresql://postgres:{password}@{far.address}/postgres"


def _residents(settings: Settings, host: Host, data: Path) -> dict[str, Resident]:
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    texts = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in given.items()}
    bot = {**own, **{f"FARO_{name.upper()}": value for name, value in texts.items()}, "PYTHONPATH": str(ROOT)}
    nlu = {**own, "FARO_ENGINE_TOKEN": settings.engine_token, "CUDA_VISIBLE_DEVICES": "-1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    folder = data / host.name
    folder.mkdir()
    engine = (str(PYTHON), str(NLU / "serve.py"), "--host", host.address, "--port", str(ENGINE),
              "--parent-pid", str(os.getpid()))  # fmt: skip
    commands = {kind: (sys.executable, "-m", "bot.cli", kind) for kind in ("gateway", "worker")}
    return {"engine": Resident("engine", engine, nlu, folder),
            **{kind: Resident(kind, command, bot, folder) for kind, command in commands.items()}}  # fmt: skip


async def _started(made: Hosts) -> None:
    for kind in ("engine", "gateway"):
        made.a.start(kind)
        made.b.start(kind)
    for site in (made.a, made.b):
        site.start("worker")  # one after the other: so it is known which one the queue's is
        while not (known := await asyncio.to_thread(_worker, made, made.a.queue_id)):
            assert not site.ended, site.ended
            await asyncio.sleep(0.1)
        site.queue_id = known
    async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
        for site in (made.a, made.b):
            while not await _ready(session, site):
                assert not site.ended, site.ended
                await asyncio.sleep(0.2)


def _worker(made: Hosts, but: int) -> int:
    rows = made.rows("SELECT id FROM procrastinate_workers WHERE id <> %s", but)
    return int(rows[0][0]) if rows else 0


async def _ready(session: aiohttp.ClientSession, site: Site) -> bool:
    """Its door is open, and its own engine has loaded the model."""
    with suppress(aiohttp.ClientError, OSError, ValueError, KeyError):
        token = f"Bearer {site.residents['engine'].environment['FARO_ENGINE_TOKEN']}"
        own = f"http://{site.host.address}:{ENGINE}/webhooks/turns/health"
        async with session.get(own, headers={"Authorization": token}) as answer:
            if not (await answer.json())["ready"]:
                return False
        async with session.get(f"{site.url}/readyz") as answer:
            return answer.status == 200
    return False


def _end(one: Resident) -> None:
    if one.process:
        one.process.send_signal(signal.SIGCONT)
    one.kill()
