"""The address of the page on which a person writes; what it asks of the server is in `bot/chat_door.py`."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.pages.assets import Packed
from bot.pages.chat import Chat
from bot.pages.frame import Frame
from bot.pages.language import chosen
from bot.pages.routes import Pages, sent


def routes() -> list[Route]:
    """Needs `app.state.pages`."""
    return [Route("/chat", chat), Route("/chat/", chat)]


async def chat(request: Request) -> Response:
    """`?c=`: code of a placement; `?l=`: language. The page takes both out of the address once it has read them.
    404 where nobody can write on it."""
    pages: Pages = request.app.state.pages
    if "web" not in pages.landing.on:
        raise HTTPException(404)
    landing, placement = pages.landing, pages.placement(request.query_params.get("c", ""))
    language = chosen(landing.words.tables, request.query_params.get("l", ""),
                      request.headers.get("accept-language", ""), placement.languages if placement else ())  # fmt: skip
    frame = Frame(landing.settings, landing.words, landing.texts, landing.assets, language)
    page = Chat(frame, placement.code if placement else "").document()
    response = sent(request, Packed.of(page.encode()), "text/html")
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return response
