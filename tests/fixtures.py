"""One engine for the whole run, and a house for each test that asks for one."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bot import log
from tests.engine import Engine, serving
from tests.house import House, furnished


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The trained model of the tree; an engine that runs already if FARO_TEST_ENGINE names it: `address token`."""
    if given := os.environ.get("FARO_TEST_ENGINE"):
        url, token = given.split()
        yield Engine(url, token, 0, Path(os.devnull))
        return
    with serving(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture
async def house(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """With Telegram, WhatsApp and SMS, and with officers for every unit."""
    async with furnished(tmp_path, database_url, engine) as opened:
        yield opened


@pytest.fixture
async def practice_house(tmp_path: Path, database_url: str, engine: Engine) -> AsyncIterator[House]:
    """With the terminal alone, and made-up officers."""
    async with furnished(tmp_path, database_url, engine, practice=True) as opened:
        yield opened


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """What operators would read, with every logger at its most talkative."""
    lines, root = io.StringIO(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    handler = logging.StreamHandler(lines)
    handler.setFormatter(log._Lines())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield lines
    root.handlers[:], root.level = handlers, level
