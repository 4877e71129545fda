"""The public door: genuine? seen before? sealed into the inbox and queued in one transaction, then answered.

Everything that answers the internet is put together here, and only here.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import chat_door, log, metrics_door
from bot.channels import Delivery
from bot.errors import Forged, Malformed, SettingsError
from bot.gauges import of_gateway
from bot.ingest import ingest
from bot.pages.chat_routes import routes as chat_page
from bot.pages.headers import EveryAnswer
from bot.pages.lost import handlers as lost_pages
from bot.pages.routes import Pages
from bot.pages.routes import routes as pages
from bot.patience import pieces
from bot.polling import poll
from bot.service import Clock, Service, open_service, utc_now
from bot.settings import Settings, load
from storage.doorbell import Doorbell
from storage.errors import DatabaseDown

BODY_LIMIT = 1024 * 1024  # bytes; the largest documented webhook is some kilobytes
STOP_SECONDS = 0.25  # between two looks whether the server wants to stop
TERMINAL_LIMIT = 30 * 1024 * 1024  # the terminal sends its files in the body


def create_app(settings: Settings | None = None, clock: Clock = utc_now) -> FastAPI:
    """The gateway. It holds keys to seal the inbox, and no officer's or sealer's key."""
    settings = settings or load()
    log.configure()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        try:
            async with open_service(settings, clock) as service:
                app.state.service = service
                app.state.pages = Pages.of(service)
                async with metrics_door.opened(service, of_gateway), _polling(service), _ringing(app, settings):
                    yield
        except (SettingsError, DatabaseDown) as error:
            app.state.refused = error
            raise

    app = FastAPI(lifespan=lifespan, openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False,
                  exception_handlers=lost_pages())  # fmt: skip
    app.add_middleware(EveryAnswer, settings=settings)
    app.state.stopping, app.state.refused = lambda: False, None
    app.router.routes += [
        Route("/webhooks/{rest:path}", webhook, methods=["POST"]),
        Route("/healthz", alive),
        Route("/readyz", ready),
        *chat_door.routes(),
        *pages(),
        *chat_page(),
    ]
    return app


@asynccontextmanager
async def _ringing(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Pages that wait for an answer are told when one came, and when the server wants to stop: it waits for them."""
    bell = app.state.bell = Doorbell(settings.database_url)

    async def watch() -> None:
        while not app.state.stopping():  # noqa: ASYNC110  the server tells it by an attribute alone
            await asyncio.sleep(STOP_SECONDS)
        bell.end()

    watching = asyncio.create_task(watch())
    try:
        async with bell.hung():
            yield
    finally:
        watching.cancel()


@asynccontextmanager
async def _polling(service: Service) -> AsyncIterator[None]:
    if not ("telegram" in service.channels.on and service.settings.telegram_polling):
        yield
        return
    task = asyncio.create_task(poll(service))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def webhook(request: Request) -> Response:
    """One delivery of a platform. 200 only after the commit; 403 leaves no trace."""
    service: Service = request.app.state.service
    channel = service.channels.at(request.url.path)
    if channel is None:
        return Response(status_code=404)
    delivery = await _delivery(request)
    if delivery is None:
        service.metrics.count("faro_refused_total", channel=channel.name, reason="too_large")
        return Response(status_code=413)
    try:
        received = channel.read(delivery)
    except Forged:
        log.event("forged", channel=channel.name)
        service.metrics.count("faro_refused_total", channel=channel.name, reason="forged")
        return Response(status_code=403)
    except Malformed as error:
        log.failure("malformed", error, channel=channel.name)
        service.metrics.count("faro_refused_total", channel=channel.name, reason="malformed")
        return Response(status_code=200)
    await ingest(service, channel, received)
    return Response(received.body, received.status, media_type=received.media_type if received.body else None)


async def _delivery(request: Request) -> Delivery | None:
    limit = TERMINAL_LIMIT if request.url.path.endswith("/terminal") else BODY_LIMIT
    body = bytearray()
    async for chunk in pieces(request):
        body += chunk
        if len(body) > limit:
            return None
    raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
    query: bytes = request.scope["query_string"]
    target = (raw + (b"?" + query if query else b"")).decode("latin-1")
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.scope["headers"]}
    return Delivery(request.url.path, target, headers, bytes(body))


async def alive(request: Request) -> Response:
    return JSONResponse({"alive": True})


async def ready(request: Request) -> Response:
    """Which parts are ready. 200 as soon as messages can be taken: that needs the database alone.

    A balancer must not take the door away because the engines are down or the queue is long: what people write is kept,
    and they get the numbers to call. All doors share those parts, so that none would be left.
    """
    service: Service = request.app.state.service
    parts = await service.ready()
    return JSONResponse(parts, status_code=200 if parts["database"] else 503)
