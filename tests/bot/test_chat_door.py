"""The web chat over HTTP: handles, messages, streams, and what a broken line costs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest
from sqlalchemy.engine import make_url

from bot import chat_door
from bot.channels import MEDIA_LIMIT, Outgoing
from bot.chat_door import BODY_LIMIT, FILES_AT_ONCE, MOST_OF_A_STREAM, TEXT_LIMIT
from bot.errors import Unreachable
from storage.database import libpq_url
from tests.browser.line import Line, line_to
from tests.browser.site import NO_ENGINE
from tests.channels.platforms.web import StreamingPhone, streamed
from tests.house import House, furnished, open_house
from tests.processes import Gateway

STREAM = {"accept": "text/event-stream"}
TABLES = ("conversations", "inbox", "seen", "mailboxes", "mail")


@pytest.fixture
async def door(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    """A gateway alone: no worker, no engine."""
    async with furnished(tmp_path, database_url, NO_ENGINE, works=False) as house:
        yield house


@pytest.fixture
async def page(door: House) -> StreamingPhone:
    """A page that writes, and does not listen."""
    page = await door.page()
    await page.hang_up()
    return page


@pytest.fixture
async def web(door: House) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(door.url) as session:
        yield session


async def says(house: House, page: StreamingPhone, *texts: str) -> None:
    """As a worker does."""
    for one in texts:
        await house.service.channels.on["web"].send(page.address, Outgoing(one, (), "k", "es"))


async def polled(web: aiohttp.ClientSession, page: StreamingPhone, after: int = 0) -> list[dict[str, Any]]:
    async with web.get(f"/chat/events?after={after}", headers=page.headers | {"accept": "application/json"}) as answer:
        assert answer.status == 200
        events: list[dict[str, Any]] = (await answer.json())["events"]
        return events


def line(**said: object) -> dict[str, object]:
    return {"id": "0b6f1f0e-0000-4000-8000-000000000001", **said}


# Sessions.


async def test_a_handle_costs_nothing_and_leaves_nothing(door: House, web: aiohttp.ClientSession) -> None:
    handles = set()
    for body in (b"", b"{}", b'{"language": "es", "placement": "7K3M9"}', b"not json"):
        async with web.post("/chat/sessions", data=body) as answer:
            assert (answer.status, answer.headers["Cache-Control"], answer.cookies) == (201, "no-store", {})
            assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            given = await answer.json()
            handles.add(given["handle"])
            assert given["server"]["practice"] is False
    assert len(handles) == 4
    assert [await door.count(table) for table in TABLES] == [0] * len(TABLES)


async def test_another_sites_page_gets_no_handle(web: aiohttp.ClientSession) -> None:
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"},
                    {"origin": "http://["}, {"origin": ""}, {"origin": "//["}):  # fmt: skip
        async with web.post("/chat/sessions", json={}, headers=headers) as answer:
            assert answer.status == 403


async def test_a_page_of_our_own_origin_is_taken(door: House, web: aiohttp.ClientSession, page: StreamingPhone) -> None:
    for origin in (door.url, door.service.settings.public_url):
        async with web.get("/chat/events?after=0", headers=page.headers | {"origin": origin} | STREAM) as answer:
            assert answer.status == 200


async def test_where_the_page_is_off_nothing_answers(tmp_path: Path, database_url: str) -> None:
    async with (
        furnished(tmp_path, database_url, NO_ENGINE, works=False, web=False) as house,
        aiohttp.ClientSession(house.url) as web,
    ):
        for method, path in (("POST", "/sessions"), ("POST", "/messages"), ("GET", "/events"), ("GET", "?l=en")):
            async with web.request(method, f"/chat{path}", json={}) as answer:
                assert answer.status == 404


# Messages.


async def test_a_message_is_answered_once_it_is_kept_and_kept_once(door: House, page: StreamingPhone) -> None:
    assert await page.say("hola") == 202
    assert [await door.count(table) for table in TABLES] == [1, 1, 1, 0, 0]
    assert await page.repeat() == 202
    assert await door.count("inbox") == 1
    assert await page.say("hola") == 202
    assert (await door.count("inbox"), await door.count("conversations")) == (2, 1)


async def test_the_same_id_from_another_page_is_another_message(
    door: House, page: StreamingPhone, web: aiohttp.ClientSession
) -> None:
    other = await door.page()
    for one in (page, other):
        async with web.post("/chat/messages", json=line(text="hola"), headers=one.headers) as answer:
            assert answer.status == 202
    assert (await door.count("inbox"), await door.count("conversations")) == (2, 2)


async def test_what_is_not_as_documented_is_said_and_not_kept(
    door: House, page: StreamingPhone, web: aiohttp.ClientSession
) -> None:
    for body, status in ((b"", 400), (b"not json", 400), (b"[]", 400), (b'{"text": "hola"}', 400), (b"{}", 202)):
        async with web.post("/chat/messages", data=body, headers=page.headers) as answer:
            assert (answer.status, await answer.read()) == (status, b"")
    assert [await door.count(table) for table in TABLES] == [0] * len(TABLES)


async def test_a_wrong_handle_is_refused_before_the_body_is_read(door: House, web: aiohttp.ClientSession) -> None:
    wrong = {"authorization": "Bearer " + "A" * 64, "content-type": "application/json"}
    async with web.post("/chat/messages", json=line(text="Zarzamora"), headers=wrong) as answer:
        assert (answer.status, await answer.read()) == (403, b"")
    async with web.get("/chat/events", headers=wrong | STREAM) as answer:
        assert answer.status == 403
    assert [await door.count(table) for table in TABLES] == [0] * len(TABLES)


async def test_only_a_file_may_be_long(page: StreamingPhone, web: aiohttp.ClientSession) -> None:
    assert await page.say("x" * (TEXT_LIMIT - 200)) == 202
    assert await page.say("x" * TEXT_LIMIT) == 413
    assert await page.attach(bytes(MEDIA_LIMIT), "application/pdf") == 202
    assert await page.attach(bytes(MEDIA_LIMIT + 100), "application/pdf") == 413
    async with web.post("/chat/messages", data=BytesIO(bytes(BODY_LIMIT + 1)), headers=page.headers) as answer:
        assert answer.status == 413


async def test_many_files_that_never_end_hold_up_files_and_no_words(
    page: StreamingPhone, web: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_door, "FILE_SECONDS", 0.2)
    stalled = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield bytes(TEXT_LIMIT * 2)
        await stalled.wait()

    hung = [
        asyncio.create_task(web.post("/chat/messages", data=endless(), headers=page.headers))
        for _ in range(FILES_AT_ONCE + 1)
    ]
    (first,), _ = await asyncio.wait(hung, return_when=asyncio.FIRST_COMPLETED, timeout=10)
    assert (first.result().status, first.result().headers["Retry-After"]) == (503, "10")
    assert await page.say("hola") == 202
    assert await page.photo(bytes(TEXT_LIMIT * 2)) == 503
    stalled.set()
    assert {(await one).status for one in hung} == {503, 400}  # what came was no message
    assert await page.photo(bytes(TEXT_LIMIT * 2)) == 202


# What is said to the page.


async def test_the_line_is_open_at_once_and_nothing_on_the_way_keeps_it(
    page: StreamingPhone, web: aiohttp.ClientSession
) -> None:
    async with web.get("/chat/events", headers=page.headers | STREAM) as answer:
        assert answer.content_type == "text/event-stream"
        assert (answer.headers["Cache-Control"], answer.headers["X-Accel-Buffering"]) == ("no-store", "no")
        assert (await asyncio.wait_for(answer.content.readline(), 5)).startswith(b":")


async def test_a_comment_keeps_an_idle_line_open(
    page: StreamingPhone, web: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_door, "HEARTBEAT_SECONDS", 0.05)
    async with web.get("/chat/events", headers=page.headers | STREAM) as answer, asyncio.timeout(10):
        beats = 0
        while beats < 3:
            beats += await answer.content.readline() == b":\n"


async def test_events_come_in_order_to_every_stream_of_a_page_and_to_no_other(door: House) -> None:
    page, other = await door.page(), await door.page()
    await says(door, page, "uno", "dos", "tres")
    async with aiohttp.ClientSession(door.url) as web, web.get("/chat/events", headers=page.headers | STREAM) as answer:
        second = [event["text"] async for _, event in _first(3, streamed(answer))]
    assert [seen.text for seen in await page.expect(3)] == second == ["uno", "dos", "tres"]
    assert other.seen == []


async def _first(
    count: int, events: AsyncIterator[tuple[int, dict[str, Any]]]
) -> AsyncIterator[tuple[int, dict[str, Any]]]:
    async for event in events:
        yield event
        count -= 1
        if not count:
            return


async def test_what_the_page_has_seen_is_deleted_and_the_rest_is_sent_again(
    door: House, page: StreamingPhone, web: aiohttp.ClientSession
) -> None:
    await says(door, page, "uno", "dos", "tres")
    first = await polled(web, page)
    assert [event["text"] for event in first] == ["uno", "dos", "tres"]
    assert await door.count("mail") == 3
    again = await polled(web, page, after=first[0]["id"])
    assert again == first[1:]
    assert await door.count("mail") == 2
    told = page.headers | {"last-event-id": str(first[1]["id"])}  # with whatever the page sends next
    async with web.post("/chat/messages", json=line(text="sigo"), headers=told) as answer:
        assert answer.status == 202
    assert await door.count("mail") == 1


async def test_a_plain_question_waits_for_what_comes(
    door: House, page: StreamingPhone, web: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.create_task(polled(web, page))
    while not door.bell.awaited:
        await asyncio.sleep(0.01)
    await says(door, page, "uno")
    assert [event["text"] for event in await asyncio.wait_for(asked, 5)] == ["uno"]
    monkeypatch.setattr(chat_door, "POLL_SECONDS", 0.05)
    (event,) = await polled(web, page)
    assert await polled(web, page, after=event["id"]) == []


async def test_a_stream_ends_after_some_events_so_that_the_page_tells_what_it_saw(door: House) -> None:
    page = await door.page()
    await says(door, page, *map(str, range(MOST_OF_A_STREAM + 5)))
    assert [seen.text for seen in await page.expect(MOST_OF_A_STREAM + 5)][-1] == str(MOST_OF_A_STREAM + 4)
    assert page.lines == 2
    assert await door.count("mail") < MOST_OF_A_STREAM


# What goes wrong.


@pytest.fixture
async def cable(door: House) -> AsyncIterator[Line]:
    async with line_to(door.url) as one:
        yield one


async def test_a_line_that_drops_costs_neither_an_event_nor_a_message_and_doubles_none(
    door: House, cable: Line
) -> None:
    page = await door.page(url=cable.url)
    await says(door, page, "uno", "dos")
    await page.expect(2)
    await cable.cut()
    await says(door, page, "tres", "cuatro")
    with pytest.raises(aiohttp.ClientError):
        await page.say("¿hay alguien?")
    assert await door.count("inbox") == 0
    await cable.mend()
    assert [seen.text for seen in await page.expect(2)] == ["tres", "cuatro"]
    assert [await page.repeat(), await page.repeat()] == [202, 202]
    await says(door, page, "cinco")
    assert [seen.text for seen in await page.expect(1)] == ["cinco"]
    assert (len(page.seen), await door.count("inbox")) == (5, 1)


async def test_two_gateways_on_one_database_serve_one_page(door: House) -> None:
    settings, officers = door.service.settings, door.officers
    async with open_house(settings, officers, door.telegram, door.twilio, works=False) as second, second.doors:
        page = await second.page()
        await says(door, page, "uno")
        await page.expect(1)
        await page.hang_up()
        await says(second, page, "dos")
        page.url = door.url
        page.listen()
        assert [seen.text for seen in await page.expect(1)] == ["dos"]
        await page.hang_up()


async def test_pages_that_wait_hold_no_connection_and_are_forgotten_when_they_go(door: House) -> None:
    """More of them than the gateway has connections."""
    pages = [await door.page() for _ in range(25)]
    async with asyncio.timeout(10):
        while door.bell.awaited < 25:
            await asyncio.sleep(0.01)
    assert await door.count("pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'") == 0
    await says(door, pages[7], "uno")
    await pages[7].expect(1)
    for page in pages:
        await page.hang_up()
    async with asyncio.timeout(10):
        while door.bell.awaited:
            await asyncio.sleep(0.01)


async def test_a_database_that_is_away_is_said_and_the_page_may_ask_again(
    door: House, page: StreamingPhone, web: aiohttp.ClientSession, server_url: str
) -> None:
    name = make_url(door.service.settings.database_url).database
    with psycopg.connect(libpq_url(server_url), autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false".encode())
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
    async with web.post("/chat/messages", json=line(text="hola"), headers=page.headers) as answer:
        assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    async with web.get("/chat/events", headers=page.headers | STREAM) as answer:
        assert answer.status == 503


async def test_a_gateway_that_stops_ends_its_streams_at_once(door: House, page: StreamingPhone) -> None:
    gateway = await Gateway(door.service.settings).start()
    async with (
        aiohttp.ClientSession(gateway.url) as web,
        web.get("/chat/events", headers=page.headers | STREAM) as answer,
    ):
        await answer.content.readline()
        begun = time.monotonic()
        stopping = asyncio.create_task(gateway.stop())
        await asyncio.wait_for(answer.content.read(), 5)  # to a clean end
    await stopping
    assert time.monotonic() - begun < 5  # it would wait 10 seconds for a line that stays open


# Leaving.


async def test_the_pages_exit_erases_at_once_without_any_worker(
    door: House, page: StreamingPhone, web: aiohttp.ClientSession
) -> None:
    await says(door, page, "uno", "dos")
    page.listen()
    await page.expect(2)
    assert await page.sign("exit") == 202
    await asyncio.wait_for(page.ended(), 5)
    assert (page.events[-1], page.screen) == ({"erase": True, "closed": True}, [])
    assert await door.count("mail") == 0
    with pytest.raises(Unreachable):
        await says(door, page, "tres")
    assert await page.say("hola") == 403
    async with web.get("/chat/events", headers=page.headers | STREAM) as answer:
        assert answer.status == 403
    assert [await page.sign("exit"), await page.repeat()] == [202, 202]  # a page that is not sure says it again
