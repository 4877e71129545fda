"""A terminal that talks to Faro, as `faro talk` does: signed lines out, signed answers in on a port of its own."""

from __future__ import annotations

import base64
import secrets
from typing import Any, Self

import aiohttp
import orjson
from aiohttp import web

from bot.channels.terminal import SIGNATURE, sign
from tests.channels.platforms.phone import Phone, Seen


class TerminalPhone(Phone):
    """One person at one terminal. Choices are typed: a number, or the option's own words."""

    def __init__(self, url: str, token: str, language: str = "es") -> None:
        super().__init__("")
        self.url, self.token, self.language = url, token, language
        self.erased: list[str] = []
        self._screen: list[str] = []
        self._last = b""

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/", self._hear)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.address = str(self._runner.addresses[0][1])
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._runner.cleanup()

    @property
    def screen(self) -> list[str]:
        return list(self._screen)

    async def say(self, text: str) -> int:
        self._screen.append(text)
        return await self._deliver({"text": text})

    async def tap(self, what: str | int) -> int:
        titles = next(seen.buttons for seen in reversed(self.seen) if seen.buttons)
        return await self.say(str(what if isinstance(what, int) else titles.index(what) + 1))

    async def attach(self, data: bytes, media_type: str, caption: str = "") -> int:
        given = {"file": base64.b64encode(data).decode(), "media_type": media_type, "text": caption}
        return await self._deliver(given)

    async def repeat(self) -> int:
        return await self._post(self._last)

    async def _deliver(self, given: dict[str, Any]) -> int:
        about = {"id": secrets.token_hex(8), "port": int(self.address), "language": self.language}
        self._last = orjson.dumps(about | given)
        return await self._post(self._last)

    async def _post(self, body: bytes) -> int:
        headers = {SIGNATURE: sign(self.token, body)}
        async with self._session.post(f"{self.url}/webhooks/terminal", data=body, headers=headers) as answer:
            return answer.status

    async def _hear(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get(SIGNATURE, "") != sign(self.token, body):
            return web.Response(status=403)
        said = orjson.loads(body)
        if "text" in said:
            self._screen.append(said["text"])
            self.receive(Seen(said["text"], tuple(title for title, _ in said["buttons"])))
        else:
            self.erased += said["erase"]
            self._screen.clear()
        return web.Response(text=secrets.token_hex(8))
