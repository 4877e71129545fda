"""The engines that `serve` starts itself: the model is trained if need be, each loads it in a box of its own."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from asyncio.subprocess import PIPE
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import quote

import aiohttp
import click

from bot import engine_box, engine_token, log
from bot.children import Child, end, launch
from bot.engine_box import Goods
from bot.engine_door import UNIX, Door
from bot.errors import SettingsError
from bot.progress import say
from bot.settings import EngineBox, Settings, load

NLU = Path(__file__).parent.parent / "nlu"
PYTHON = NLU / ".venv" / "bin" / "python"
SERVE: tuple[str | Path, ...] = (PYTHON, "-W", "ignore", NLU / "serve.py")  # its libraries warn of each other's age
LOOK_SECONDS, NEWS_SECONDS = 0.25, 10.0
PATIENCE = aiohttp.ClientTimeout(total=5)
TOLD = 4000  # characters of a failed training that are shown
MOST_FAILURES = 3  # an engine that dies so often before it is ready will not come up
LONGEST_ADDRESS = 107  # bytes of a socket's path

# All that an engine gets to know of its surroundings. The settings hold secrets of platforms; it needs none of them.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


@dataclass(frozen=True, slots=True)
class Engine:
    """`lent`: a folder for its socket, where the data folder lies too deep for one."""

    url: str
    child: Child
    lent: Path | None = None

    async def stop(self) -> None:
        await self.child.stop()
        if self.lent:
            shutil.rmtree(self.lent, ignore_errors=True)


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


async def make(number: int, token: str, data_dir: Path, box: EngineBox) -> list[Engine]:
    """So many engines of the present model, not started. Raises `SettingsError` if the box that is required lacks."""
    if box == "off":
        say("FARO_ENGINE_BOX is off: the dialogue engines may open files and connections as this account may.")
        log.event("engine_box_off")
        return [_open(place, port, token) for place, port in enumerate(_free_ports(number), 1)]
    goods = await _goods()
    missing = await _measures(goods, box)
    return [_boxed(goods, place, data_dir, token, missing) for place in range(1, number + 1)]


def _open(place: int, port: int, token: str) -> Engine:
    command = [*SERVE, "--host", "127.0.0.1", "--port", str(port), "--parent-pid", str(os.getpid())]
    return Engine(f"http://127.0.0.1:{port}", Child(f"engine-{place}", command, _environment(token), muted=True))


def _boxed(goods: Goods, place: int, data_dir: Path, token: str, missing: Mapping[str, str]) -> Engine:
    folder = data_dir.resolve() / "engines" / str(place)
    room = engine_box.room(folder, pass_through="spaces" in missing)
    path, lent = folder / "socket", None
    if len(os.fsencode(path)) > LONGEST_ADDRESS:
        lent = Path(mkdtemp(prefix="faro-"))
        path = lent / "socket"
    command = engine_box.command(goods, room, ["--socket", str(path)], SERVE, missing)
    url = f"{UNIX}://{quote(str(path))}"
    return Engine(url, Child(f"engine-{place}", command, _environment(token), muted=True), lent)


async def _goods() -> Goods:
    return Goods(NLU, NLU / "models" / f"faro-{(await digest() or '')[:16]}.tar.gz")


async def missing_measures() -> dict[str, str]:
    """See `engine_box.missing`."""
    return await engine_box.missing(await _goods()) if PYTHON.exists() else {}


async def _measures(goods: Goods, box: EngineBox) -> dict[str, str]:
    """Which measures lack; told once. Raises `SettingsError` if all are required."""
    missing = await engine_box.missing(goods)
    if missing:
        told = engine_box.told(missing)
        if box == "require":
            raise SettingsError(f"FARO_ENGINE_BOX=require, and this machine does not give: {told}.")
        say(f"the dialogue engines' box lacks {told}.")
        log.event("engine_box_lacks", **missing)
        for side in engine_box.open_sides(missing):
            say(f"NOTHING KEEPS THE DIALOGUE ENGINES' {side.upper()} CLOSED; ./run faro doctor says what to do.")
    return missing


async def ready(engines: Sequence[Engine], token: str) -> None:
    """Waits until each has loaded its model. Raises `SettingsError`, after showing why, for one that keeps dying."""
    waited = 0.0
    while waiting := [engine for engine in engines if not engine.child.ready]:
        for engine in waiting:
            engine.child.ready = await model(engine.url, token) is not None
            _give_up(engine.child)
        await asyncio.sleep(LOOK_SECONDS)
        waited += LOOK_SECONDS
        if waited % NEWS_SECONDS == 0:
            say(f"dialogue engines with the model loaded: {len(engines) - len(waiting)} of {len(engines)} …")


def _give_up(child: Child) -> None:
    if child.failures >= MOST_FAILURES:
        for line in child.tail:
            say(f"{child.name}: {line}")
        raise SettingsError(f"{child.name} does not start; its last lines stand above.")


async def model(url: str, token: str) -> str | None:
    """Digest of the model that an engine holds; None if it is not ready."""
    door = Door.of(url)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with (
            aiohttp.ClientSession(
                door.origin, connector=door.connector(), headers=headers, timeout=PATIENCE
            ) as session,
            session.get("/webhooks/turns/health") as response,
        ):
            answer = await response.json()
            return str(answer["model"]) if answer["ready"] else None
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError):
        return None


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address that the engine listens on.")
@click.option("--port", default=5005, show_default=True, help="Port that the engine listens on.")
def engine(host: str, port: int) -> None:
    """Run one dialogue engine alone."""
    settings = load()
    token = engine_token.of(settings)
    command = asyncio.run(_alone(settings, ["--host", host, "--port", str(port)]))
    os.execve(command[0], command, _environment(token))


async def _alone(settings: Settings, door: Sequence[str]) -> list[str]:
    await train()
    if settings.engine_box == "off":
        return [*map(str, SERVE), *door]
    goods = await _goods()
    missing = await _measures(goods, settings.engine_box)
    room = engine_box.room(settings.data_dir / "engines" / "alone", pass_through="spaces" in missing)
    return engine_box.command(goods, room, door, SERVE, missing)


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
