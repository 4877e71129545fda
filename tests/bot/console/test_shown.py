"""The page in the officer's language, and its files and no others."""

from __future__ import annotations

import pytest

from tests.bot.console.room import Room


@pytest.mark.parametrize(
    ("address", "accepts", "language"),
    [
        ("/", "", "es"),
        ("/", "en-GB,en;q=0.9", "en"),
        ("/", "fr", "es"),
        ("/?l=en", "es", "en"),
        ("/?l=xx", "en", "en"),
        ("/?l=<script>", "", "es"),
    ],
)
async def test_the_page_comes_in_the_language_that_was_asked_for(
    room: Room, address: str, accepts: str, language: str
) -> None:
    browser = await room.browser()
    async with browser.http.get(room.url + address, headers={"Accept-Language": accepts}) as answer:
        assert (answer.status, answer.content_type, answer.headers["Content-Language"]) == (200, "text/html", language)
        text = await answer.text()
    assert f'lang="{language}"' in text
    assert "<script>" not in text


async def test_every_file_of_the_page_is_served_as_it_is_and_no_other(room: Room) -> None:
    browser = await room.browser()
    files = room.app.state.console.site.assets.by_name.values()
    assert len(files) > 20
    for file in files:
        for zipped in ("gzip", "identity"):
            async with browser.http.get(room.url + file.address, headers={"Accept-Encoding": zipped}) as answer:
                assert (answer.status, answer.content_type) == (200, file.media_type)
                assert await answer.read() == file.packed.plain
    for other in ("", "site.py", "..%2fservice.py", "console.js%00", "CONSOLE.JS", "%2e%2e/%2e%2e/app.py"):
        assert (await browser.ask("GET", f"/static/{other}"))[0] == 404


async def test_head_is_answered_wherever_the_page_is(room: Room) -> None:
    browser = await room.browser()
    async with browser.http.head(room.url) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
