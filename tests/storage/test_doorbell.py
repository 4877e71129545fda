import asyncio
from contextlib import asynccontextmanager

import psycopg
import pytest

from storage import mailbox
from storage.database import Database, libpq_url
from storage.doorbell import Doorbell
from storage.mailbox import Mailbox

SOON, LATE = 0.15, 60.0  # seconds between two looks: a ring within a second comes of a look, or of the notice alone


@asynccontextmanager
async def hung(url: str, ask: float):
    bell = Doorbell(url, ask=ask)
    async with bell.hung():
        with bell.at(b"nobody") as ring:  # everybody is rung once it listens
            await asyncio.wait_for(ring.wait(), 10)
        yield bell


async def put(database: Database, box: Mailbox, now) -> None:
    async with database.begin() as tx:
        await mailbox.put(tx, box, {"text": "a"}, now)


@pytest.fixture
def box(keys) -> Mailbox:
    return Mailbox.of(keys, mailbox.new_handle(keys))


async def test_it_rings_for_the_mailbox_that_something_came_for_and_for_no_other(
    database_url, database, keys, box, now
) -> None:
    other = Mailbox.of(keys, mailbox.new_handle(keys))
    async with hung(database_url, LATE) as bell:
        with bell.at(box.name) as ring, bell.at(box.name) as second, bell.at(other.name) as silent:
            await put(database, box, now)
            await asyncio.wait_for(asyncio.gather(ring.wait(), second.wait()), 5)
            assert not silent.is_set()


async def test_nothing_rings_before_the_commit(database_url, database, box, now) -> None:
    async with hung(database_url, LATE) as bell:
        with bell.at(box.name) as ring:
            async with database.begin() as tx:
                await mailbox.put(tx, box, {"text": "a"}, now)
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(ring.wait(), 0.1)
            await asyncio.wait_for(ring.wait(), 5)


async def test_what_was_not_told_is_found_by_looking(database_url, database, box, now) -> None:
    async with database.begin() as tx:
        driver = (await tx.get_raw_connection()).driver_connection
        await driver.execute("CREATE FUNCTION public.pg_notify(text, text) RETURNS void LANGUAGE sql AS ''")
        await driver.execute("ALTER DATABASE " + driver.info.dbname + " SET search_path = public, pg_catalog")
    silent = Database(database_url)
    async with hung(database_url, LATE) as bell:
        with bell.at(box.name) as ring:
            await put(silent, box, now)
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ring.wait(), 0.2)
    async with hung(database_url, SOON) as bell:
        with bell.at(box.name) as ring:
            await put(silent, box, now)
            await asyncio.wait_for(ring.wait(), 5)
            ring.clear()
            await put(silent, box, now)
            await asyncio.wait_for(ring.wait(), 5)
    await silent.close()


async def test_a_lost_connection_is_made_anew_and_everybody_is_rung(database_url, database, box, now) -> None:
    async with hung(database_url, LATE) as bell:
        with bell.at(box.name) as ring:
            with psycopg.connect(libpq_url(database_url), autocommit=True) as other:
                ended = other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
                )
                assert ended.rowcount == 1
            await asyncio.wait_for(ring.wait(), 10)
            ring.clear()
            await put(database, box, now)
            await asyncio.wait_for(ring.wait(), 5)


async def test_without_a_database_it_waits_and_harms_nobody(tmp_path) -> None:
    bell = Doorbell(f"postgresql://x@/x?host={tmp_path}")
    async with bell.hung():
        with bell.at(b"a") as ring, pytest.raises(TimeoutError):
            await asyncio.wait_for(ring.wait(), 0.2)


async def test_when_the_process_stops_everybody_is_rung_and_nobody_is_kept(database_url) -> None:
    async with hung(database_url, LATE) as bell:
        with bell.at(b"a") as ring, bell.at(b"b") as other:
            bell.end()
            assert ring.is_set()
            assert other.is_set()
            assert bell.ending
        assert bell.awaited == 0
