"""What answers where no page is, over HTTP, and where one failed."""

from __future__ import annotations

import re

import aiohttp
import pytest

from bot.app import create_app
from bot.pages import words
from bot.pages.headers import ALWAYS
from tests.bot.pages.made import links, text
from tests.browser.site import Site
from tests.nlu.wording import found

WORDS = words.shipped()
NOWHERE = ["/nothing", "/c/a/b", "/chat/7K3M9", "/docs", "/openapi.json", "/static/", "/%ff%00", "/webhooks/none"]
MARKS = re.compile(r"detail|Not Found|Not Allowed|Internal|starlette|fastapi|uvicorn|python", re.IGNORECASE)


async def test_an_address_without_a_page_answers_with_a_bland_one_and_the_exit(web: aiohttp.ClientSession) -> None:
    for path in NOWHERE:
        async with web.get(path, headers={"Accept-Language": "pt-BR"}) as answer:
            assert answer.status in (404, 405), path
            assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
            page = await answer.text()
        assert answer.headers["Content-Language"] == "pt"
        assert links(page) == ["/exit", "#main", "/?l=pt"]
        assert WORDS("page.lost", "pt") in page
        assert not MARKS.search(page)


async def test_it_tells_in_no_language_what_this_is(web: aiohttp.ClientSession) -> None:
    for language in WORDS.tables:
        async with web.get(f"/nothing?l={language}") as answer:
            page = await answer.text()
        assert f'<html lang="{language}">' in page
        assert found(language, "revealing", text(page)) == []


@pytest.mark.parametrize(("method", "path"), [("POST", "/"), ("PUT", "/chat"), ("DELETE", "/c/7K3M9"), ("POST", "/x")])
async def test_whoever_sends_gets_the_number_alone(web: aiohttp.ClientSession, method: str, path: str) -> None:
    async with web.request(method, path) as answer:
        assert (answer.status, await answer.read()) == (404 if path == "/x" else 405, b"")
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS
        assert set(answer.headers.get("Allow", "").split(", ")) == ({""} if path == "/x" else {"GET", "HEAD"})


async def test_a_slash_too_many_leads_to_the_same_page_and_nowhere_else(site: Site, web: aiohttp.ClientSession) -> None:
    """A redirect of the framework would name the host, and http before a proxy."""
    for path in ("/chat", f"/c/{site.code}", "/c", "/exit"):
        async with web.get(path, allow_redirects=False) as right, web.get(f"{path}/", allow_redirects=False) as typed:
            assert (typed.status, await typed.read()) == (right.status, await right.read())
            assert typed.headers.get("Location") == right.headers.get("Location")


async def test_a_page_that_fails_says_so_and_keeps_the_exit(site: Site) -> None:
    app = create_app(site.house.service.settings, site.house.clock)
    async with app.router.lifespan_context(app):
        app.state.pages.made[("es", "", site.house.clock().date())] = None  # no page
        status, headers, body = await asked(app, "/")
    assert status == 500
    assert {name: headers.get(name.lower()) for name in ALWAYS} == ALWAYS
    assert WORDS("page.failed", "es") in body
    assert links(body)[0] == "/exit"
    assert not MARKS.search(body)


async def asked(app: object, path: str) -> tuple[int, dict[str, str], str]:
    """What the application sends, also when it then raises for its server to log."""
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [], "http_version": "1.1", "scheme": "http", "server": ("localhost", 80)}  # fmt: skip
    with pytest.raises(AttributeError):
        await app(scope, receive, send)  # type: ignore[operator]
    start, body = sent
    headers = {name.decode(): value.decode() for name, value in start["headers"]}  # type: ignore[attr-defined]
    return int(start["status"]), headers, body["body"].decode()  # type: ignore[call-overload,attr-defined]
