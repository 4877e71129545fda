import asyncio
import re

import pytest

from bot.progress import timed


async def test_it_says_what_starts_and_how_long_it_took(capfd: pytest.CaptureFixture[str]) -> None:
    assert await timed("database", asyncio.sleep(0, "done")) == "done"
    first, second = capfd.readouterr().err.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  database …", first)
    assert re.fullmatch(r"\d\d:\d\d:\d\d  database: 0 s", second)


async def test_what_failed_is_not_called_finished(capfd: pytest.CaptureFixture[str]) -> None:
    async def fails() -> None:
        raise ValueError

    with pytest.raises(ValueError):
        await timed("database", fails())
    assert len(capfd.readouterr().err.splitlines()) == 1
