"""A proxy of the kinds that stand in airports: one keeps an answer until it is whole, one ends what takes long."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Literal

import aiohttp
from aiohttp import web

type Kind = Literal["holds", "cuts"]


@asynccontextmanager
async def proxy_to(url: str, kind: Kind) -> AsyncIterator[str]:
    """Its address, until the block ends. `cuts`: an answer that is not whole by its first part ends there."""
    async with aiohttp.ClientSession(url, auto_decompress=False) as session:

        async def passed(request: web.Request) -> web.StreamResponse:
            return await _passed(session, request, kind)

        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{rest:.*}", passed)
        runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://localhost:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


async def _passed(session: aiohttp.ClientSession, request: web.Request, kind: Kind) -> web.StreamResponse:
    body = await request.read() or None
    method, path = request.method, request.path_qs
    async with session.request(method, path, data=body, headers=request.headers, allow_redirects=False) as answer:
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _OWN}
        streamed = answer.content_type == "text/event-stream"
        if streamed and kind == "cuts":
            return web.Response(status=answer.status, headers=headers, body=await answer.content.readany())
        return web.Response(status=answer.status, headers=headers, body=await answer.read())


_OWN = {"content-length", "transfer-encoding", "connection"}  # of each stretch of the way
