"""What answers where no page is, or where one failed: as bland as every page, and with the exit."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.pages.assets import Packed
from bot.pages.frame import Frame
from bot.pages.headers import secure
from bot.pages.html import tag
from bot.pages.language import chosen
from bot.pages.routes import Pages, sent

type Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]


def handlers() -> dict[int | type[Exception], Handler]:
    """For the application, in place of its framework's own. Need `app.state.pages`."""
    return {HTTPException: lost, Exception: failed}


async def lost(request: Request, error: HTTPException) -> Response:
    """No such address, or nothing that takes this method there. What the framework says of it is not repeated."""
    response = _answer(request, error.status_code)
    if allow := (error.headers or {}).get("Allow"):
        response.headers["Allow"] = allow
    return response


async def failed(request: Request, error: Exception) -> Response:
    """Logged by the server, by its type alone."""
    return _answer(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def _answer(request: Request, status: int) -> Response:
    """A page for whoever reads; programs that send get the number alone."""
    if request.method not in ("GET", "HEAD"):
        return secure(Response(status_code=status), request.app.state.service.settings)
    pages: Pages = request.app.state.pages
    words = pages.landing.words
    language = chosen(words.tables, request.query_params.get("l", ""), request.headers.get("accept-language", ""))
    response = sent(request, Packed.of(_page(pages, language, status).encode()), "text/html")
    response.status_code = status
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return response


def _page(pages: Pages, language: str, status: int) -> str:
    landing = pages.landing
    frame = Frame(landing.settings, landing.words, landing.texts, landing.assets, language)
    said = "page.failed" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "page.lost"
    start = tag("a", landing.words("page.start", language), href=f"/?l={language}", class_="way")
    return frame.page("page", [tag("p", landing.words(said, language)), tag("p", start)])
