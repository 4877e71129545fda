"""The officers' door: a page, and what it asks. It can open no report, and sign nothing in the server's name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, override

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot import log, metrics_door
from bot.console import api
from bot.console.outside import Outside
from bot.console.page.site import shipped
from bot.console.problems import handlers
from bot.console.service import open_console, utc_now
from bot.console.shown import routes as pages
from bot.errors import SettingsError
from bot.gauges import of_console
from bot.metrics import Metrics
from bot.settings import Settings, load


class Door(FastAPI):
    """FastAPI, put into what stands around every request; its description tells the answers that there are."""

    @override
    def build_middleware_stack(self) -> ASGIApp:
        return Outside(super().build_middleware_stack(), self.state.settings, self.state.metrics)

    @override
    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)  # the framework's own; here it is 400
        for unused in ("HTTPValidationError", "ValidationError"):
            schema.get("components", {}).get("schemas", {}).pop(unused, None)
        return schema


def create_app(settings: Settings | None = None, clock: Callable[[], datetime] = utc_now) -> Door:
    """The console. It holds no officer's and no sealer's key. Raises `SettingsError` where the page was not built."""
    settings, site = settings or load(), shipped()
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        log.configure()
        try:
            async with open_console(settings, metrics, site, clock) as console:
                app.state.console = console
                async with metrics_door.opened(console, of_console):
                    yield
        except SettingsError as error:
            app.state.refused = error
            raise

    app = Door(title="Faro console", lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None,
               redirect_slashes=False, exception_handlers=handlers())  # fmt: skip
    app.state.settings, app.state.metrics = settings, metrics
    app.router.routes += [*api.router.routes, Route("/healthz", alive), Route("/readyz", ready), *pages()]
    return app


async def alive(request: Request) -> Response:
    return JSONResponse({"alive": True})


async def ready(request: Request) -> Response:
    """Which parts are ready. 200 as soon as the database answers: a roster that expired is all consoles' alike, and
    the page can then tell officers so."""
    parts = await request.app.state.console.ready()
    return JSONResponse(parts, status_code=200 if parts["database"] else 503)
