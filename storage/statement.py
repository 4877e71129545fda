"""One SQL statement of the hot path, run by the driver itself within SQLAlchemy's transaction.

A message passes about ten statements on its way. Through SQLAlchemy's compiler each costs three times the processor
time of the bare driver, on cores that the dialogue engine needs; statements off that path are built with SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, cast

import psycopg
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import DatabaseDown


class Statement:
    """Values are named `%(name)s`; rows are tuples. Prepared on the server at its first use on a connection."""

    def __init__(self, sql: LiteralString) -> None:
        self._sql: LiteralString = sql

    async def rows(self, tx: AsyncConnection, **values: object) -> Sequence[tuple[Any, ...]]:
        return await (await self._execute(tx, values)).fetchall()

    async def first(self, tx: AsyncConnection, **values: object) -> tuple[Any, ...] | None:
        return await (await self._execute(tx, values)).fetchone()

    async def run(self, tx: AsyncConnection, **values: object) -> int:
        """Gives the number of rows that it changed."""
        return (await self._execute(tx, values)).rowcount

    async def _execute(self, tx: AsyncConnection, values: dict[str, object]) -> psycopg.AsyncCursor[tuple[Any, ...]]:
        connection = tx.sync_connection
        if connection is None:
            raise DatabaseDown("closed")
        driver = cast("psycopg.AsyncConnection[tuple[Any, ...]]", connection.connection.driver_connection)
        try:
            return await driver.execute(self._sql, values, prepare=True, binary=True)
        except psycopg.OperationalError as error:
            if driver.closed:
                await tx.invalidate()
            raise DatabaseDown(error.sqlstate or "connection") from None
