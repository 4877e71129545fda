"""What an officer's browser can ask, from the challenge to the end of the session."""

from __future__ import annotations

import base64

import pytest
from sqlalchemy import text

from storage import envelope
from storage.envelope import Part
from tests.bot.console.room import Room

LARGE = bytes(4 * 1024 * 1024 + 1)
ACTIONS = (("GET", ""), ("GET", "/parts/x.age"), ("POST", "/acknowledge"))


async def test_an_officer_signs_in_lists_fetches_acknowledges_and_leaves(room: Room) -> None:
    later, urgent = await room.file(tier="P2"), await room.file(tier="P0")
    browser = await room.browser("coat")
    status, body = await browser.ask("GET", "/api/reports")
    assert (status, [row["id"] for row in body["reports"]]) == (200, [urgent, later])
    assert {row["officer"] for row in body["reports"]} == {None}
    status, sealed = await browser.ask("GET", f"/api/reports/{urgent}")
    assert status == 200
    opened = envelope.open_report(
        sealed, room.officers.keys["coat"].identity, sealer_public=room.keys.sealer_key().public_key(),
        expect_report_id=bytes.fromhex(urgent),
    )  # fmt: skip
    assert opened.parts["report.txt"] == b"made-up words"
    for new in (True, False):
        assert await browser.ask("POST", f"/api/reports/{urgent}/acknowledge", json={}) == (200, {"new": new})
    _, body = await browser.ask("GET", "/api/reports")
    assert [row["officer"] for row in body["reports"]] == ["officer-coat", None]
    assert (await browser.ask("DELETE", "/api/session"))[0] == 204
    assert await browser.ask("GET", "/api/reports") == (401, {"error": "session"})
    done = [("fetched", "officer-coat"), ("acknowledged", "officer-coat")]
    assert await room.events() == [("sealed", "sealer")] * 2 + done


async def test_large_attachments_are_named_and_each_is_fetched_by_its_name(room: Room) -> None:
    report = await room.file("coat", Part("att/1.mp4", LARGE), Part("att/2.pdf", LARGE))
    browser = await room.browser("coat")
    async with browser.http.get(
        f"{room.url}/api/reports/{report}", headers={"Authorization": f"Bearer {browser.token}"}
    ) as answer:
        names = answer.headers["X-Parts"].split(",")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{report}.age"'
        opened = envelope.open_report(
            await answer.read(), room.officers.keys["coat"].identity, sealer_public=room.keys.sealer_key().public_key()
        )
    assert names == ["att1.age", "att2.age"]
    status, sealed = await browser.ask("GET", f"/api/reports/{report}/parts/{names[0]}")
    assert status == 200
    identity = room.officers.keys["coat"].identity
    assert envelope.open_detached(sealed, "att/1.mp4", opened.manifest, identity) == LARGE
    status, _ = await browser.ask("GET", f"/api/reports/{report}/parts/att3.age")
    assert status == 404
    assert await room.events() == [("sealed", "sealer"), *[("fetched", "officer-coat")] * 2]


async def test_no_officer_sees_a_report_of_another_unit_nor_whether_there_is_one(room: Room) -> None:
    theirs = await room.file("icbf", Part("att/1.mp4", LARGE))
    browser = await room.browser("coat")
    assert await browser.ask("GET", "/api/reports") == (200, {"reports": []})
    for id in (theirs, "0" * 32, "x", theirs.upper()):
        for method, rest in (*ACTIONS, ("GET", "/parts/att1.age")):
            assert await browser.ask(method, f"/api/reports/{id}{rest}") == (404, {"error": "not_found"})
    assert await room.events() == [("sealed", "sealer")]


async def test_a_report_that_was_taken_back_is_not_there(room: Room) -> None:
    report = await room.file()
    browser = await room.browser("coat")
    async with room.database.begin() as tx:
        await tx.execute(text("UPDATE reports SET withdrawn = current_date"))
    assert await browser.ask("GET", "/api/reports") == (200, {"reports": []})
    for method, rest in ACTIONS:
        assert await browser.ask(method, f"/api/reports/{report}{rest}") == (404, {"error": "not_found"})


@pytest.mark.parametrize("token", ["", "x", "0" * 64, "é" * 64])
async def test_without_a_session_nothing_is_told_whatever_is_asked(room: Room, token: str) -> None:
    report = await room.file()
    browser = await room.browser()
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for id in (report, "x"):
        for method, rest in ACTIONS:
            told = await browser.ask(method, f"/api/reports/{id}{rest}", headers=headers)
            assert told == (401, {"error": "session"})
    assert await browser.ask("GET", "/api/reports", headers=headers) == (401, {"error": "session"})
    assert await browser.ask("DELETE", "/api/session", headers=headers) == (401, {"error": "session"})


async def test_what_cannot_be_told_to_the_chain_is_neither_handed_out_nor_done(room: Room) -> None:
    report = await room.file("coat", Part("att/1.mp4", LARGE))
    browser = await room.browser("coat")
    async with room.database.begin() as tx:
        await tx.execute(text("ALTER FUNCTION procrastinate_defer_jobs_v1 RENAME TO away"))
    for method, rest in (("GET", ""), ("GET", "/parts/att1.age"), ("POST", "/acknowledge")):
        status, body = await browser.ask(method, f"/api/reports/{report}{rest}")
        assert (status, body) == (503, {"error": "away"})
    async with room.database.begin() as tx:
        await tx.execute(text("ALTER FUNCTION away RENAME TO procrastinate_defer_jobs_v1"))
        assert await tx.scalar(text("SELECT count(*) FROM console_notes")) == 0
        assert await tx.scalar(text("SELECT officer FROM report_units")) is None
    assert (await browser.ask("GET", f"/api/reports/{report}"))[0] == 200


async def test_what_was_handed_out_is_kept_for_the_chain_while_no_worker_runs(room: Room) -> None:
    report = await room.file()
    browser = await room.browser("coat")
    for _ in range(3):
        assert (await browser.ask("GET", f"/api/reports/{report}"))[0] == 200
    assert await room.rows("console_notes") == 3
    assert await room.rows("audit") == 1
    assert (await room.events())[1:] == [("fetched", "officer-coat")] * 3
    assert await room.rows("console_notes") == 0


async def test_whoever_asks_gets_the_roster_as_the_directors_signed_it(room: Room) -> None:
    status, body = await (await room.browser()).ask("GET", "/api/roster")
    assert status == 200
    assert base64.b64decode(body["document"]) == room.settings.roster_file.read_bytes()
    assert (tuple(body["directors"]), body["threshold"]) == (room.officers.directors, 2)
    assert body["practice"] is False


async def test_without_a_roster_it_says_so_and_nobody_is_signed_in(room: Room) -> None:
    browser = await room.browser("coat")
    room.settings.roster_file.unlink()
    for method, path in (("GET", "/api/roster"), ("GET", "/api/reports")):
        assert await browser.ask(method, path) == (503, {"error": "roster"})
    assert await browser.sign_in(room.officers.keys["coat"], "officer-coat") == 503
