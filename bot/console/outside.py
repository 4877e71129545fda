"""What stands around every request at the console: a short body that comes in time, safe headers, a count by code."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.console.problems import CODES, answer
from bot.metrics import Metrics
from bot.pages.headers import ALWAYS, https, policy
from bot.patience import pieces
from bot.settings import Settings

BODY_LIMIT = 8 * 1024  # bytes; a proof is the largest thing that anybody sends
POLICY = policy("worker")  # which makes the worker that opens keys and reports


class Outside:
    """Around the whole application, also around what it says of its own faults."""

    def __init__(self, app: ASGIApp, settings: Settings, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics
        self._headers: Mapping[str, str] = {
            **ALWAYS,
            "Content-Security-Policy": POLICY,
            **https(settings.console_url),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._metrics.count("faro_console_answers_total", code=str(message["status"]))
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            body = await _body(Request(scope, receive))
        except HTTPException as error:
            await answer(error.status_code if error.status_code in CODES else 400)(scope, receive, sending)
            return
        await self._app(scope, _again(body, receive), sending)


async def _body(request: Request) -> bytes:
    """All of it, before anything is asked of the database. Raises `HTTPException`."""
    body = bytearray()
    async for piece in pieces(request):
        body += piece
        if len(body) > BODY_LIMIT:
            raise HTTPException(413)
    return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """The body in one piece, and then whatever else comes."""
    parts = [body]

    async def receiving() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        return await receive()

    return receiving
