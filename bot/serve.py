"""`faro serve`: everything on one machine, started in order, watched, and stopped to the last process."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import aiohttp
import click

from bot import engine_token, engines, log, practice, running, welcome
from bot.children import GRACE_SECONDS, Child
from bot.engines import Engine
from bot.errors import SettingsError
from bot.keeper import kept
from bot.progress import say, timed
from bot.running import Running
from bot.settings import Settings, apart, load
from storage.database import migrate
from storage.errors import DatabaseDown

CHANNELS = ("telegram", "whatsapp", "sms")
LOOK_SECONDS, NEWS_SECONDS = 0.25, 10.0
MOST_FAILURES = 3  # a child that dies so often before all is ready will not come up


@click.command()
def serve() -> None:
    """Start everything on this machine; Ctrl-C stops it."""
    log.configure()
    try:
        asyncio.run(_until_stopped(load()))
    except SettingsError as error:
        click.echo(f"faro: {error}", err=True)
        sys.exit(2)


async def _until_stopped(settings: Settings) -> None:
    """SIGINT, SIGTERM and SIGHUP end it cleanly at any moment; further ones do not disturb the ending."""
    work = asyncio.ensure_future(_serve(settings))
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop() -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        work.cancel()  # before anything is said: whoever read that may be gone
        say("stopping …")

    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await work
    except asyncio.CancelledError:
        say("stopped")


async def _serve(settings: Settings) -> None:
    _check(settings)
    with running.alone(settings.data_dir):
        async with AsyncExitStack() as household:  # ended in the opposite order: the door first, the database last
            own = await household.enter_async_context(_engines(settings))
            system = await household.enter_async_context(_foundations(settings, own))
            workers = [_child(f"worker-{n}", "worker", settings, system, n) for n in range(1, settings.workers + 1)]
            gateway = _child("gateway", "gateway", settings, system, 0)
            console = _child("console", "console", settings, system, settings.workers + 1)
            children = [*workers, console, gateway]
            for child in children:
                household.push_async_callback(child.stop)
                child.start()
            await timed("dialogue engines", engines.ready(own, system.engine_token))
            await timed("gateway, worker and console", _ready(system, children))
            running.announce(settings.data_dir, system)
            click.echo(welcome.text(settings, system), err=True)
            await asyncio.Event().wait()


@asynccontextmanager
async def _engines(settings: Settings) -> AsyncIterator[list[Engine]]:
    """Our own engines, if the settings name no others. Started first, since loading the model takes longest."""
    async with AsyncExitStack() as stack:
        own: list[Engine] = []
        if not settings.engine_urls:
            await engines.train()
            token = engine_token.of(settings)
            own = await engines.make(settings.engines, token, settings.data_dir, settings.engine_box)
        for engine in own:
            stack.push_async_callback(engine.stop)
            engine.child.start()
        yield own


@asynccontextmanager
async def _foundations(settings: Settings, own: Sequence[Engine]) -> AsyncIterator[Running]:
    """Practice roster and database: what gateway and workers stand on."""
    if settings.practice:
        await timed("practice units and keys", asyncio.to_thread(practice.prepare, settings.data_dir))
    async with AsyncExitStack() as stack:
        url = settings.database_url
        if not url:
            url = await timed("database starts", stack.enter_async_context(kept(settings.data_dir)))
        await timed("database is brought up to date", asyncio.to_thread(_migrate, url))
        urls = settings.engine_urls or tuple(engine.url for engine in own)
        port = settings.port or _free_port(settings.host)
        console = settings.console_port or _free_port(settings.host)
        yield Running(url, urls, engine_token.of(settings), settings.host, port, console)


def _migrate(url: str) -> None:
    try:
        migrate(url)
    except DatabaseDown:
        raise SettingsError("FARO_DATABASE_URL: no PostgreSQL answers there, or it does not let us in.") from None


def _child(name: str, command: str, settings: Settings, system: Running, place: int) -> Child:
    """Each has a port of its own for its metrics. It is killed only well after the time that it has to end in order."""
    port = settings.metrics_port + place if settings.metrics_port else 0
    environment = {**os.environ, **system.environment(), "FARO_METRICS_PORT": str(port)}
    command_line = [sys.executable, "-m", "bot.cli", command]
    return Child(name, command_line, environment, grace=settings.drain_seconds + GRACE_SECONDS)


async def _ready(system: Running, children: Sequence[Child]) -> None:
    """Waits until `/readyz` is green. Raises `SettingsError` for a child that keeps dying."""
    waited = 0.0
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session:
        while missing := await _missing(session, system):
            for child in children:
                if child.failures >= MOST_FAILURES:
                    raise SettingsError(f"{child.name} does not start; the lines above say why.")
            await asyncio.sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
            if waited % NEWS_SECONDS == 0:
                say(f"not ready yet: {', '.join(missing)} …")
    for child in children:
        child.ready = True


async def _missing(session: aiohttp.ClientSession, system: Running) -> list[str]:
    """The parts that are not ready."""
    doors = {"gateway": system.gateway_url, "console": system.console_url}
    return list(dict.fromkeys([part for name, url in doors.items() for part in await _lacks(session, name, url)]))


async def _lacks(session: aiohttp.ClientSession, name: str, url: str) -> list[str]:
    try:
        async with session.get(f"{url}/readyz") as response:
            return [part for part, ready in (await response.json()).items() if not ready]
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return [name]


def _check(settings: Settings) -> None:
    """What can be known to be wrong before anything starts. Raises `SettingsError`."""
    on = [name for name in CHANNELS if settings.complete(name)]
    if on and settings.practice:
        raise SettingsError(
            f"{on[0]} is set up, and there is no roster of real officers: set FARO_ROSTER_KEYS, or unset the channel."
        )
    if not settings.practice and not settings.roster_file.is_file():
        raise SettingsError("FARO_ROSTER: there is no such file.")
    apart(settings)
    for name in ("port", "console_port"):
        _check_port(settings.host, name, getattr(settings, name))


def _check_port(host: str, name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(f"FARO_HOST, FARO_{name.upper()}: can't listen there ({error.strerror}).") from None


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
