import psycopg
import pytest

from storage.database import Database
from storage.statement import Statement


async def test_a_statement_runs_in_the_transaction_it_is_given(database: Database) -> None:
    put = Statement("INSERT INTO contents (digest, sid) VALUES (%(digest)s, %(sid)s)")
    get = Statement("SELECT digest, sid FROM contents ORDER BY sid")
    async with database.begin() as tx:
        assert await put.run(tx, digest=b"\0\xff", sid="a") == 1
        assert await put.run(tx, digest=b"2", sid="b") == 1
        await tx.rollback()
    async with database.begin() as tx:
        assert await get.first(tx) is None
        await put.run(tx, digest=b"\0\xff", sid="a")
    async with database.begin() as tx:
        assert await get.rows(tx) == [(b"\0\xff", "a")]


async def test_a_programming_error_is_not_dressed_up_as_an_outage(database: Database) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable):
        async with database.begin() as tx:
            await Statement("SELECT 1 FROM nowhere").first(tx)
