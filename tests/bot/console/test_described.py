"""Everything that the console's OpenAPI description allows, and much that it forbids, asked by schemathesis: each
answer is one that the description has, and none is a fault of the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from bot.console.app import create_app
from bot.metrics import CONSOLE_CODES
from bot.settings import Settings
from storage.envelope import Part
from tests.bot.console.room import Browser, Room, opened
from tests.bot.test_metrics import value
from tests.conftest import _fresh

EXAMPLES = 12  # of each operation, beside those that go along the edges of its description
OPERATIONS = {
    "GET /api/roster", "POST /api/challenge", "POST /api/session", "DELETE /api/session", "GET /api/reports",
    "GET /api/reports/{report_id}", "GET /api/reports/{report_id}/parts/{name}",
    "POST /api/reports/{report_id}/acknowledge",
}  # fmt: skip


@dataclass
class Door:
    """A console in a thread of its own, since schemathesis waits for each answer."""

    loop: asyncio.AbstractEventLoop
    room: Room
    browser: Browser
    report: str

    def wait[T](self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def token(self) -> str:
        """Of a new session."""
        assert self.wait(self.browser.sign_in(self.room.officers.keys["coat"], "officer-coat")) == 200
        return self.browser.token

    def answers(self, code: str) -> float:
        return value(self.room.app.state.metrics.text(), "faro_console_answers_total", code=code)


@pytest.fixture(scope="module")
def its_database(server_url: str, template: str) -> Iterator[str]:
    yield from _fresh(server_url, template)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory, its_database: str) -> Iterator[Door]:
    ready, over, found = threading.Event(), asyncio.Event(), []

    async def keep() -> None:
        async with opened(tmp_path_factory.mktemp("data"), its_database, seconds=300) as room:
            report = await room.file("coat", Part("att/1.mp4", bytes(4 * 1024 * 1024 + 1)))
            found.append(Door(asyncio.get_running_loop(), room, await room.browser("coat"), report))
            ready.set()
            await over.wait()

    thread = threading.Thread(target=asyncio.run, args=(keep(),))
    thread.start()
    try:
        assert ready.wait(60)
        yield found[0]
        # Whatever share of the questions came to this process: many, and none met a fault.
        assert sum(map(found[0].answers, CONSOLE_CODES)) > 20
        assert [found[0].answers(code) for code in ("500", "503")] == [0, 0]
    finally:
        if found:
            found[0].loop.call_soon_threadsafe(over.set)
        thread.join(30)


schema = schemathesis.openapi.from_dict(create_app(Settings(_env_file=None)).openapi())
quickly = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True,
                   database=None)  # fmt: skip


def test_it_describes_these_operations_and_no_other() -> None:
    assert {found.ok().label for found in schema.get_all_operations()} == OPERATIONS


@schema.parametrize()
@quickly
def test_whoever_is_not_signed_in_gets_answers_as_described(door: Door, case: schemathesis.Case) -> None:
    case.call_and_validate(base_url=door.room.url)


@schema.parametrize()
@quickly
def test_an_officer_gets_answers_as_described(door: Door, case: schemathesis.Case) -> None:
    token = door.token()  # a new one each time: some of what is asked ends a session
    if "report_id" in case.path_parameters and len(str(case.path_parameters["report_id"])) % 2 == 0:
        case.path_parameters["report_id"] = door.report
    case.call_and_validate(base_url=door.room.url, headers={"Authorization": f"Bearer {token}"})
