from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from aiohttp import web

from bot.dialogue import Engine as EngineClient
from bot.engine_door import Door


@pytest.mark.parametrize(
    ("url", "door"),
    [
        ("http://127.0.0.1:5005", Door("http://127.0.0.1:5005")),
        ("http://engine:5005/", Door("http://engine:5005")),
        ("unix:///data/engines/1/socket", Door("http://engine", Path("/data/engines/1/socket"))),
        ("unix:///a%20b%2Cc/socket", Door("http://engine", Path("/a b,c/socket"))),
    ],
)
def test_an_address_leads_to_a_port_or_to_a_socket_file(url: str, door: Door) -> None:
    assert Door.of(url) == door


async def health(request: web.Request) -> web.Response:
    return web.json_response({"ready": request.headers["Authorization"] == "Bearer word"})


async def test_an_engine_is_asked_through_its_socket_file_and_one_that_is_not_there_is_passed_over() -> None:
    app = web.Application()
    app.router.add_get("/webhooks/turns/health", health)
    runner = web.AppRunner(app)
    await runner.setup()
    with tempfile.TemporaryDirectory(prefix="faro-") as folder:
        await web.UnixSite(runner, f"{folder}/socket").start()
        for urls in ([f"unix://{folder}/socket"], [f"unix://{folder}/none", f"unix://{folder}/socket"]):
            async with EngineClient(urls, "word") as client:
                assert await client.ready()
        async with EngineClient([f"unix://{folder}/none"], "word") as client:
            assert not await client.ready()
        await runner.cleanup()
