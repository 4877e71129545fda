"""What stands on the other side of the browser: a gateway without an engine, and the public page people exit to."""

from __future__ import annotations

import csv
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot import placement_codes
from bot.placements import COLUMNS, NAME
from tests.engine import Engine
from tests.house import House, furnished

NO_ENGINE = Engine("http://127.0.0.1:9", "no-engine", 0, Path(os.devnull))  # nobody listens on that port
BOT = "viaje_ejemplo_bot"  # of Telegram; nobody's


@dataclass(slots=True)
class Bland:
    """The page of somebody else that an exit leads to. `referrers`: what each visitor's browser told it."""

    url: str
    referrers: list[str | None] = field(default_factory=list)


@dataclass(slots=True)
class Site:
    """`code`: of a card that hangs somewhere, on a route to Spain, for people who read Spanish."""

    house: House
    bland: Bland
    code: str

    @property
    def url(self) -> str:
        return self.house.url.replace("127.0.0.1", "localhost")


@asynccontextmanager
async def bland() -> AsyncIterator[Bland]:
    """Served on the loopback until the block ends, under an address that is another site's."""
    place = Bland("")

    async def page(request: web.Request) -> web.Response:
        if request.path == "/":
            place.referrers.append(request.headers.get("Referer"))
        text = '<!doctype html><html lang="en"><title>Weather</title><link rel="icon" href="data:,"><h1>Sunny</h1>'
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/{rest:.*}", page)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    place.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield place
    finally:
        await runner.cleanup()


@asynccontextmanager
async def opened(data_dir: Path, database_url: str) -> AsyncIterator[Site]:
    """A gateway with every channel and one placement; no worker, no engine: pages need neither."""
    code = hang(data_dir)
    async with (
        bland() as place,
        furnished(data_dir, database_url, NO_ENGINE, works=False, exit_url=place.url, telegram_name=BOT) as house,
    ):
        yield Site(house, place, code)


@asynccontextmanager
async def answering(data_dir: Path, database_url: str, engine: Engine) -> AsyncIterator[Site]:
    """With a worker and an engine."""
    code = hang(data_dir)
    async with bland() as place, furnished(data_dir, database_url, engine, exit_url=place.url) as house:
        yield Site(house, place, code)


def hang(data_dir: Path) -> str:
    """One more line of `placements.csv`, for cards on board of a flight to Madrid. Returns its code."""
    code = placement_codes.new()
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / NAME).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerow((code, "on board", "BOG-MAD", "ES", "es en", "120", "2031-12-31"))
    return code
