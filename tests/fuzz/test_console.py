"""A short `./run bench fuzz` at the officers' door: nobody is signed in, nothing is handed out, no log has a word."""

from __future__ import annotations

import io

from bench import fuzz_console
from bench.fuzz import found_by
from bench.fuzz_files import Outcome
from bench.fuzz_words import MARK, Hostile
from storage import roster_draft
from tests.bot.console.conftest import room
from tests.bot.console.room import Room

__all__ = ["room"]


async def test_hostile_requests_at_the_console_get_nothing_and_break_nothing(room: Room, logged: io.StringIO) -> None:
    found = await fuzz_console.knocked(room, 500, 41)
    assert found.tried == 500
    assert found_by(found) == []
    assert MARK.lower() not in logged.getvalue().lower()
    assert "console_refused" in logged.getvalue()


async def test_what_it_looks_for_it_would_see(room: Room) -> None:
    found = Outcome()
    knocker = fuzz_console._Knocker(room, await room.browser("coat"), "0" * 32, Hostile(1), found)
    for status, body, forged in ((200, {}, True), (500, b"", False), (404, f"<p>{MARK}".encode(), False)):
        knocker._judged(status, body, forged=forged)
    assert found_by(found) == ["5xx: 1", "reflected: 1", "taken"]
    room.in_force(lambda roster: roster_draft.remove_officer(roster, "officer-coat"))
    await knocker._signs_in()
    assert found.faults["an officer was kept out"] == 1
