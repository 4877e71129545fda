from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from storage import conversations, inbox, seizure
from storage.tables import metadata


async def test_every_table_is_taken_with_its_rows_and_the_open_columns_are_told(
    database, keys, now, database_url: str, tmp_path: Path
) -> None:
    async with database.begin() as tx:
        talk = await conversations.admit(tx, keys, "sms", "+573001234567", now)
        await inbox.accept(tx, keys, talk, "SM1", {"text": "marcadorQ7"}, now)
    taken = {table.name: table for table in seizure.dump(database_url, tmp_path / "database")}
    assert set(metadata.tables) <= set(taken)
    assert len(metadata.tables) > 14
    assert (taken["conversations"].rows, taken["inbox"].rows) == (1, 1)
    assert "procrastinate_jobs" in taken
    lines = (tmp_path / "database" / "inbox.tsv").read_text().splitlines()
    assert lines[0].startswith("id\tconversation\tdigest\tbody")
    assert len(lines) == 2
    facts = seizure.facts(database_url)
    assert facts["living conversations, by channel"] == "sms 1"
    assert facts["messages by day, of the last 60"] == f"{now.date()}: 1"


async def test_a_database_of_another_version_is_told_as_far_as_it_goes(database, database_url: str) -> None:
    whole = set(seizure.facts(database_url))
    async with database.begin() as tx:
        await tx.execute(text("ALTER TABLE mail RENAME TO others"))
    try:
        assert whole - set(seizure.facts(database_url)) == {"events that a page has not seen"}
    finally:
        async with database.begin() as tx:
            await tx.execute(text("ALTER TABLE others RENAME TO mail"))


async def test_of_an_empty_database_nothing_is_told_but_counts_of_none(database, database_url: str) -> None:
    assert len(seizure.FACTS) > 9
    assert set(seizure.facts(database_url).values()) <= {"0", "0 rows, in steps of "}
