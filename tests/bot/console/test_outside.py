"""What stands around every request: headers, short bodies, patience with slow lines, and a count by code."""

from __future__ import annotations

import asyncio
import re

import pytest

from bot import patience
from bot.console.outside import BODY_LIMIT
from tests.bot.console.room import Room, opened
from tests.bot.test_metrics import value

ADDRESSES = ("/", "/healthz", "/readyz", "/api/roster", "/api/reports", "/static/x", "/nowhere", "/api/session")


@pytest.mark.parametrize("address", ADDRESSES)
async def test_every_answer_is_a_page_of_ours_alone_and_kept_nowhere(room: Room, address: str) -> None:
    browser = await room.browser()
    async with browser.http.get(room.url + address) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'")
    assert "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types worker" in policy
    assert "unsafe" not in policy
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert headers["Referrer-Policy"] == "no-referrer"
    assert [headers[f"Cross-Origin-{name}-Policy"] for name in ("Opener", "Resource", "Embedder")] == [
        "same-origin", "same-origin", "require-corp",
    ]  # fmt: skip
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Set-Cookie" not in headers
    assert "Strict-Transport-Security" not in headers


async def test_browsers_come_back_by_https_where_officers_open_it_so(tmp_path, database_url) -> None:
    async with opened(tmp_path, database_url, console_url="https://console.example") as room:
        browser = await room.browser()
        answer = await browser.http.get(f"{room.url}/healthz")
        assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


@pytest.mark.parametrize("method", ["POST", "GET", "DELETE", "PUT"])
async def test_a_long_body_is_refused_wherever_it_goes(room: Room, method: str) -> None:
    browser = await room.browser()
    for path in ("/api/session", "/api/challenge", "/", "/nowhere"):
        told = await browser.ask(method, path, data=b"x" * (BODY_LIMIT + 1))
        assert told == (413, {"error": "too_large"})


async def test_who_drips_a_body_is_told_so_and_holds_up_nobody(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.2)
    port = int(re.findall(r":(\d+)$", room.url)[0])
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(50)]
    for _, writer in lines:
        writer.write(b"POST /api/session HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n{")
    assert (await (await room.browser("coat")).ask("GET", "/api/reports"))[0] == 200
    for reader, writer in lines:
        assert b" 408 " in await asyncio.wait_for(reader.readline(), 10)
        writer.close()


async def test_who_never_ends_a_head_is_left(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    port = int(re.findall(r":(\d+)$", room.url)[0])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET / HTTP/1.1\r\nX-A: ")
    assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()


async def test_answers_are_counted_by_code_and_tries_to_sign_in_by_what_was_wrong(room: Room) -> None:
    browser = await room.browser("coat")
    await browser.ask("GET", "/api/reports")
    await browser.ask("GET", "/nowhere")
    assert (await browser.prove(b"x"))[0] == 403
    shown = room.app.state.metrics.text()
    told = {code: value(shown, "faro_console_answers_total", code=code) for code in ("200", "404", "403", "500")}
    assert told == {"200": 3, "404": 1, "403": 1, "500": 0}
    assert value(shown, "faro_console_logins_total", outcome="accepted") == 1
    assert value(shown, "faro_console_logins_total", outcome="malformed") == 1
    assert b"officer-coat" not in shown
