"""The page and its files, as the officer's browser is sent them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.console.problems import answer
from bot.console.service import Console
from bot.pages.assets import Packed
from bot.pages.language import chosen


def routes() -> list[Route]:
    """Need `app.state.console`. HEAD is answered wherever GET is."""
    return [Route("/", page), Route("/static/{name}", static)]


async def page(request: Request) -> Response:
    """`?l=`: the language."""
    console: Console = request.app.state.console
    accepts = request.headers.get("accept-language", "")
    language = chosen(console.site.languages, request.query_params.get("l", ""), accepts)
    response = Packed.of(console.site.html(language).encode()).answer(request, "text/html")
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return response


async def static(request: Request) -> Response:
    """One of a fixed number of files, by its own name: nothing is looked up on the disk, and nothing kept by browsers,
    since a release must not run beside the one before it."""
    console: Console = request.app.state.console
    file = console.site.assets.at(request.url.path)
    return file.packed.answer(request, file.media_type) if file else answer(404)
