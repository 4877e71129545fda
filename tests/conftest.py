"""A real PostgreSQL for the whole run, a fresh database for each test that asks for one, keys and a clock."""

from __future__ import annotations

import itertools
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from storage.database import Database, libpq_url, migrate
from storage.embedded import start_embedded
from storage.keys import KeyRing

pytest_plugins = ["tests.fixtures"]

TEMPLATE = "faro_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """The address of the server; of one that runs already if FARO_TEST_DATABASE_URL names it."""
    if given := os.environ.get("FARO_TEST_DATABASE_URL"):
        yield given
        return
    # A short path: the socket lies in it.
    with tempfile.TemporaryDirectory(prefix="faro-") as folder:
        # Nobody pulls the plug of a test: only that much is different from the server that people get.
        server = start_embedded(Path(folder), settings={"fsync": "off", "full_page_writes": "off"})
        try:
            yield server.url
        finally:
            server.stop()


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """Name of a migrated, empty database that others are copied from."""
    name = f"{TEMPLATE}_{os.getpid()}"
    _create(server_url, name)
    migrate(_named(server_url, name))
    return name


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    """A database without any table."""
    yield from _fresh(server_url, None)


@pytest.fixture
def database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database of this test's own."""
    yield from _fresh(server_url, template)


@pytest.fixture(scope="session")
def shared_database_url(server_url: str, template: str) -> Iterator[str]:
    """A migrated database of all tests that only read."""
    yield from _fresh(server_url, template)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    opened = Database(database_url)
    yield opened
    await opened.close()


@pytest.fixture
def keys(tmp_path: Path) -> KeyRing:
    return KeyRing.open(tmp_path / "keys")


@pytest.fixture
def now() -> datetime:
    """A fixed moment, in the middle of a month and of a key epoch."""
    return datetime(2026, 11, 15, 15, 0, tzinfo=UTC)


def _fresh(server_url: str, template: str | None) -> Iterator[str]:
    name = f"faro_test_{os.getpid()}_{next(_numbers)}"
    _create(server_url, name, template)
    yield _named(server_url, name)
    _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


def _create(server_url: str, name: str, template: str | None = None) -> None:
    _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template or 'template0'}")


def _execute(server_url: str, statement: str) -> None:
    with psycopg.connect(libpq_url(server_url), autocommit=True) as connection:
        connection.execute(statement.encode())


def _named(server_url: str, name: str) -> str:
    return make_url(server_url).set(database=name).render_as_string(hide_password=False)
