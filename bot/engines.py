"""The engines that `serve` starts itself: the model is trained if need be, each loads it on a port of its own."""

from __future__ import annotations

import asyncio
import os
import socket
from asyncio.subprocess import PIPE
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import click

from bot import engine_token
from bot.children import Child, end, launch
from bot.errors import SettingsError
from bot.progress import say
from bot.settings import load

NLU = Path(__file__).parent.parent / "nlu"
PYTHON = NLU / ".venv" / "bin" / "python"
SERVE: tuple[str | Path, ...] = (PYTHON, "-W", "ignore", NLU / "serve.py")  # its libraries warn of each other's age
LOOK_SECONDS, NEWS_SECONDS = 0.25, 10.0
TOLD = 4000  # characters of a failed training that are shown
MOST_FAILURES = 3  # an engine that dies so often before it is ready will not come up

# All that an engine gets to know of its surroundings. The settings hold secrets of platforms; it needs none of them.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Engine:
    url: str
    child: Child


async def train() -> None:
    """Trains the model of the present files unless it is there. Raises `SettingsError` if that fails."""
    if not PYTHON.exists():
        raise SettingsError("the dialogue engine is not set up: run ./run setup, or set FARO_ENGINE_URLS.")
    process = await launch([PYTHON, NLU / "train.py"], _environment(""), stderr=PIPE, cwd=NLU)
    try:
        assert process.stderr
        told = (await process.stderr.read()).decode(errors="replace")
        if await process.wait() != 0:
            say(f"Rasa's last lines:\n{told[-TOLD:]}")
            raise SettingsError("the dialogue model can't be trained; the lines above say why.")
    finally:
        await end(process)


async def digest() -> str | None:
    """Of the files that a model is made of (`nlu/digest.py`); None on a machine without the engine's environment."""
    if not PYTHON.exists():
        return None
    process = await asyncio.create_subprocess_exec(
        *(PYTHON, "-c", "import digest; print(digest.digest())"), cwd=NLU, env=_environment(""), stdout=PIPE
    )
    output, _ = await process.communicate()
    return output.decode().strip() or None


def make(number: int, token: str) -> list[Engine]:
    """So many engines, not started."""
    return [_engine(place, port, token) for place, port in enumerate(_free_ports(number), 1)]


def _engine(place: int, port: int, token: str) -> Engine:
    command = [*SERVE, "--host", "127.0.0.1", "--port", str(port), "--parent-pid", str(os.getpid())]
    return Engine(f"http://127.0.0.1:{port}", Child(f"engine-{place}", command, _environment(token), muted=True))


async def ready(engines: Sequence[Engine], token: str) -> None:
    """Waits until each has loaded its model. Raises `SettingsError`, after showing why, for one that keeps dying."""
    headers = {"Authorization": f"Bearer {token}"}
    waited = 0.0
    async with aiohttp.ClientSession(headers=headers, timeout=aiohttp.ClientTimeout(total=2)) as session:
        while waiting := [engine for engine in engines if not engine.child.ready]:
            for engine in waiting:
                engine.child.ready = await _healthy(session, engine.url)
                _give_up(engine.child)
            await asyncio.sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
            if waited % NEWS_SECONDS == 0:
                say(f"dialogue engines: {len(engines) - len(waiting)} of {len(engines)} have loaded the model …")


def _give_up(child: Child) -> None:
    if child.failures >= MOST_FAILURES:
        for line in child.tail:
            say(f"{child.name}: {line}")
        raise SettingsError(f"{child.name} does not start; its last lines stand above.")


async def _healthy(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(f"{url}/webhooks/turns/health") as response:
            return response.status == 200 and bool((await response.json())["ready"])
    except (aiohttp.ClientError, TimeoutError):
        return False


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the engine listens on.")
@click.option("--port", default=5005, show_default=True, help="Port that the engine listens on.")
def engine(host: str, port: int) -> None:
    """Run one dialogue engine alone."""
    token = engine_token.of(load())
    asyncio.run(train())
    command = [*map(str, SERVE), "--host", host, "--port", str(port)]
    os.execve(command[0], command, _environment(token))


def _environment(token: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**inherited, "FARO_ENGINE_TOKEN": token, "PYTHONUNBUFFERED": "1"}


def _free_ports(number: int) -> list[int]:
    """Held all at once while they are looked for, so that they differ."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports
