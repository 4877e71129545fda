"""Files go out whole to who reads them, and the line to who does not is ended."""

from __future__ import annotations

import asyncio
import io
from urllib.parse import urlsplit

import pytest

from bot import patience
from bot.console.sealed_file import PIECE
from storage.envelope import Part
from tests.bot.console.room import Room


async def test_who_does_not_read_is_left_and_who_does_gets_all_of_it(
    room: Room, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO
) -> None:
    report = await room.file("coat", Part("att/1.mp4", bytes(16 * 1024 * 1024)))
    browser = await room.browser("coat")
    monkeypatch.setattr(patience, "BODY_SECONDS", 1.0)
    monkeypatch.setattr(patience, "LEAST", 100 * 1024 * 1024)
    parts = urlsplit(room.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=PIECE)
    head = (
        f"GET /api/reports/{report}/parts/att1.age HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {browser.token}\r\n\r\n"
    )
    writer.write(head.encode())
    while "console_reader_left" not in logged.getvalue():
        await asyncio.sleep(0.05)
    got = b""
    while piece := await reader.read(1024 * 1024):
        got += piece
    assert b" 200 OK" in got[:30]
    assert len(got) < 16 * 1024 * 1024
    writer.close()
    monkeypatch.undo()
    status, whole = await browser.ask("GET", f"/api/reports/{report}/parts/att1.age")
    assert (status, len(whole) > 16 * 1024 * 1024) == (200, True)
