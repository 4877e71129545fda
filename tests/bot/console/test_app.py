"""The officers' door as a whole: what it serves, and what of a day at it is left in logs and memory."""

from __future__ import annotations

import io
from pathlib import Path

import aiohttp

from storage.envelope import Part
from tests.bot.console.room import Room, opened
from tests.bot.test_metrics import value
from tests.engine import free_port

PUBLIC = {"/", "/static/{name}", "/healthz", "/readyz", "/api/roster", "/api/challenge", "/api/session"}
SIGNED_IN = {"/api/session", "/api/reports", "/api/reports/{report_id}", "/api/reports/{report_id}/parts/{name}",
             "/api/reports/{report_id}/acknowledge"}  # fmt: skip


async def test_these_are_all_addresses(room: Room) -> None:
    assert {route.path for route in room.app.routes} == PUBLIC | SIGNED_IN
    paths = room.app.openapi()["paths"].items()
    bound = {path for path, found in paths for one in found.values() if "security" in one}
    assert bound == SIGNED_IN


async def test_a_day_at_the_console_leaves_no_name_no_id_and_no_secret_in_a_log(
    room: Room, logged: io.StringIO
) -> None:
    report = await room.file("coat", Part("att/1.mp4", bytes(4 * 1024 * 1024 + 1)))
    browser = await room.browser("coat")
    tokens = [browser.token]
    for path in ("", f"/{report}", f"/{report}/parts/att1.age", f"/{'0' * 32}"):
        await browser.ask("GET", f"/api/reports{path}")
    await browser.ask("POST", f"/api/reports/{report}/acknowledge")
    await browser.ask("DELETE", "/api/session")
    assert await browser.sign_in(room.officers.keys["icbf"], "officer-coat") == 403
    assert (await browser.ask("GET", f"/{report}"))[0] == 404
    told = logged.getvalue()
    assert "console_signed_in" in told
    assert "console_refused" in told
    for secret in (report, "officer-coat", "coat", *tokens, room.officers.keys["coat"].signing_public):
        assert secret not in told


async def test_the_inner_door_tells_its_metrics_and_the_outer_one_does_not(tmp_path: Path, database_url: str) -> None:
    port = free_port()
    async with (
        opened(tmp_path, database_url, metrics_port=port) as room,
        aiohttp.ClientSession(f"http://127.0.0.1:{port}") as inner,
    ):
        browser = await room.browser("coat")
        async with inner.get("/metrics") as answer:
            shown = await answer.read()
        async with inner.get("/readyz") as answer:
            assert (answer.status, await answer.json()) == (200, {"database": True, "roster": True})
        assert (await browser.ask("GET", "/metrics"))[0] == 404
    assert value(shown, "faro_console_logins_total", outcome="accepted") == 1
    assert value(shown, "faro_ready", part="roster") == 1
