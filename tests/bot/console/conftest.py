"""A console for a test, with an officer in each unit."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.console.room import Room, opened


@pytest.fixture
async def room(tmp_path: Path, database_url: str) -> AsyncIterator[Room]:
    async with opened(tmp_path, database_url) as room:
        yield room
