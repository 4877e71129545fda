"""What the chaos run kills: the real processes of one installation, each started again as soon as it is dead."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import psycopg

from bench.chaos_accounts import Accounts
from bench.chaos_warm import Warm
from bot import leash
from bot.keeper import kept
from bot.progress import say
from bot.settings import Settings
from storage.database import libpq_url, migrate
from storage.embedded import Account
from storage.keys import KeyRing
from tests.channels.platforms.telegram import TelegramPlatform
from tests.channels.platforms.twilio import TwilioPlatform
from tests.engine import NLU, PYTHON, free_port, train
from tests.house import Officers, numbers, real_channels

ROOT = Path(__file__).parent.parent
LOOK_SECONDS = 0.1
AGAIN_SECONDS = 0.5  # before one that ended by itself is started again
# For so long people get on, before the same is hit again: else nobody would say a second word.
PEACE_SECONDS = {"worker": 1.0, "gateway": 1.0, "engine": 4.0, "database": 15.0, "all": 60.0}
TMPFS_BYTES = 768 * 1024 * 1024


@dataclass(slots=True)
class Resident:
    """One process that is kept running. It listens at `port` once it is up. `ended`: how often it ended by itself."""

    kind: str
    command: Sequence[str]
    environment: Mapping[str, str]
    folder: Path
    port: int = 0
    process: subprocess.Popen[bytes] | Warm | None = None
    up_since: float = 0.0
    ended: int = 0
    held_back: bool = False  # not started again for now
    warm: bool = False

    def start(self) -> None:
        log = self.folder / f"{self.kind}.log"
        self.process = Warm(self.command, self.environment, self.folder, log) if self.warm else self._cold(log)
        self.up_since = 0.0

    def _cold(self, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as out:
            return subprocess.Popen(
                (sys.executable, "-I", leash.__file__, str(os.getpid()), *self.command),
                cwd=self.folder,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    def kill(self) -> bool:
        """False if there was nothing to kill."""
        if self.process is None or self.process.poll() is not None:
            return False
        self.process.kill()
        self.process.wait()
        self.process = None
        return True

    @property
    def settled(self) -> bool:
        """Has it been up for a while? How long the start takes is the machine's affair."""
        if self.process is None or not self.up_since:
            with socket.socket() as probe:
                up = self.process is not None and probe.connect_ex(("127.0.0.1", self.port)) == 0
            self.up_since = time.monotonic() if up else 0.0
        return self.up_since > 0 and time.monotonic() - self.up_since > PEACE_SECONDS[self.kind]


