"""The addresses of pages: each page is made once a day, language and placement, and then sent as the bytes it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.pages import assets, words
from bot.pages.assets import File, Packed
from bot.pages.headers import FOR_A_DAY, secure
from bot.pages.landing import Landing
from bot.pages.language import chosen
from bot.placement_codes import BadPlacementCode, normal
from bot.placements import Placement
from bot.service import Service

MOST = 200  # pages held at once, some 70 kB each
ROBOTS = b"User-agent: *\nDisallow: /\n"


@dataclass(frozen=True, slots=True)
class Pages:
    """The landing pages of a running service, ready to send."""

    service: Service
    landing: Landing
    made: dict[tuple[str, str, date], Packed] = field(default_factory=dict)

    @classmethod
    def of(cls, service: Service) -> Pages:
        conduct = service.conduct
        return cls(service, Landing(service.settings, words.shipped(), service.texts, conduct.directory,
                                    assets.shipped(), service.channels.on))  # fmt: skip

    def get(self, language: str, placement: Placement | None) -> Packed:
        """Made anew each day: a number goes stale over night."""
        key = (language, placement.code if placement else "", self.service.clock().date())
        if key not in self.made:
            while len(self.made) >= MOST:
                del self.made[next(iter(self.made))]
            self.made[key] = Packed.of(self.landing.page(language, placement).encode())
        return self.made[key]

    def placement(self, code: str) -> Placement | None:
        """Of a card, however somebody typed its code; None for one that no card has, which is no error."""
        try:
            return self.service.placements.by_code.get(normal(code))
        except BadPlacementCode:
            return None


def routes() -> list[Route]:
    """Everything but the chat. Needs `app.state.pages`. HEAD is answered wherever GET is."""
    return [
        Route("/", landing),
        *(Route(path, landing) for path in ("/c/{placement}", "/c/{placement}/", "/C/{placement}", "/c", "/c/")),
        *(Route(path, leave) for path in ("/exit", "/exit/")),
        Route("/sw.js", worker),
        Route("/static/{name}", static),
        Route("/favicon.ico", icon),
        Route("/robots.txt", robots),
    ]


async def landing(request: Request) -> Response:
    pages: Pages = request.app.state.pages
    placement = pages.placement(request.path_params.get("placement", ""))
    language = chosen(pages.landing.words.tables, request.query_params.get("l", ""),
                      request.headers.get("accept-language", ""), placement.languages if placement else ())  # fmt: skip
    response = sent(request, pages.get(language, placement), "text/html")
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Encoding, Accept-Language"
    return response


async def leave(request: Request) -> Response:
    """The way out without a script. It clears what lies in the browser's storage, the service worker with it, and not
    the cache: no page is in it (`no-store`), and browsers may take seconds to look through all of it."""
    settings = request.app.state.service.settings
    response = RedirectResponse(settings.exit_url, status_code=303)
    response.headers["Clear-Site-Data"] = '"storage"'
    return secure(response, settings)


async def worker(request: Request) -> Response:
    """At the root, since a service worker may look after nothing above its own address."""
    return _file(request, assets.shipped().by_name["sw.js"])


async def static(request: Request) -> Response:
    file = assets.shipped().at(request.url.path)
    if file is None:
        return secure(Response(status_code=404), request.app.state.service.settings)
    response = _file(request, file)
    response.headers["Cache-Control"] = FOR_A_DAY
    return response


async def icon(request: Request) -> Response:
    return _file(request, assets.shipped().by_name["icon.svg"])


async def robots(request: Request) -> Response:
    return sent(request, Packed.of(ROBOTS), "text/plain")


def _file(request: Request, file: File) -> Response:
    return sent(request, file.packed, file.media_type)


def sent(request: Request, packed: Packed, media_type: str) -> Response:
    """With every header, packed where the browser unpacks it."""
    return secure(packed.answer(request, media_type), request.app.state.service.settings)
