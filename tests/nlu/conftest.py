"""One engine for all tests of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engine import Engine, Person, serving


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """The real engine with the trained model of the tree."""
    with serving(tmp_path_factory.mktemp("engine")) as running:
        yield running


@pytest.fixture
def person(engine: Engine) -> Person:
    """Somebody who writes in Spanish on Telegram, and was greeted."""
    somebody = Person(engine)
    somebody.comes()
    return somebody
