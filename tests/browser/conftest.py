"""One browser and one gateway for all tests of pages, and for each test visitors who know nothing of the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from tests.browser.chromium import browsing
from tests.browser.line import Line, line_to
from tests.browser.officers import Office
from tests.browser.officers import office as opened_office
from tests.browser.site import Site, answering, opened
from tests.browser.visitor import Visitor, options
from tests.engine import Engine
from tests.house import House, furnished

# What lives longer than a test can be used only in the loop in which it was begun: here, tests and fixtures share one.
TOGETHER = pytest.mark.asyncio(loop_scope="session")
type Visit = Callable[..., Awaitable[Visitor]]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Asked for the items of this folder alone."""
    if item.get_closest_marker("asyncio"):
        item.add_marker(TOGETHER, append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Starting it costs half a second, and a visitor in it a tenth of that."""
    async with browsing() as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def site(tmp_path_factory: pytest.TempPathFactory, shared_database_url: str) -> AsyncIterator[Site]:
    """For pages that only read."""
    async with opened(tmp_path_factory.mktemp("site"), shared_database_url) as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def town(
    tmp_path_factory: pytest.TempPathFactory, shared_database_url: str, engine: Engine
) -> AsyncIterator[Site]:
    """A site that answers too, for all who write on its page."""
    async with answering(tmp_path_factory.mktemp("town"), shared_database_url, engine) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def line(site: Site) -> AsyncIterator[Line]:
    """To the same gateway, by a port that can be cut."""
    async with line_to(site.url) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """As everywhere, in the loop of the browser."""
    async with furnished(tmp_path, database_url, engine) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def practice_house(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """As everywhere, in the loop of the browser."""
    async with furnished(tmp_path, database_url, engine, practice=True) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def office(tmp_path: Path, database_url: str) -> AsyncIterator[Office]:
    """The officers' console, with an officer for each unit and no report yet."""
    async with opened_office(tmp_path, database_url) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def arrive(browser: Browser) -> AsyncIterator[Visit]:
    """Somebody arrives: `await arrive(home, width=320, language="ht", scripts=True, calm=False)`, with an empty page.
    When the test ends, nothing may have stood on a console, come from a third party, or be left as a cookie."""
    visitors: list[Visitor] = []

    async def one(home: str, **chosen: Any) -> Visitor:
        visitors.append(await Visitor.arrive(browser, home, **options(**chosen)))
        return visitors[-1]

    yield one
    assert [fault for visitor in visitors for fault in await visitor.leave()] == []


@pytest_asyncio.fixture(loop_scope="session")
async def visit(arrive: Visit, site: Site) -> AsyncIterator[Visit]:
    """Somebody opens a page of the site: `await visit("/c/…", width=320, language="ht")`."""

    async def one(path: str = "/", home: str | None = None, **chosen: Any) -> Visitor:
        visitor = await arrive(home or site.url, **chosen)
        await visitor.page.goto(path)
        return visitor

    yield one
