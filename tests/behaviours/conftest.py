"""The states of every language, reached once for all tests."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import pytest

from tests.behaviours.states import States, reached
from tests.bot.conftest import office, practice_dir
from tests.engine import Engine
from tests.nlu.wording import LANGUAGES

__all__ = ["office", "practice_dir", "states"]


@pytest.fixture(scope="session")
def states(engine: Engine) -> Mapping[str, States]:
    """By language."""

    async def all_of_them() -> dict[str, States]:
        return {language: await reached(engine, language) for language in LANGUAGES}

    return asyncio.run(all_of_them())
