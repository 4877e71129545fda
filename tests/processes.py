"""Gateway and worker as processes of their own, and an engine that a test can hold up, for tests that kill."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self

import aiohttp
from aiohttp import web

from bot.settings import Settings
from tests.channels.platforms.server import Call, Reply
from tests.channels.platforms.telegram import TelegramPlatform
from tests.engine import free_port

ROOT = Path(__file__).parent.parent
READY_SECONDS = 30


class Process:
    """`python -m bot.cli <command>` with these settings, in the data folder."""

    def __init__(self, command: str, settings: Settings, **more: str) -> None:
        self._command, self._folder = command, settings.data_dir
        given = {name: getattr(settings, name) for name in settings.model_fields_set}
        values = {name: ",".join(value) if isinstance(value, tuple) else str(value) for name, value in given.items()}
        self._environment = {f"FARO_{name.upper()}": value for name, value in (values | more).items()}
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> Self:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        environment = {**inherited, **self._environment, "PYTHONPATH": str(ROOT)}
        with (self._folder / f"{self._command}.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "bot.cli",
                self._command,
                cwd=self._folder,
                env=environment,
                stderr=log,
                stdout=log,
            )
        return self

    async def kill(self) -> None:
        """SIGKILL: nothing of it runs on."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int | None:
        """SIGTERM: gives the exit code; None when it was never started."""
        await self._end(signal.SIGTERM)
        return self._process.returncode if self._process else None

    async def _end(self, how: signal.Signals) -> None:
        if self._process and self._process.returncode is None:
            self._process.send_signal(how)
            await self._process.wait()


class Gateway(Process):
    """The public door, on a port of its own."""

    def __init__(self, settings: Settings) -> None:
        port = free_port()
        super().__init__("gateway", settings, port=str(port))
        self.url = f"http://127.0.0.1:{port}"

    async def start(self) -> Self:
        await super().start()
        async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
            while not await self._alive(session):
                await asyncio.sleep(0.05)
        return self

    async def _alive(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/healthz") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


class Held:
    """Something in the middle that can be held up: `reached` is set when somebody waits in it."""

    def __init__(self) -> None:
        self.reached, self._open = asyncio.Event(), asyncio.Event()
        self._open.set()

    def hold(self) -> None:
        self.reached.clear()
        self._open.clear()

    def let_go(self) -> None:
        self._open.set()

    async def passing(self) -> None:
        if not self._open.is_set():
            self.reached.set()
            await self._open.wait()


@asynccontextmanager
async def slow_engine(url: str, held: Held) -> AsyncIterator[str]:
    """The engine's address with a gate before it."""
    async with aiohttp.ClientSession() as session:

        async def turn(request: web.Request) -> web.Response:
            body = await request.read()
            await held.passing()
            headers = {name: request.headers[name] for name in ("Authorization", "Content-Type")}
            async with session.post(url + request.path, data=body, headers=headers) as answer:
                return web.Response(status=answer.status, body=await answer.read(), content_type="application/json")

        app = web.Application()
        app.router.add_post("/webhooks/turns/turn", turn)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            held.let_go()
            await runner.cleanup()


def holding(platform: TelegramPlatform, held: Held, calls: str = "/sendMessage") -> None:
    """Telegram answers no call to a path with this in it while it is held up."""
    answer = platform.answer

    async def slow(call: Call) -> Reply:
        if calls in call.path:
            await held.passing()
        return await answer(call)

    platform.answer = slow  # type: ignore[method-assign]
