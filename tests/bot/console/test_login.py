"""Who is signed in, and who is not: every proof that does not count is refused alike, and leaves nothing."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from storage import roster_draft, signing
from storage.identity import new_key
from tests.bot.console.room import CTX, Browser, Room, signed

type Proof = Callable[[Room, Browser], Awaitable[bytes]]
REFUSED = (403, {"error": "refused"})


async def forged(room: Room, browser: Browser) -> bytes:
    return await signed(browser, new_key(), "officer-coat")


async def of_another_officer(room: Room, browser: Browser) -> bytes:
    return await signed(browser, room.officers.keys["icbf"], "officer-coat")


async def of_nobody(room: Room, browser: Browser) -> bytes:
    return await signed(browser, room.officers.keys["coat"], "officer-nowhere")


async def for_another_door(room: Room, browser: Browser) -> bytes:
    return await signed(browser, room.officers.keys["coat"], "officer-coat", origin="https://console.example")


async def of_another_kind(room: Room, browser: Browser) -> bytes:
    return await signed(browser, room.officers.keys["coat"], "officer-coat", ctx="faro/officer-card/v1")


async def for_an_unknown_unit(room: Room, browser: Browser) -> bytes:
    return await signed(browser, room.officers.keys["coat"], "officer-coat", unit="nowhere")


async def with_a_made_up_challenge(room: Room, browser: Browser) -> bytes:
    return await signed(browser, room.officers.keys["coat"], "officer-coat", challenge="00" * 32)


async def with_an_expired_challenge(room: Room, browser: Browser) -> bytes:
    proof = await signed(browser, room.officers.keys["coat"], "officer-coat")
    room.later(seconds=121)
    return proof


async def with_a_challenge_of_later(room: Room, browser: Browser) -> bytes:
    room.later(hours=1)
    proof = await signed(browser, room.officers.keys["coat"], "officer-coat")
    room.later(hours=-1)
    return proof


async def changed_afterwards(room: Room, browser: Browser) -> bytes:
    return (await of_another_officer(room, browser)).replace(b"officer-coat", b"officer-icbf", 1)


async def cut(room: Room, browser: Browser) -> bytes:
    return (await signed(browser, room.officers.keys["coat"], "officer-coat"))[:-1]


async def not_canonical(room: Room, browser: Browser) -> bytes:
    return await signed(browser, room.officers.keys["coat"], "officer-coat") + b" "


async def unsigned(room: Room, browser: Browser) -> bytes:
    challenge = await browser.challenge()
    body = {"challenge": challenge, "ctx": CTX, "officer": "officer-coat", "origin": browser.url}
    return signing.unsigned(body)


PROOFS = (forged, of_another_officer, of_nobody, for_another_door, of_another_kind, for_an_unknown_unit,
          with_a_made_up_challenge, with_an_expired_challenge, with_a_challenge_of_later, changed_afterwards, cut,
          not_canonical, unsigned)  # fmt: skip


@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.__name__)
async def test_what_is_not_genuine_is_refused_alike_and_leaves_nothing(room: Room, proof: Proof) -> None:
    browser = await room.browser()
    assert await browser.prove(await proof(room, browser)) == REFUSED
    assert await room.rows("console_sessions") == 0


async def test_a_proof_counts_once_even_when_it_comes_twice_at_once(room: Room) -> None:
    browser = await room.browser()
    proof = await signed(browser, room.officers.keys["coat"], "officer-coat")
    told = await asyncio.gather(*(browser.prove(proof) for _ in range(8)))
    assert sorted(status for status, _ in told) == [200, *[403] * 7]
    browser.token = next(body["token"] for status, body in told if status == 200)
    assert (await browser.ask("DELETE", "/api/session"))[0] == 204
    assert await browser.prove(proof) == REFUSED


@pytest.mark.parametrize(("begins", "ends"), [(-20, -1), (1, 20)], ids=["no longer", "not yet"])
async def test_an_officer_whose_days_are_over_or_still_to_come_is_refused(room: Room, begins: int, ends: int) -> None:
    today = room.clock().date()
    key = new_key()
    room.appoint("ana", key, today + timedelta(days=begins), today + timedelta(days=ends))
    browser = await room.browser()
    assert await browser.prove(await signed(browser, key, "ana")) == REFUSED


async def test_who_is_taken_out_of_the_roster_is_out_at_once(room: Room) -> None:
    key, today = new_key(), room.clock().date()
    room.appoint("ana", key, today, today)
    browser = await room.browser()
    assert await browser.sign_in(key, "ana") == 200
    assert (await browser.ask("GET", "/api/reports"))[0] == 200
    room.in_force(lambda roster: roster_draft.remove_officer(roster, "ana"))
    assert await browser.ask("GET", "/api/reports") == (401, {"error": "session"})
    assert await browser.prove(await signed(browser, key, "ana")) == REFUSED


async def test_a_session_ends_with_the_officers_last_day(room: Room) -> None:
    key, today = new_key(), room.clock().date()
    room.appoint("ana", key, today, today)
    room.clock.ahead += timedelta(hours=23 - room.clock().hour, minutes=58 - room.clock().minute)
    browser = await room.browser()
    assert await browser.sign_in(key, "ana") == 200
    room.later(minutes=5)
    assert await browser.ask("GET", "/api/reports") == (401, {"error": "session"})


async def test_another_sites_page_signs_nobody_in(room: Room) -> None:
    browser = await room.browser()
    proof = await signed(browser, room.officers.keys["coat"], "officer-coat")
    headers = {"Origin": "https://evil.example"}
    given = {"proof": base64.b64encode(proof).decode()}
    assert await browser.ask("POST", "/api/session", json=given, headers=headers) == REFUSED
    assert await browser.ask("POST", "/api/session", json=given, headers={"Origin": room.url}) != REFUSED


async def test_nobody_can_keep_an_officer_out_by_trying(room: Room) -> None:
    """Sixty proofs in the officer's name, and the officer among them."""
    stranger = await room.browser()
    proofs = [await signed(stranger, new_key(), "officer-coat") for _ in range(60)]
    tries = asyncio.gather(*(stranger.prove(proof) for proof in proofs))
    browser = await room.browser()
    assert await browser.sign_in(room.officers.keys["coat"], "officer-coat") == 200
    assert {status for status, _ in await tries} == {403}
    assert await browser.sign_in(room.officers.keys["coat"], "officer-coat") == 200


async def test_what_is_not_genuine_is_refused_before_the_database_is_asked(room: Room) -> None:
    browser = await room.browser()
    genuine = await signed(browser, room.officers.keys["coat"], "officer-coat")
    given = [await with_a_made_up_challenge(room, browser), await for_another_door(room, browser),
             await for_an_unknown_unit(room, browser), b"x"]  # fmt: skip
    await room.without_database()
    assert [await browser.prove(proof) for proof in given] == [REFUSED] * 4
    assert await browser.prove(genuine) == (503, {"error": "away"})
