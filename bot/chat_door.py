"""The page's side of the web chat: gives out handles, takes messages, and streams what is said to the page.

    POST /chat/sessions   {"language": "es", "placement": "7K3M9"} -> 201 {"handle": "…", "server": {…}}
                          {"code": "<receipt code>", "language": "es"} -> 201, and the safety question comes by itself
    POST /chat/messages   as in `bot/channels/web.py` -> 202 once committed; the same id again: 202, no second effect
    GET  /chat/events     Accept: text/event-stream: `id: <n>`, `data: <event>`; `event: erase`; now and then a comment
                          Accept: application/json, ?after=<n>: {"events": [{"id": n, …}]}, empty after 20 seconds

Every request but the first carries `Authorization: Bearer <handle>`, and may carry `Last-Event-ID: <n>` (`after` in its
place for JSON): the page has seen the events up to n, and they are deleted. Others are sent again: nothing is lost when
a line breaks. A stream ends by itself after some events, or when the process stops; then the page asks again.

400 not as documented, 403 not genuine or a dead handle, 404 this chat is off or no such code, 413 too large, 429 too
many codes are being looked up, 503 the database is away or too many files come: again after `Retry-After` seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot import log
from bot.channels import MEDIA_LIMIT, Delivery, Incoming, Received
from bot.channels.web import Web, leaves
from bot.errors import Busy, Forged, Malformed, NoSuchCode, SendError
from bot.ingest import ingest
from bot.patience import pieces
from bot.resume import begin_again
from bot.service import Service
from storage import mailbox
from storage.doorbell import Doorbell
from storage.errors import DatabaseDown
from storage.mailbox import Event, Mailbox

BODY_LIMIT = 30 * 1024 * 1024  # bytes; a file of the largest size, in base64
TEXT_LIMIT = 64 * 1024  # bytes of a message without a file
SESSION_LIMIT = 4 * 1024
FILES_AT_ONCE = 16  # that are read at the same time: a handle costs nobody anything, memory does
FILE_SECONDS = 30.0  # that another file waits for its turn; then the page is asked to try again
HEARTBEAT_SECONDS = 15.0  # proxies and telephones drop a line on which nothing comes
POLL_SECONDS = 20.0
MOST_OF_A_STREAM = mailbox.MOST_UNSEEN // 4  # events; then it ends, so that the page tells what it has seen

# For the page's script alone: nothing of it is kept, shown as a page of its own, or read by another site's page.
_HEADERS = {
    "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin", "Referrer-Policy": "no-referrer", "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}  # fmt: skip
_GREETING = b": .\nretry: 1000\n\n"  # the first byte at once: the page knows that the line is open
_HEARTBEAT = b":\n\n"


def routes() -> list[Route]:
    return [
        Route("/chat/sessions", sessions, methods=["POST"]),
        Route("/chat/messages", partial(messages, files=asyncio.Semaphore(FILES_AT_ONCE)), methods=["POST"]),
        Route("/chat/events", events, methods=["GET"]),
    ]


# A conversation begins.


async def sessions(request: Request) -> Response:
    """A handle, of which nothing is kept; with a receipt code, that of a conversation which follows its report."""
    web = _web(request)
    if web is None:
        return _plain(404)
    try:
        web.same_site(request.headers)
    except Forged as error:
        return _forged(request, error)
    body = await _body(request, SESSION_LIMIT)
    if body is None:
        return _plain(413)
    service, handle = request.app.state.service, web.new_handle()
    given = _session(body)
    try:
        if "code" in given:
            await begin_again(service, str(given["code"]), web.name, handle, str(given.get("language", "")))
    except NoSuchCode:
        return _plain(404)
    except Busy as error:
        return _later(429, error.after)
    except DatabaseDown as error:
        return _down(error)
    return _json({"handle": handle, "server": _server(service)}, 201)


def _session(body: bytes) -> dict[str, Any]:
    """Nobody who wants to begin is turned away for what came with it."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}


def _server(service: Service) -> dict[str, Any]:
    """What a page may know of this place."""
    return {"practice": service.settings.practice, "file_limit": MEDIA_LIMIT, "text_limit": TEXT_LIMIT}


# A message comes.


async def messages(request: Request, files: asyncio.Semaphore) -> Response:
    """Genuine before anything is read; answered when it is committed. `files`: turns to send a large body."""
    web = _web(request)
    if web is None:
        return _plain(404)
    try:
        _, box = web.admit(request.headers)
        body = await _body(request, BODY_LIMIT, files)
        if body is None:
            return _refused(request, "too_large", 413)
        received = web.read(Delivery(request.url.path, request.url.path, request.headers, body))
    except Forged as error:
        return _forged(request, error)
    except TimeoutError:
        return _later(503, 10)
    except Malformed as error:
        log.failure("malformed", error, channel=web.name)
        return _refused(request, "malformed", 400)
    if any(_too_large(message, len(body)) for message in received.messages):
        return _refused(request, "too_large", 413)
    return await _take(request, web, box, received, left=leaves(body))


