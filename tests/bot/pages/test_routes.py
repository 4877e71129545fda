"""The addresses of pages, over HTTP."""

from __future__ import annotations

from datetime import timedelta

import aiohttp
import pytest

from bot.app import create_app
from bot.pages import assets
from bot.pages.headers import ALWAYS
from bot.pages.routes import MOST, Pages
from tests.bot.pages.made import CARD
from tests.browser.site import Site

CSS = assets.shipped().address("page.css")
PATHS = ["/", "/c/2222", "/c", "/c/", "/exit", "/sw.js", "/favicon.ico", "/robots.txt", "/static/none.js", CSS]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_every_answer_carries_every_header_and_no_cookie(web: aiohttp.ClientSession, method: str) -> None:
    for path in PATHS:
        async with web.request(method, path, allow_redirects=False) as answer:
            kept = {"Cache-Control": "private, max-age=86400, immutable"} if path == CSS else {}
            assert {name: answer.headers.get(name) for name in ALWAYS} == {**ALWAYS, **kept}, path
            assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
            assert "Set-Cookie" not in answer.headers
            assert answer.status == {"/exit": 303, "/static/none.js": 404}.get(path, 200)


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [("/", "pt-BR,pt;q=0.9", "pt"), ("/", "", "es"), ("/?l=ht", "pt", "ht"), ("/?l=%3Cb%3E", "fr", "fr")],
)
async def test_a_page_comes_in_the_reader_s_language(
    web: aiohttp.ClientSession, path: str, accepts: str, language: str
) -> None:
    async with web.get(path, headers={"Accept-Language": accepts}) as answer:
        assert answer.headers["Content-Language"] == language
        assert f'<html lang="{language}">' in await answer.text()
        assert answer.headers["Vary"] == "Accept-Encoding, Accept-Language"


async def test_the_code_of_a_card_is_taken_however_it_is_typed(site: Site, web: aiohttp.ClientSession) -> None:
    for typed in (site.code, site.code.lower(), f"{site.code[:2]}-{site.code[2:]}%20"):
        for folder in ("c", "C"):
            async with web.get(f"/{folder}/{typed}") as answer:
                assert f"?start={site.code}" in await answer.text()


@pytest.mark.parametrize("code", ["nothing", "7K3M8", "%3Cscript%3E", "%00", "a" * 3000, "%F0%9F%92%A9"])
async def test_a_code_that_no_card_has_leads_to_the_plain_page(web: aiohttp.ClientSession, code: str) -> None:
    async with web.get("/") as plain, web.get(f"/c/{code}") as answer:
        assert answer.status == 200
        assert await answer.read() == await plain.read()


async def test_a_page_is_packed_where_the_browser_unpacks_it(web: aiohttp.ClientSession) -> None:
    for path in ("/", CSS, "/sw.js"):
        async with web.get(path, headers={"Accept-Encoding": "gzip, br"}) as packed:
            assert packed.headers["Content-Encoding"] == "gzip"
            read = await packed.read()
        async with web.get(path, headers={"Accept-Encoding": "identity"}) as plain:
            assert "Content-Encoding" not in plain.headers
            assert await plain.read() == read


async def test_the_exit_clears_the_storage_and_leads_elsewhere(site: Site, web: aiohttp.ClientSession) -> None:
    async with web.get("/exit", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, site.bland.url)
        assert answer.headers["Clear-Site-Data"] == '"storage"'
        assert answer.headers["Cache-Control"] == "no-store"


async def test_machines_are_asked_to_pass_by(web: aiohttp.ClientSession) -> None:
    async with web.get("/robots.txt") as answer:
        assert await answer.text() == "User-agent: *\nDisallow: /\n"


async def test_an_icon_is_there_where_browsers_look_by_themselves(web: aiohttp.ClientSession) -> None:
    async with web.get("/favicon.ico") as answer:
        assert (answer.status, answer.content_type) == (200, "image/svg+xml")


async def test_a_page_is_made_once_a_day(site: Site) -> None:
    app = create_app(site.house.service.settings, site.house.clock)
    async with app.router.lifespan_context(app):
        pages: Pages = app.state.pages
        first = pages.get("es", None)
        assert pages.get("es", None) is first
        site.house.clock.ahead += timedelta(days=1)
        assert pages.get("es", None) is not first


async def test_only_so_many_pages_are_held(site: Site) -> None:
    pages = Pages.of(site.house.service)
    pages.made.update({("es", str(number), CARD.valid_until): pages.get("es", None) for number in range(MOST)})
    pages.get("en", None)
    assert len(pages.made) <= MOST


async def test_a_card_that_hangs_on_after_its_last_day_still_leads_to_its_page(site: Site) -> None:
    site.house.clock.ahead += timedelta(days=3650)
    found = Pages.of(site.house.service).placement(site.code)
    assert found
    assert found.valid_until < site.house.clock().date()
