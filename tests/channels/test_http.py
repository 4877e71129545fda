"""Calls to platforms: what their errors are called, and how much is read."""

from __future__ import annotations

import asyncio
import socket
import sys

import aiohttp
import pytest

from bot.channels import MEDIA_LIMIT
from bot.channels.http import CONFIRM_SECONDS, client, download, no_media, trouble
from bot.errors import FetchError, MaybeSent, MediaDown, MediaRefused, PlatformDown, TooBig
from storage.queue import STALLED_SECONDS
from tests.channels.platforms.server import Call, Loopback, Reply


class Answers(Loopback):
    reply = Reply()

    async def answer(self, call: Call) -> Reply:
        return self.reply


@pytest.mark.parametrize(
    ("error", "name"),
    [(aiohttp.ServerDisconnectedError(), MaybeSent), (aiohttp.SocketTimeoutError(), MaybeSent),
     (TimeoutError(), MaybeSent), (aiohttp.ClientPayloadError(), MaybeSent),
     (aiohttp.ConnectionTimeoutError(), PlatformDown)],
)  # fmt: skip
def test_only_a_connection_that_never_was_means_that_nothing_was_sent(error: Exception, name: type) -> None:
    assert type(trouble(error)) is name  # type: ignore[arg-type]


@pytest.mark.skipif(sys.platform != "linux", reason="TCP_USER_TIMEOUT is Linux's")
async def test_what_a_platform_does_not_confirm_is_not_sent_for_minutes() -> None:
    """A line that comes back would bring an old message after newer ones."""
    answers = Answers()
    answers.reply = Reply(200, bytes(1024 * 1024))  # its line is in use until it is read
    await answers.start()
    try:
        async with client(1) as session, session.get(answers.url) as answer:
            assert answer.connection
            made = answer.connection.transport.get_extra_info("socket")
            assert made.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == CONFIRM_SECONDS * 1000
    finally:
        await answers.close()
    assert CONFIRM_SECONDS < STALLED_SECONDS


async def test_a_port_that_nobody_listens_on_is_a_platform_that_is_down() -> None:
    async with client(1) as session:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await session.get("http://127.0.0.1:1/secret")
    assert (str(trouble(caught.value)), type(no_media(caught.value))) == (
        "platform_down:ClientConnectorError",
        MediaDown,
    )


async def test_a_silent_server_is_left_in_time() -> None:
    server = Answers()
    server.reply = Reply(never=True)
    await server.start()
    async with asyncio.timeout(2), client(0.1) as session:
        with pytest.raises(aiohttp.SocketTimeoutError):
            await session.get(server.url)
    await server.close()


@pytest.mark.parametrize("unmeasured", [False, True])
@pytest.mark.parametrize(
    ("status", "size", "error"),
    [(200, MEDIA_LIMIT, None), (200, MEDIA_LIMIT + 1, TooBig), (404, 1, MediaRefused), (302, 1, MediaRefused),
     (429, 1, MediaDown), (503, 1, MediaDown)],
)  # fmt: skip
async def test_a_download_is_bounded_and_its_refusals_have_names(
    status: int, size: int, error: type[FetchError] | None, unmeasured: bool
) -> None:
    server = Answers()
    server.reply = Reply(status, bytes(size), unmeasured=unmeasured)
    await server.start()
    async with client(2) as session, session.get(server.url, allow_redirects=False) as answer:
        if error is None:
            assert await download(answer) == bytes(size)
        else:
            with pytest.raises(error):
                await download(answer)
    await server.close()
