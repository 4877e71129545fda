"""The addresses of pages, over HTTP."""

from __future__ import annotations

import gzip

import aiohttp
import pytest

from bot.pages import assets
from bot.pages.headers import ALWAYS
from tests.browser.site import Site

PATHS = ["/", "/c/2222", "/C/x", "/c", "/c/", "/exit", "/sw.js", "/favicon.ico", "/robots.txt", "/static/none.js",
         assets.shipped().address("page.css")]  # fmt: skip


async def read(web: aiohttp.ClientSession, path: str, **headers: str) -> tuple[int, aiohttp.typedefs.LooseHeaders, str]:
    async with web.get(path, headers=headers, allow_redirects=False) as answer:
        return answer.status, answer.headers, await answer.text()


@pytest.mark.parametrize("path", PATHS)
async def test_every_answer_carries_every_header_and_no_cookie(web: aiohttp.ClientSession, path: str) -> None:
    _, headers, _ = await read(web, path)
    assert {name: headers.get(name) for name in ALWAYS} == dict(ALWAYS)
    assert "Set-Cookie" not in headers
