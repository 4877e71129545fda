"""The database: one engine, one transaction at a time, and its tables brought up to date."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from psycopg.pq import TransactionStatus
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from storage.errors import DatabaseDown, TablesBusy

MIGRATIONS = Path(__file__).parent / "migrations"
_MIGRATING = 0x6661726F  # number of the advisory lock: "faro"
_NO_LOCK = "55P03"  # PostgreSQL's code of a lock that was not had in time
LOCK_SECONDS = 2  # a migration that waits longer for a table would hold up everybody behind it
TRIES, PAUSE_SECONDS = 10, 1.0

# A host that is cut off says no goodbye. Left to itself, Linux would have us wait for a quarter of an hour, and the
# server would hold the row locks of a lost worker for two: nobody could take over its turns. Both ends give up after
# this time, which is shorter than the one after which a worker is taken for dead (`queue.STALLED_SECONDS`).
LOST_SECONDS = 5
_PROBES = {"keepalives_idle": 2, "keepalives_interval": 1, "keepalives_count": LOST_SECONDS - 2}
_SERVER = {
    **{f"tcp_{name}": value for name, value in _PROBES.items()},
    "tcp_user_timeout": LOST_SECONDS * 1000,
    "client_connection_check_interval": 1000,  # also while it waits for a lock
}  # PostgreSQL manual, "Connections and Authentication"; over a socket file the server passes the first four over


class Database:
    """Statements go through SQLAlchemy Core; psycopg prepares each on the server at its second use."""

    def __init__(self, url: str, *, pool: int = 5) -> None:
        # Parameters stay out of exception texts, even though words in them are sealed.
        self._engine: AsyncEngine = create_async_engine(
            sqlalchemy_url(url),
            pool_size=pool,
            max_overflow=0,
            hide_parameters=True,
            connect_args={**lasting(url), "prepare_threshold": 1, "application_name": "faro"},
        )

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        """One transaction: committed when the block ends, rolled back if it raises.

        Raises `DatabaseDown` when the database does not answer; the other connections, which are then likely dead as
        well, are given up, so that the next transaction makes a new one.
        """
        async with self._told(), self._engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def each(self) -> AsyncIterator[AsyncConnection]:
        """No transaction around the block: each `Statement` is one of its own, and is committed when it has run.

        For what is one statement: it spares the two round trips that begin and commit. Raises like `begin`.
        """
        async with self._told(), self._engine.connect() as connection:
            driver = cast("psycopg.AsyncConnection", (await connection.get_raw_connection()).driver_connection)
            await driver.set_autocommit(True)
            try:
                yield connection
            finally:
                if driver.info.transaction_status == TransactionStatus.IDLE:
                    await driver.set_autocommit(False)
                else:  # lost, or cut off in the middle of a statement
                    await connection.invalidate()

    @asynccontextmanager
    async def _told(self) -> AsyncIterator[None]:
        try:
            yield
        except OperationalError as error:
            await self._engine.dispose()
            raise DatabaseDown(getattr(error.orig, "sqlstate", None) or "connection") from None
        except DatabaseDown:
            await self._engine.dispose()
            raise

    async def close(self) -> None:
        await self._engine.dispose()


def migrate(url: str) -> None:
    """Brings the tables up to the newest version; changes nothing if they are. Several starters wait for each other.

    Raises `DatabaseDown`; `TablesBusy` when others hold a table for longer than they may be held up."""
    for attempt in range(TRIES):
        try:
            return _migrate(url)
        except TablesBusy:
            if attempt == TRIES - 1:
                raise
            time.sleep(PAUSE_SECONDS)
    return None


def _migrate(url: str) -> None:
    engine = sqlalchemy.create_engine(sqlalchemy_url(url), hide_parameters=True, poolclass=sqlalchemy.NullPool)
    try:
        with engine.begin() as connection:
            # Held to the end of this transaction: the second starter then finds everything done.
            connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATING})
            command.upgrade(alembic_config(connection), "head")
    except OperationalError as error:
        code = getattr(error.orig, "sqlstate", None) or "connection"
        raise (TablesBusy if code == _NO_LOCK else DatabaseDown)(code) from None
    finally:
        engine.dispose()


def alembic_config(connection: sqlalchemy.Connection) -> Config:
    """Settings for Alembic's commands on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def lasting(url: str, **settings: str) -> dict[str, Any]:
    """What psycopg is given, beside the address, for a connection that is kept open; `settings` are the server's."""
    options = [f"-c {name}={value}" for name, value in {**_SERVER, **settings}.items()]
    if given := make_url(_plain_scheme(url)).query.get("options"):
        options.append(given if isinstance(given, str) else " ".join(given))
    return {"connect_timeout": LOST_SECONDS, **_PROBES, "tcp_user_timeout": LOST_SECONDS * 1000,
            "options": " ".join(options)}  # fmt: skip


def sqlalchemy_url(url: str) -> str:
    """The address with the driver that we use, whichever of the usual spellings it came in."""
    return make_url(_plain_scheme(url)).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


def libpq_url(url: str) -> str:
    """The address as psycopg itself reads it."""
    return make_url(_plain_scheme(url)).set(drivername="postgresql").render_as_string(hide_password=False)


def _plain_scheme(url: str) -> str:
    return "postgresql://" + url.removeprefix("postgres://") if url.startswith("postgres://") else url
