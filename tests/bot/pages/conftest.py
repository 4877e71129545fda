"""A public door with pages, over HTTP, and whoever asks it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from tests.browser.site import Site, opened


@pytest.fixture
async def site(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    """Every channel on, one placement towards Spain; no engine: pages need none."""
    async with opened(tmp_path, database_url) as one:
        yield one


@pytest.fixture
async def web(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    """Asks as a browser would."""
    async with aiohttp.ClientSession(site.house.url) as session:
        yield session
