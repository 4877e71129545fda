import io
import secrets
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from storage import audit, backup, deliveries, reports, restore, signing
from storage.database import Database, migrate
from storage.keys import KeyRing
from storage.restore import BackupRefused
from tests.storage.sealing import DAY, Desk


async def filed(database: Database, keys: KeyRing, *, digest: bytes | None = None) -> bytes:
    """A report with a notice that is due, as the worker files it."""
    async with database.begin() as tx:
        head = await audit.head(tx, hold=True)
        id = secrets.token_bytes(16)
        sealed = Desk(sealer=keys.sealer_key()).seal(report_id=id, seq=head.seq + 1, prev=head.hash)
        await reports.file(tx, id, sealed.data, {}, ["coat"], "P1", False, DAY, None, secrets.token_bytes(32))
        await audit.append(tx, "sealed", id, "sealer", digest or sealed.sha256, keys.sealer_key())
        await deliveries.plan(tx, id, "coat", datetime.now(UTC))
    return id


def sealers(keys: KeyRing) -> list:
    return [keys.sealer_key().public_key()]


async def test_rows_come_back_as_they_were_and_new_ones_get_new_numbers(
    database: Database, database_url: str, empty_database_url: str, keys: KeyRing, tmp_path: Path
) -> None:
    id = await filed(database, keys)
    backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    found = restore.load(empty_database_url, tmp_path / "database.tar", sealers(keys))
    assert found.head.seq == 1
    new = Database(empty_database_url)
    try:
        async with new.begin() as tx, database.begin() as old:
            assert await reports.fetch(tx, id) == await reports.fetch(old, id)
            assert await audit.rows(tx) == await audit.rows(old)
        second = await filed(new, keys)
        async with new.begin() as tx:
            numbers = (await tx.execute(text("SELECT id, report FROM deliveries ORDER BY id"))).all()
            assert [report for _, report in numbers] == [id, second]
            assert audit.verify(await audit.rows(tx), keys.sealer_key().public_key()).ok
    finally:
        await new.close()


async def test_a_migrated_database_without_a_row_is_empty_too(
    database: Database, database_url: str, empty_database_url: str, keys: KeyRing, tmp_path: Path
) -> None:
    await filed(database, keys)
    backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    migrate(empty_database_url)
    restore.load(empty_database_url, tmp_path / "database.tar", sealers(keys))
    with pytest.raises(BackupRefused, match="not empty: there are rows in audit"):
        restore.load(empty_database_url, tmp_path / "database.tar", sealers(keys))


async def test_a_database_of_somebody_else_is_not_empty(
    database: Database, database_url: str, keys: KeyRing, tmp_path: Path
) -> None:
    backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    async with database.begin() as tx:
        await tx.execute(text("CREATE TABLE theirs (id int)"))
    with pytest.raises(BackupRefused, match="a table theirs"):
        restore.load(database_url, tmp_path / "database.tar", sealers(keys))


async def test_a_report_that_is_not_the_one_that_was_sealed_is_refused(
    database: Database, database_url: str, empty_database_url: str, keys: KeyRing, tmp_path: Path
) -> None:
    """Also where whoever changed it could sign the backup: the chain says otherwise."""
    id = await filed(database, keys, digest=bytes(32))
    backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    with pytest.raises(BackupRefused, match=f"report {id.hex()} is not the file"):
        restore.load(empty_database_url, tmp_path / "database.tar", sealers(keys))


async def test_a_chain_with_a_gap_is_refused(
    database: Database, database_url: str, empty_database_url: str, keys: KeyRing, tmp_path: Path
) -> None:
    for _ in range(3):
        await filed(database, keys)
    async with database.begin() as tx:
        await tx.execute(text("DELETE FROM audit WHERE seq = 2"))
    backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    with pytest.raises(BackupRefused, match="broken at row 3"):
        restore.load(empty_database_url, tmp_path / "database.tar", sealers(keys))


async def test_what_is_no_backup_or_anothers_is_refused(
    database: Database, database_url: str, empty_database_url: str, keys: KeyRing, tmp_path: Path
) -> None:
    (tmp_path / "database.tar").write_bytes(b"x" * 2000)
    with pytest.raises(BackupRefused, match="not a backup"):
        restore.load(empty_database_url, tmp_path / "database.tar", sealers(keys))
    backup.write(database_url, tmp_path / "real.tar", keys.sealer_key(), {})
    with pytest.raises(BackupRefused, match="sealer"):
        restore.load(empty_database_url, tmp_path / "real.tar", sealers(KeyRing.open(tmp_path / "others")))


async def test_a_backup_of_before_a_table_was_kept_comes_back_without_it(
    database: Database, database_url: str, empty_database_url: str, keys: KeyRing, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    await filed(database, keys)
    monkeypatch.setattr(backup, "KEPT", tuple(table for table in backup.KEPT if table.name != "contents"))
    backup.write(database_url, tmp_path / "database.tar", keys.sealer_key(), {})
    found = restore.load(empty_database_url, tmp_path / "database.tar", sealers(keys))
    assert "contents" not in found.body["tables"]
    assert found.body["tables"]["reports"]["rows"] == 1


@pytest.mark.parametrize(
    "changed",
    [{"tables": {}}, {"tables": []}, {"files": None}, {"left": 3}, {"version": 7}, {"taken": None},
     {"tables": {"reports": {}, "audit": {}}}],
)  # fmt: skip
async def test_a_signed_body_of_another_shape_is_refused(
    database_url: str, empty_database_url: str, keys: KeyRing, tmp_path: Path, changed: dict
) -> None:
    path = tmp_path / "database.tar"
    body = backup.write(database_url, tmp_path / "whole.tar", keys.sealer_key(), {}) | changed
    document = signing.sign(body, keys.sealer_key())
    with tarfile.open(path, "w") as archive:
        member = tarfile.TarInfo(backup.MANIFEST)
        member.size = len(document)
        archive.addfile(member, io.BytesIO(document))
    with pytest.raises(BackupRefused, match="not a backup that this Faro knows"):
        restore.load(empty_database_url, path, sealers(keys))
