"""What the console's process holds: a database, the roster in force, and the key of its challenges. No other key."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import log, rosters
from bot.console.page.site import Site
from bot.metrics import Metrics
from bot.settings import Settings
from storage import health
from storage.challenges import Challenges
from storage.database import Database
from storage.errors import StorageError
from storage.roster import Roster, RosterRefused

POOL = 5  # connections; an officer holds one for as long as a statement takes


@dataclass(frozen=True, slots=True)
class Console:
    """Shared by all requests of one process."""

    settings: Settings
    clock: Callable[[], datetime]
    database: Database
    challenges: Challenges
    site: Site
    metrics: Metrics

    @property
    def origins(self) -> frozenset[str]:
        """What browsers call this door; an officer's signature names it, and counts nowhere else."""
        port = self.settings.console_port
        here = {"", "0.0.0.0", "::"} & {self.settings.host}
        own = {f"http://{'127.0.0.1' if here else self.settings.host}:{port}", f"http://localhost:{port}"}
        return frozenset({self.settings.console_url} if self.settings.console_url else own)

    async def roster(self, tx: AsyncConnection) -> Roster:
        """Read anew each time: who was taken out of it is out at once. Raises `RosterRefused`."""
        return await rosters.load(tx, self.settings)

    async def ready(self) -> dict[str, bool]:
        """Could an officer ask for something (`database`), and would anybody count as one (`roster`)?"""
        return {"database": await self._database_ready(), "roster": await self._roster_ready()}

    async def _database_ready(self) -> bool:
        try:
            async with self.database.begin() as tx:
                await tx.execute(sqlalchemy.text("SELECT 1 FROM console_sessions, console_notes, reports LIMIT 1"))
                return not await health.behind(tx)
        except (SQLAlchemyError, StorageError, OSError) as error:
            log.failure("database_not_ready", error)
            return False

    async def _roster_ready(self) -> bool:
        try:
            async with self.database.begin() as tx:
                return bool((await self.roster(tx)).officers)
        except (RosterRefused, SQLAlchemyError, StorageError, OSError) as error:
            log.failure("roster_not_ready", error)
            return False


def utc_now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_console(
    settings: Settings, metrics: Metrics, site: Site, clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[Console]:
    """Opens the database, and closes it again."""
    database = Database(settings.database_url, pool=POOL)
    try:
        yield Console(settings, clock, database, Challenges(settings.data_dir / "keys"), site, metrics)
    finally:
        await database.close()
