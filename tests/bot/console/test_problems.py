"""What is wrong is told by a code alone: nothing of what was asked comes back, nor into a log."""

from __future__ import annotations

import io

import pytest

from bot.console.problems import CODES, answer
from tests.bot.console.room import Room

WORD = "zarzamora"


@pytest.mark.parametrize(
    ("method", "path", "more", "told"),
    [
        ("POST", "/api/session", {"data": WORD}, (400, "malformed")),
        ("POST", "/api/session", {"data": b"\xff\xfe"}, (400, "malformed")),
        ("POST", "/api/session", {"data": b"[" * 8000}, (400, "malformed")),
        ("POST", "/api/session", {"json": {"proof": [WORD]}}, (400, "malformed")),
        ("POST", "/api/session", {"json": {WORD: "x"}}, (400, "malformed")),
        ("POST", "/api/session", {"json": {"proof": WORD}}, (403, "refused")),
        ("POST", "/api/session", {"json": {"proof": "é" + WORD}}, (403, "refused")),
        ("POST", "/api/session", {"json": {"proof": "A" * 5000}}, (403, "refused")),
        ("GET", f"/{WORD}", {}, (404, "not_found")),
        ("GET", f"/api/reports/{WORD}", {}, (401, "session")),
        ("PUT", f"/api/session?{WORD}", {}, (405, "method")),
        ("GET", "/static/..%2f..%2fservice.py", {}, (404, "not_found")),
        ("GET", "/static/%2e%2e/service.py", {}, (404, "not_found")),
        ("GET", "/docs", {}, (404, "not_found")),
        ("GET", "/openapi.json", {}, (404, "not_found")),
    ],
)
async def test_a_code_and_nothing_else(
    room: Room, logged: io.StringIO, method: str, path: str, more: dict, told: tuple[int, str]
) -> None:
    browser = await room.browser()
    status, body = await browser.ask(method, path, **more)
    assert (status, body) == (told[0], {"error": told[1]})
    assert WORD not in logged.getvalue()


async def test_what_may_be_asked_there_is_told_with_405(room: Room) -> None:
    browser = await room.browser()
    async with browser.http.put(f"{room.url}/api/session") as answered:
        assert (answered.status, answered.headers["Allow"]) == (405, "DELETE, POST")


async def test_a_fault_of_ours_is_told_by_its_type_alone(room: Room, logged: io.StringIO) -> None:
    browser = await room.browser("coat")
    room.app.state.console = WORD
    assert await browser.ask("GET", "/api/reports") == (500, {"error": "failed"})
    assert "AttributeError" in logged.getvalue()
    assert WORD not in logged.getvalue()


def test_every_code_is_a_word_and_says_when_to_come_again() -> None:
    assert len(CODES) == 9
    assert all(answer(status).body == b'{"error":"%s"}' % code.encode() for status, code in CODES.items())
    assert answer(503).headers["Retry-After"] == "5"
    assert answer(401).headers["WWW-Authenticate"] == "Bearer"
