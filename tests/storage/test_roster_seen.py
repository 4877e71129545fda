import pytest

from storage import roster_seen
from storage.database import Database
from storage.errors import RosterRolledBack


async def test_an_older_roster_is_refused_once_a_newer_was_in_force(database: Database) -> None:
    async with database.begin() as tx:
        assert await roster_seen.seen(tx) == 0
        await roster_seen.remember(tx, 3)
        await roster_seen.remember(tx, 3)
        assert await roster_seen.seen(tx) == 3
    with pytest.raises(RosterRolledBack):
        async with database.begin() as tx:
            await roster_seen.remember(tx, 2)
    async with database.begin() as tx:
        assert await roster_seen.seen(tx) == 3


async def test_practice_and_real_rosters_are_counted_apart(database: Database) -> None:
    async with database.begin() as tx:
        await roster_seen.remember(tx, 9, "practice")
        await roster_seen.remember(tx, 1)
        assert (await roster_seen.seen(tx), await roster_seen.seen(tx, "practice")) == (1, 9)
