"""What the console's process holds, and what it says of its parts."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.console.page.site import shipped
from bot.console.service import Console
from bot.metrics import Metrics
from bot.settings import Settings
from storage.challenges import Challenges
from storage.database import Database
from tests.bot.console.room import Clock, Room

ALL = {"database": True, "roster": True}


async def test_it_is_ready_by_part_and_stays_in_front_as_long_as_the_database_answers(room: Room) -> None:
    browser = await room.browser()
    assert await browser.ask("GET", "/healthz") == (200, {"alive": True})
    assert await browser.ask("GET", "/readyz") == (200, ALL)
    room.settings.roster_file.write_bytes(b"x")
    assert await browser.ask("GET", "/readyz") == (200, ALL | {"roster": False})
    await room.without_database()
    assert await browser.ask("GET", "/readyz") == (503, {"database": False, "roster": False})
    assert await browser.ask("GET", "/healthz") == (200, {"alive": True})


async def test_a_database_that_is_away_is_told_and_once_back_the_session_goes_on(room: Room) -> None:
    browser = await room.browser("coat")
    await room.without_database()
    assert await browser.ask("GET", "/api/reports") == (503, {"error": "away"})
    await room.without_database(away=False)
    assert (await browser.ask("GET", "/api/reports"))[0] == 200


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ({}, {"http://127.0.0.1:8001", "http://localhost:8001"}),
        ({"host": "0.0.0.0", "console_port": 9}, {"http://127.0.0.1:9", "http://localhost:9"}),
        ({"host": "10.0.0.5"}, {"http://10.0.0.5:8001", "http://localhost:8001"}),
        ({"console_url": "https://Console.example:443/"}, {"https://console.example"}),
        ({"console_url": "https://console.example:8443"}, {"https://console.example:8443"}),
    ],
)
async def test_officers_sign_the_address_at_which_they_open_it(tmp_path: Path, given: dict, origins: set[str]) -> None:
    settings = Settings(_env_file=None, **given)
    database = Database("postgresql:///x")
    console = Console(settings, Clock(), database, Challenges(tmp_path), shipped(), Metrics())
    assert console.origins == origins
    await database.close()


async def test_of_all_keys_it_touches_that_of_its_challenges_alone(tmp_path: Path, room: Room) -> None:
    """The sealer's key lies in the same folder of this machine; it is unreadable here, and nothing is missed."""
    report = await room.file()
    keys = tmp_path / "keys"
    aside = {path: path.read_bytes() for path in keys.rglob("*.key") if path.parent.name != "console"}
    assert len(aside) >= 3
    for path in aside:
        path.unlink()
    browser = await room.browser("coat")
    assert (await browser.ask("GET", f"/api/reports/{report}"))[0] == 200
    assert (await browser.ask("POST", f"/api/reports/{report}/acknowledge"))[0] == 200
    assert [path.name for path in keys.rglob("*.key")] == ["challenge.key"]
    for path, key in aside.items():
        path.write_bytes(key)
    assert [event for event, _ in await room.events()] == ["sealed", "fetched", "acknowledged"]
