"""What goes wrong at the console, as the browser is told: a code, and nothing of what was asked."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping
from typing import Any

import psycopg
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import log
from bot.console.login import NotAnOfficer
from storage.errors import StorageError
from storage.roster import RosterRefused

CODES: Mapping[int, str] = {
    400: "malformed",
    401: "session",
    403: "refused",
    404: "not_found",
    405: "method",
    408: "slow",
    413: "too_large",
    500: "failed",
    503: "away",
}
AGAIN_SECONDS = 5

type Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


class Problem(BaseModel):
    """`error`: what went wrong, as a code."""

    error: str


def answer(status: int, code: str = "") -> Response:
    """The answer to a request that was not done."""
    again = {"Retry-After": str(AGAIN_SECONDS)} if status == 503 else {}
    challenged = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return JSONResponse({"error": code or CODES[status]}, status, headers={**again, **challenged})


def described(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """For the description of an address: these answers beside the one that it is there for."""
    return {status: {"model": Problem, "description": CODES[status]} for status in statuses}


def handlers() -> dict[int | type[Exception], Handler]:
    """For the application, in place of its framework's own, which repeat what was asked."""
    return {
        HTTPException: _http,
        RequestValidationError: _malformed,
        NotAnOfficer: _refused,
        RosterRefused: _no_roster,
        SQLAlchemyError: _away,
        psycopg.Error: _away,
        StorageError: _away,
        OSError: _away,
        Exception: _failed,
    }


async def _http(request: Request, error: HTTPException) -> Response:
    response = answer(error.status_code if error.status_code in CODES else 400)
    if error.status_code == 405:
        response.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return response


def _methods(request: Request) -> Iterator[str]:
    """Of all routes at this address: the framework names those of the first alone."""
    for route in request.app.routes:
        if isinstance(route, Route) and route.path_regex.match(request.url.path):
            yield from route.methods or ()


async def _malformed(request: Request, error: RequestValidationError) -> Response:
    return answer(400)


async def _refused(request: Request, error: NotAnOfficer) -> Response:
    """The same, whatever was wrong."""
    log.event("console_refused", reason=error.reason)
    request.app.state.console.metrics.count("faro_console_logins_total", outcome=error.reason)
    return answer(403)


async def _no_roster(request: Request, error: RosterRefused) -> Response:
    log.failure("console_without_roster", error)
    return answer(503, "roster")


async def _away(request: Request, error: Exception) -> Response:
    log.failure("console_away", error)
    return answer(503)


async def _failed(request: Request, error: Exception) -> Response:
    """Logged by the server, by its type alone."""
    return answer(500)
