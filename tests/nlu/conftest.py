"""Somebody who talks to the engine of the whole run (`tests/fixtures.py`)."""

from __future__ import annotations

import pytest

from tests.engine import Engine, Person


@pytest.fixture
def person(engine: Engine) -> Person:
    """Somebody who writes in Spanish on Telegram, and was greeted."""
    somebody = Person(engine)
    somebody.comes()
    return somebody
