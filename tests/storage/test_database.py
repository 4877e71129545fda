import asyncio
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.database import LOST_SECONDS, Database, lasting, libpq_url, migrate, sqlalchemy_url
from storage.errors import DatabaseDown
from storage.queue import STALLED_SECONDS
from storage.statement import Statement
from storage.tables import metadata

ROOT = Path(__file__).parents[2]
MIGRATE = "import sys; from storage.database import migrate; migrate(sys.argv[1])"


def tables(url: str) -> set[str]:
    with psycopg.connect(libpq_url(url)) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    return {name for (name,) in rows}


def test_the_migrations_make_exactly_the_tables_of_the_code(database_url: str) -> None:
    engine = sqlalchemy.create_engine(sqlalchemy_url(database_url), poolclass=sqlalchemy.NullPool)
    with engine.connect() as connection:
        options = {"include_name": lambda name, kind, _: not (name or "").startswith("procrastinate_")}
        context = MigrationContext.configure(connection, opts={**options, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    engine.dispose()
    assert len(metadata.tables) == 21
    assert set(metadata.tables) < tables(database_url)


def test_many_starters_at_once_migrate_once(empty_database_url: str) -> None:
    starters = [subprocess.Popen([sys.executable, "-c", MIGRATE, empty_database_url], cwd=ROOT) for _ in range(4)]
    assert [starter.wait(60) for starter in starters] == [0, 0, 0, 0]
    assert {"procrastinate_jobs", "conversations"} < tables(empty_database_url)


def test_migrating_again_changes_nothing(database_url: str) -> None:
    before = tables(database_url)
    migrate(database_url)
    assert tables(database_url) == before


async def test_without_a_transaction_each_statement_is_kept_whatever_follows_and_the_connection_is_used_again(
    database_url: str,
) -> None:
    put = Statement("INSERT INTO contents (digest, sid) VALUES (%(digest)s, 'a')")
    get = Statement("SELECT count(*) FROM contents")
    database = Database(database_url, pool=1)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with database.each() as tx:
            await put.run(tx, digest=b"1")
            _ = 1 / 0
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with database.begin() as tx:
            assert await get.first(tx) == (1,)
            await put.run(tx, digest=b"2")
            _ = 1 / 0
    async with database.each() as tx:
        assert await get.first(tx) == (1,)
    await database.close()


async def test_a_connection_that_is_left_in_the_middle_of_a_statement_holds_up_nobody(database_url: str) -> None:
    database, other = Database(database_url, pool=1), Database(database_url, pool=1)

    async def slow() -> None:
        async with database.each() as tx:
            await Statement("SELECT pg_sleep(60)").first(tx)

    async def asleep() -> bool:
        async with other.begin() as tx:
            query = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'SELECT pg_sleep%'"
            return (await tx.execute(text(query))).first() is not None

    task = asyncio.create_task(slow())
    async with asyncio.timeout(20):
        while not await asleep():
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with database.each() as tx:
            assert await Statement("SELECT 1").first(tx) == (1,)
        async with database.begin() as tx:
            assert await Statement("SELECT 1").first(tx) == (1,)
    await database.close()
    await other.close()


async def test_a_block_that_raises_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with database.begin() as tx:
            await tx.execute(text("INSERT INTO contents VALUES ('a', 'b')"))
            _ = 1 / 0
    async with database.begin() as tx:
        assert (await tx.execute(text("SELECT count(*) FROM contents"))).scalar() == 0


async def test_a_failing_statement_does_not_show_its_values(database: Database) -> None:
    with pytest.raises(DBAPIError) as failure:
        async with database.begin() as tx:
            await tx.execute(text("INSERT INTO contents VALUES (:digest, :sid)"), {"digest": b"a", "sid": None})
    assert "parameters hidden" in str(failure.value)


async def test_a_lost_connection_is_named_and_the_next_one_works(database: Database, database_url: str) -> None:
    number = Statement("SELECT pg_backend_pid()")
    with pytest.raises(DatabaseDown) as failure:  # noqa: PT012
        async with database.begin() as tx:
            (pid,) = await number.first(tx) or (0,)
            with psycopg.connect(libpq_url(database_url), autocommit=True) as other:
                other.execute("SELECT pg_terminate_backend(%s)", (pid,))
            await number.first(tx)
    assert failure.value.retry
    async with database.begin() as tx:
        assert await number.first(tx)


async def test_a_server_that_restarted_costs_each_process_one_error(database: Database, database_url: str) -> None:
    number = Statement("SELECT 1")
    async with database.begin() as one, database.begin() as two:
        await number.first(one)
        await number.first(two)
    with psycopg.connect(libpq_url(database_url), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    with pytest.raises(DatabaseDown):
        async with database.begin() as tx:
            await number.first(tx)
    for _ in range(3):
        async with database.begin() as tx:
            assert await number.first(tx)


async def test_both_ends_give_up_a_host_that_was_cut_off_before_its_worker_is_taken_for_dead(
    database: Database, database_url: str
) -> None:
    """Else its locks would outlive it. That it is so over a network: `tests/test_hosts.py`."""
    given = lasting(f"{database_url}&options=-c%20work_mem%3D5MB", synchronous_commit="off")
    assert LOST_SECONDS < STALLED_SECONDS
    assert given["tcp_user_timeout"] == LOST_SECONDS * 1000
    assert given["keepalives_idle"] + given["keepalives_interval"] * given["keepalives_count"] <= LOST_SECONDS
    async with await psycopg.AsyncConnection.connect(libpq_url(database_url), **given) as own:
        for name, value in (("client_connection_check_interval", "1s"), ("synchronous_commit", "off")):
            assert await (await own.execute("SELECT current_setting(%s)", (name,))).fetchone() == (value,)
        assert await (await own.execute("SHOW work_mem")).fetchone() == ("5MB",)
    async with database.begin() as tx:
        assert await tx.scalar(text("SHOW client_connection_check_interval")) == "1s"


async def test_a_server_that_is_not_there_is_named(tmp_path) -> None:
    nowhere = Database(f"postgresql://postgres@/postgres?host={tmp_path}")
    with pytest.raises(DatabaseDown):
        async with nowhere.begin() as tx:
            await tx.execute(text("SELECT 1"))
    await nowhere.close()


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_any_spelling_of_an_address_is_understood(scheme: str) -> None:
    url = f"{scheme}://user:p%40ss@host:5433/name?sslmode=require"
    assert sqlalchemy_url(url) == "postgresql+psycopg://user:p%40ss@host:5433/name?sslmode=require"
    assert libpq_url(url) == "postgresql://user:p%40ss@host:5433/name?sslmode=require"
