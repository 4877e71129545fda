"""The newest roster that was in force here: an older one, put back by whoever holds the files, is refused."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import RosterRolledBack
from storage.tables import roster_seen


async def seen(tx: AsyncConnection, name: str = "roster") -> int:
    """The highest version so far; 0 before the first. `name` keeps practice and real rosters apart."""
    query = select(roster_seen.c.version).where(roster_seen.c.name == name)
    return (await tx.execute(query)).scalar() or 0


async def remember(tx: AsyncConnection, version: int, name: str = "roster") -> None:
    """Notes that this version is in force. Raises `RosterRolledBack` if a higher one was."""
    new = upsert(roster_seen).values(name=name, version=version)
    highest = func.greatest(roster_seen.c.version, new.excluded.version)
    kept = new.on_conflict_do_update(index_elements=["name"], set_={"version": highest})
    if (await tx.execute(kept.returning(roster_seen.c.version))).scalar_one() > version:
        raise RosterRolledBack(str(version))
