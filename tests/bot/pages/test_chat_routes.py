"""The address of the talk's page."""

from __future__ import annotations

import aiohttp

from bot.languages import SOURCE_LANGUAGE
from tests.browser.site import Site


async def test_the_language_asked_for_wins_then_the_browsers_then_the_cards(
    site: Site, web: aiohttp.ClientSession
) -> None:
    async def language(query: str, accepts: str = "") -> str:
        async with web.get(f"/chat{query}", headers={"Accept-Language": accepts}) as answer:
            return answer.headers["Content-Language"]

    assert await language("?l=ht", "fr") == "ht"
    assert await language("?l=xx", "fr") == "fr"
    assert await language(f"?c={site.code}") == "es"
    assert await language("") == SOURCE_LANGUAGE


async def test_it_is_packed_for_whoever_unpacks_it(web: aiohttp.ClientSession) -> None:
    async with web.get("/chat", headers={"Accept-Encoding": "gzip"}) as packed:
        assert packed.headers["Content-Encoding"] == "gzip"
        text = await packed.read()  # unpacked on the way
    async with web.get("/chat", headers={"Accept-Encoding": "identity"}) as plain:
        assert "Content-Encoding" not in plain.headers
        assert await plain.read() == text


async def test_only_reading_is_answered_there(web: aiohttp.ClientSession) -> None:
    async with web.post("/chat") as answer:
        assert answer.status == 405