async def _take(request: Request, web: Web, box: Mailbox, received: Received, *, left: bool) -> Response:
    """`left`: by the page's exit, which is taken also where it was taken before."""
    service: Service = request.app.state.service
    try:
        if not await _told(service, box, _number(request.headers.get("last-event-id"))) and not left:
            return _plain(403)
        await ingest(service, web, received)
        if left:
            await web.shut(box)
    except (DatabaseDown, SendError) as error:
        return _down(error)
    return _plain(received.status)


def _too_large(message: Incoming, size: int) -> bool:
    """Only a file may be long."""
    if message.media:
        files = any(len(media.id) * 3 // 4 > MEDIA_LIMIT + 16 for media in message.media)
        return files or len(message.text.encode("utf-8", "replace")) > TEXT_LIMIT
    return size > TEXT_LIMIT


# What is said to the page.


async def events(request: Request) -> Response:
    """A stream, or one answer of the events that are there, for which it waits a while."""
    web = _web(request)
    if web is None:
        return _plain(404)
    try:
        _, box = web.admit(request.headers)
    except Forged as error:
        return _forged(request, error)
    streams = "text/event-stream" in request.headers.get("accept", "")
    after = _number(request.headers.get("last-event-id") if streams else request.query_params.get("after"))
    service, bell = request.app.state.service, request.app.state.bell
    try:
        if not await _told(service, box, after):
            return _plain(403)
        if not streams:
            return _json({"events": [_flat(event) for event in await _waited(service, bell, box, after)]})
    except DatabaseDown as error:
        return _down(error)
    return StreamingResponse(_stream(service, bell, box, after), headers=_HEADERS, media_type="text/event-stream")


async def _stream(service: Service, bell: Doorbell, box: Mailbox, after: int) -> AsyncIterator[bytes]:
    """No transaction is open while it waits."""
    yield _GREETING
    sent = 0
    with bell.at(box.name) as ring, suppress(DatabaseDown):  # then the line ends, and the page asks again
        while not bell.ending and sent < MOST_OF_A_STREAM:
            ring.clear()
            for event in await _look(service, box, after):
                yield _framed(event)
                after, sent = event.number, sent + 1
                if event.body.get("closed"):
                    return
            if not ring.is_set() and not await _rung(ring, HEARTBEAT_SECONDS):
                yield _HEARTBEAT


async def _waited(service: Service, bell: Doorbell, box: Mailbox, after: int) -> list[Event]:
    """The next events; none if none comes for a while."""
    with bell.at(box.name) as ring:
        for patience in (POLL_SECONDS, 0):
            ring.clear()
            if found := await _look(service, box, after):
                return found
            if bell.ending or not patience or not await _rung(ring, patience):
                break
    return []


async def _rung(ring: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(ring.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _look(service: Service, box: Mailbox, after: int) -> list[Event]:
    async with service.database.begin() as tx:
        return await mailbox.unseen(tx, box, after)


async def _told(service: Service, box: Mailbox, number: int) -> bool:
    """The page has seen the events up to this one. False if its mailbox was closed by an exit."""
    async with service.database.begin() as tx:
        if number:
            await mailbox.seen(tx, box, number)
        return not await mailbox.closed(tx, box)


def _framed(event: Event) -> bytes:
    name = b"event: erase\n" if "erase" in event.body else b""
    return b"id: %d\n%bdata: %b\n\n" % (event.number, name, orjson.dumps(event.body))


def _flat(event: Event) -> dict[str, Any]:
    return {"id": event.number, **event.body}


# Requests and answers.


def _web(request: Request) -> Web | None:
    service: Service = request.app.state.service
    channel = service.channels.on.get(Web.name)
    return channel if isinstance(channel, Web) else None


async def _body(request: Request, limit: int, files: asyncio.Semaphore | None = None) -> bytes | None:
    """None if it is larger than the limit; it is not read to its end then. Raises `TimeoutError` when too many large
    ones come at once: the rest of it is not read before its turn."""
    body, large = bytearray(), False
    async with AsyncExitStack() as turn:
        async for chunk in pieces(request):
            body += chunk
            if len(body) > limit:
                return None
            if files and not large and len(body) > TEXT_LIMIT:
                async with asyncio.timeout(FILE_SECONDS):
                    await turn.enter_async_context(files)
                large = True
    return bytes(body)


def _number(value: str | None) -> int:
    """Of the last event that the page has seen; 0 for none."""
    return int(value) if value and value.isascii() and value.isdecimal() and len(value) < 16 else 0


def _plain(status: int) -> Response:
    return Response(status_code=status, headers=_HEADERS)


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, _HEADERS, "application/json")


def _forged(request: Request, error: Forged) -> Response:
    log.event("forged", channel=Web.name, reason=error.detail)
    return _refused(request, "forged", 403)


def _refused(request: Request, reason: str, status: int) -> Response:
    service: Service = request.app.state.service
    service.metrics.count("faro_refused_total", channel=Web.name, reason=reason)
    return _plain(status)


def _down(error: Exception) -> Response:
    log.failure("chat_down", error)
    return _later(503, 2)


def _later(status: int, seconds: int) -> Response:
    return Response(status_code=status, headers={**_HEADERS, "Retry-After": str(seconds)})
