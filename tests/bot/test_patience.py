"""Whoever drips bytes is left, whether of a head or of a body; whoever is merely slow is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot import patience
from bot.patience import Patient, pieces


@pytest.fixture
async def port(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[int]:
    """A door that tells how long a body was, with less patience than in service."""
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(patience, "BODY_SECONDS", 0.5)
    monkeypatch.setattr(patience, "LINGER_SECONDS", 0.3)

    async def measured(request: Request) -> Response:
        return PlainTextResponse(str(sum([len(piece) async for piece in pieces(request)])))

    app = Starlette(routes=[Route("/", measured, methods=["GET", "POST"])])
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_config=None, http=Patient))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


async def dripped(port: int, first: bytes, *, times: int, piece: bytes = b"a", pause: float = 0.1) -> bytes:
    """What comes back to somebody who sends so, until the line ends or nothing comes for a second."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    hearing = asyncio.create_task(heard(reader))
    writer.write(first)
    for _ in range(times):
        await asyncio.sleep(pause)
        if hearing.done():
            break
        writer.write(piece)
    answer = await hearing
    writer.close()
    return answer


async def heard(reader: asyncio.StreamReader) -> bytes:
    answer = b""
    try:
        while more := await asyncio.wait_for(reader.read(4096), 2.5):
            answer += more
    except TimeoutError:
        return answer
    except ConnectionError:
        pass
    return answer + b"<ended>"


POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"


async def test_a_head_that_never_ends_ends_the_line(port: int) -> None:
    assert await dripped(port, b"GET / HTTP/1.1\r\nX: ", times=12) == b"<ended>"
    assert await dripped(port, b"", times=0) == b"<ended>"


async def test_a_head_that_is_too_long_ends_the_line(port: int) -> None:
    long = await dripped(port, b"GET / HTTP/1.1\r\n", times=4, piece=b"A: b\r\n" * 9000, pause=0.02)
    assert long.endswith(b"<ended>")
    assert b"200" not in long


async def test_a_body_that_drips_is_left_with_an_answer(port: int) -> None:
    answer = await dripped(port, POST % 9000, times=30)
    assert answer.startswith(b"HTTP/1.1 408")
    assert answer.endswith(b"<ended>")


async def test_a_body_that_is_slow_and_steady_is_taken(port: int) -> None:
    answer = await dripped(port, POST % 12_000, times=12, piece=b"a" * 1000)
    assert b"200 OK" in answer
    assert b"12000" in answer


async def test_two_requests_on_one_line_each_have_their_time(port: int) -> None:
    one = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = await dripped(port, one, times=1, piece=one, pause=0.4)
    assert answer.count(b"200 OK") == 2
    assert (await dripped(port, one + b"GET / HT", times=8)).count(b"200 OK") == 1
