"""The inner door of a process: metrics and its state, for the operator's own machines and never for the internet."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.errors import SettingsError
from bot.gauges import Gauges, Look, Measured

_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def opened[S: Measured](service: S, look: Look[S]) -> AsyncIterator[None]:
    """Answers `/metrics`, `/healthz` and `/readyz` until the block ends; opens nothing when FARO_METRICS_PORT is 0.

    Raises `SettingsError` when it can't listen there.
    """
    settings = service.settings
    if not settings.metrics_port:
        yield
        return
    runner = web.AppRunner(_app(service, Gauges(service, look)), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, settings.metrics_host, settings.metrics_port).start()
        except OSError as error:
            raise SettingsError(
                f"FARO_METRICS_HOST, FARO_METRICS_PORT: can't listen there ({error.strerror})."
            ) from None
        yield
    finally:
        await runner.cleanup()


def _app[S: Measured](service: S, gauges: Gauges[S]) -> web.Application:
    async def metrics(request: web.Request) -> web.Response:
        await gauges.fresh()
        return web.Response(body=service.metrics.text(), headers={"Content-Type": _TEXT, "Cache-Control": "no-store"})

    async def alive(request: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def ready(request: web.Request) -> web.Response:
        """Of all parts: whoever asks here wants to know whether this process can do its whole work."""
        parts = await service.ready()
        return web.json_response(parts, status=200 if all(parts.values()) else 503)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    app.router.add_get("/healthz", alive)
    app.router.add_get("/readyz", ready)
    return app
