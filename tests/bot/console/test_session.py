"""How a session ends, and what the database keeps of it."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from storage.identity import new_key
from tests.bot.console.room import Room

ENDED = (401, {"error": "session"})


async def test_fifteen_minutes_without_use_end_it_and_use_keeps_it(room: Room) -> None:
    browser = await room.browser("coat")
    for _ in range(3):
        room.later(minutes=14)
        assert (await browser.ask("GET", "/api/reports"))[0] == 200
    room.later(minutes=15)
    assert await browser.ask("GET", "/api/reports") == ENDED
    room.later(minutes=-15)
    assert (await browser.ask("GET", "/api/reports"))[0] == 200  # what was refused is no use of it


async def test_eight_hours_end_it_however_it_is_used(room: Room) -> None:
    browser = await room.browser("coat")
    for _ in range(34):
        room.later(minutes=14)
        assert (await browser.ask("GET", "/api/reports"))[0] == 200
    room.later(minutes=5)
    assert await browser.ask("GET", "/api/reports") == ENDED


async def test_who_left_has_left_and_a_second_session_is_another(room: Room) -> None:
    first, second = await room.browser("coat"), await room.browser("coat")
    assert first.token != second.token
    assert (await first.ask("DELETE", "/api/session"))[0] == 204
    assert await first.ask("GET", "/api/reports") == ENDED
    assert (await second.ask("GET", "/api/reports"))[0] == 200


async def test_an_officer_who_moves_to_another_unit_or_key_signs_in_anew(room: Room) -> None:
    key, today = new_key(), room.clock().date()
    room.appoint("ana", key, today, today, unit="coat")
    browser = await room.browser()
    assert await browser.sign_in(key, "ana") == 200
    room.appoint("ana", key, today, today, unit="icbf")
    assert await browser.ask("GET", "/api/reports") == ENDED
    assert await browser.sign_in(key, "ana") == 200
    room.appoint("ana", new_key(), today, today, unit="icbf")
    assert await browser.ask("GET", "/api/reports") == ENDED


@pytest.mark.parametrize("table", ["console_sessions", "procrastinate_jobs", "console_notes"])
async def test_no_token_and_no_challenge_is_kept_as_it_is(room: Room, table: str) -> None:
    report = await room.file()
    browser = await room.browser()
    challenge = await browser.challenge()
    assert await browser.sign_in(room.officers.keys["coat"], "officer-coat", challenge=challenge) == 200
    assert (await browser.ask("GET", f"/api/reports/{report}"))[0] == 200
    async with room.database.begin() as tx:
        kept = str(list(await tx.execute(text(f"SELECT t::text FROM {table} AS t"))))
    assert len(kept) > 30
    for secret in (browser.token, challenge):
        assert secret not in kept
        assert bytes.fromhex(secret).hex() not in kept.replace("\\x", "")