@dataclass(slots=True)
class Town:
    """`kills`: seconds and kind of each SIGKILL."""

    data: Path
    database_url: str
    settings: Settings
    officers: Officers
    telegram: TelegramPlatform
    twilio: TwilioPlatform
    gateway_url: str
    residents: list[Resident]
    keys: KeyRing
    small_disk: bool
    kills: list[tuple[float, str]] = field(default_factory=list)

    def of(self, kind: str) -> list[Resident]:
        return [resident for resident in self.residents if resident.kind == kind]

    def kill(self, kind: str, chance: random.Random) -> None:
        """One of this kind, or everything at once. A process that is just coming up is killed now and then, too."""
        if kind in {"all", "database"} and not self._long_since(kind):
            return
        if kind in {"all", "engine"} and not all(engine.settled for engine in self.of("engine")):
            return  # else people would be answered by the numbers alone where an engine is long in coming up
        if kind == "all":
            for resident in self.residents:
                resident.kill()
            self._kill_database()
        elif kind == "database":
            if not self._kill_database():
                return
        else:
            alive = [one for one in self.of(kind) if one.settled or chance.random() < 0.03]
            if not alive or not chance.choice(alive).kill():
                return
        self.kills.append((time.monotonic(), kind))

    def _long_since(self, kind: str) -> bool:
        last = max((at for at, what in self.kills if what in {"all", kind}), default=0.0)
        return time.monotonic() - last > PEACE_SECONDS[kind]

    def _kill_database(self) -> bool:
        with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
            number = int((self.data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
            if number > 1 and Path(f"/proc/{number}/comm").read_text().strip() == "postgres":
                os.kill(number, signal.SIGKILL)
                return True
        return False

    async def keep(self) -> None:
        """Starts again whatever is dead, until it is cancelled."""
        while True:
            for resident in self.residents:
                if resident.held_back or (resident.process and resident.process.poll() is None):
                    continue
                if resident.process is not None:
                    resident.ended += 1
                    say(f"{resident.kind} ended by itself ({resident.process.returncode})")
                    await asyncio.sleep(AGAIN_SECONDS)
                resident.start()
            await asyncio.sleep(LOOK_SECONDS)

    async def ready(self, seconds: float = 120) -> None:
        """Raises TimeoutError."""
        async with asyncio.timeout(seconds), aiohttp.ClientSession() as session:
            while not await self._ready(session):  # noqa: ASYNC110  other processes come up
                await asyncio.sleep(0.25)

    async def _ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.gateway_url}/readyz") as answer:
                parts = await answer.json()
                return bool(parts["database"] and parts["engine"])
        except (aiohttp.ClientError, OSError, ValueError, KeyError):
            return False

    def ask(self, query: str, *values: Any) -> Any:
        """The first field of the first row."""
        with psycopg.connect(libpq_url(self.database_url), autocommit=True, connect_timeout=5) as connection:
            row = connection.execute(query.encode(), values).fetchone()
            return row[0] if row else None

    def change(self, statement: str) -> None:
        with psycopg.connect(libpq_url(self.database_url), autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement.encode())


@asynccontextmanager
async def town(data: Path, *, engines: int = 2, workers: int = 2, practice: bool = False,
               warm: bool = False) -> AsyncIterator[Town]:  # fmt: skip
    """Everything runs until the block ends. In practice the terminal is on and no platform. `warm`: gateway and workers
    are forked (chaos_warm.py). Where the system lets us, the database lies on a small disk of its own."""
    async with AsyncExitStack() as stack:
        small = await asyncio.to_thread(_mounted, data / "postgres", stack)
        url = await stack.enter_async_context(kept(data))
        await asyncio.to_thread(migrate, url)
        await asyncio.to_thread(train)
        officers = await asyncio.to_thread(
            Officers.appoint, data / "practice" if practice else data, KeyRing.open(data / "keys"), practice=practice
        )
        numbers(data, verified_on=time.strftime("%Y-%m-%d"))
        telegram, twilio = TelegramPlatform(), Accounts()
        for platform in (telegram, twilio):
            platform.keep_calls = False
            await platform.start()
            stack.push_async_callback(platform.close)
        token, ports = secrets.token_urlsafe(), [free_port() for _ in range(engines)]
        settings = Settings(
            _env_file=None, data_dir=data, database_url=url, engine_token=token, port=free_port(),
            engine_urls=tuple(f"http://127.0.0.1:{port}" for port in ports),
            **({} if practice else {"roster_keys": officers.directors, **real_channels(telegram, twilio)}),
        )  # type: ignore[call-arg]  # fmt: skip
        residents = _residents(settings, ports, workers, warm)
        made = Town(data, url, settings, officers, telegram, twilio, f"http://127.0.0.1:{settings.port}", residents,
                    KeyRing.open(data / "keys"), small)  # fmt: skip
        keeping = asyncio.create_task(made.keep())
        stack.callback(lambda: [one.kill() for one in residents])
        stack.callback(keeping.cancel)
        await made.ready()
        yield made


def _residents(settings: Settings, ports: Sequence[int], workers: int, warm: bool) -> list[Resident]:
    own = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {name: getattr(settings, name) for name in settings.model_fields_set}
    texts = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in given.items()}
    environment = {**own, **{f"FARO_{name.upper()}": value for name, value in texts.items()}, "PYTHONPATH": str(ROOT)}
    engine = {
        **own,
        "FARO_ENGINE_TOKEN": settings.engine_token,
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    folder = settings.data_dir

    def bot(command: str) -> Resident:
        inner = free_port()
        own = {**environment, "FARO_METRICS_PORT": str(inner)}
        return Resident(command, (sys.executable, "-m", "bot.cli", command), own, folder, inner, warm=warm)

    def nlu(port: int) -> Resident:
        command = (str(PYTHON), str(NLU / "serve.py"), "--port", str(port), "--parent-pid", str(os.getpid()))
        return Resident("engine", command, engine, folder, port)

    return [*map(nlu, ports), bot("gateway"), *(bot("worker") for _ in range(workers))]


def _mounted(folder: Path, stack: AsyncExitStack) -> bool:
    """A disk that can be filled without filling the machine's. Only root may make one, and not everywhere."""
    folder.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_BYTES},mode=0700", "tmpfs", folder],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        return False
    stack.callback(lambda: subprocess.run(["umount", "-l", folder], capture_output=True, check=False))
    Account.choose().give(folder)
    return True
