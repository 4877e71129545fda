import tarfile
from pathlib import Path

import psycopg
import pytest

from storage import backup, signing
from storage.database import Database, libpq_url
from storage.keys import KeyRing
from storage.tables import metadata


def test_of_each_table_it_is_said_whether_it_lasts() -> None:
    kept, left = {table.name for table in backup.KEPT}, {table.name for table in backup.LEFT}
    assert kept | left == set(metadata.tables)
    assert not kept & left
    assert len(kept) == 11


def test_no_table_that_lasts_points_to_one_that_does_not_or_that_comes_later() -> None:
    names = [table.name for table in backup.KEPT]
    for place, table in enumerate(backup.KEPT):
        assert all(key.column.table.name in names[:place] for key in table.foreign_keys)


async def test_the_tables_are_those_of_one_moment(
    database: Database, database_url: str, keys: KeyRing, tmp_path: Path
) -> None:
    """A row that is committed while the backup runs is in none of its tables."""
    with backup._snapshot(database_url) as connection:
        connection.execute("SELECT 1")
        with psycopg.connect(libpq_url(database_url), autocommit=True) as other:
            other.execute("INSERT INTO roster_seen VALUES ('roster', 7)")
        assert backup._count(connection, metadata.tables["roster_seen"]) == 0
    body = backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    assert body["tables"]["roster_seen"]["rows"] == 1


async def test_a_backup_that_fails_leaves_no_file(database_url: str, keys: KeyRing, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {"roster.json": tmp_path / "none"})
    assert not (tmp_path / "database.tar").exists()


async def test_the_manifest_is_signed_by_the_sealer(database_url: str, keys: KeyRing, tmp_path: Path) -> None:
    backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    public = signing.public_text(keys.sealer_key().public_key())
    with tarfile.open(tmp_path / "database.tar") as archive:
        member = archive.extractfile("manifest.json")
        assert member
        document = member.read()
    assert signing.signed_by(document, backup.CTX, [public])[1] == {public}
