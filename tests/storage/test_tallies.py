"""How often something happened lately: by keyed digest, counted once each, and gone within two days."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from pathlib import Path

from storage import retention, tallies
from storage.database import Database
from storage.keys import KeyRing

THING = ("placement", "7K3M9", "2026-11-15T15")


async def test_each_one_counts_once_and_no_further_than_asked(database: Database, keys: KeyRing, now: datetime) -> None:
    async with database.begin() as tx:
        for by in ("a", "b", "b", "c"):
            await tallies.add(tx, keys, THING, by, now)
        assert await tallies.count(tx, keys, THING, 10) == 3
        assert await tallies.count(tx, keys, THING, 2) == 2
        assert await tallies.count(tx, keys, ("placement", "7K3M9", "2026-11-15T16"), 10) == 0


async def test_nobody_waits_for_somebody_else_who_counts(database: Database, keys: KeyRing, now: datetime) -> None:
    async with database.begin() as first, asyncio.timeout(5):
        await tallies.add(first, keys, THING, "a", now)
        async with database.begin() as second:
            await tallies.add(second, keys, THING, "b", now)
            assert await tallies.count(second, keys, THING, 10) == 1


async def test_they_are_gone_a_day_later(database: Database, keys: KeyRing, now: datetime) -> None:
    async with database.begin() as tx:
        await tallies.add(tx, keys, THING, "a", now)
    await retention.run(database, keys, now + timedelta(hours=12))
    async with database.begin() as tx:
        assert await tallies.count(tx, keys, THING, 10) == 1
    await retention.run(database, keys, now + timedelta(hours=25))
    async with database.begin() as tx:
        assert await tallies.count(tx, keys, THING, 10) == 0


async def test_they_stand_under_the_key_of_their_month_which_no_backup_holds(
    database: Database, keys: KeyRing, now: datetime, tmp_path: Path
) -> None:
    """Who has the long-lived keys of a backup and this database can't try every telephone number there is."""
    thing = ("reports", "sms", "+573001234567", "2026-11-15")
    async with database.begin() as tx:
        await tallies.add(tx, keys, thing, "a", now)
    thief = KeyRing.open(tmp_path / "thief")
    (tmp_path / "thief" / "digest.key").write_bytes((tmp_path / "keys" / "digest.key").read_bytes())
    (tmp_path / "thief" / "pepper.key").write_bytes((tmp_path / "keys" / "pepper.key").read_bytes())
    thief = KeyRing.open(tmp_path / "thief")
    assert thief.digest("message", "1") == keys.digest("message", "1")
    async with database.begin() as tx:
        assert await tallies.count(tx, thief, thing, 10) == 0
        assert await tallies.count(tx, keys, thing, 10) == 1
    assert (tmp_path / "keys" / "pseudonyms" / "2026-11.key").exists()
    assert keys.shred_months(now + timedelta(days=62)) == 1
    async with database.begin() as tx:
        assert await tallies.count(tx, keys, thing, 10) == 0
