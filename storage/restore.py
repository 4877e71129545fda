"""A backup back into an empty database: our migrations make the tables, the file fills them, and what came is proved.

All in one transaction: a file that was changed, or that holds a broken chain, leaves the database as empty as it was.
"""

from __future__ import annotations

import hashlib
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import psycopg
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from psycopg import sql
from sqlalchemy import select, text

from storage import age, audit, envelope, signing
from storage.audit import AuditRow, Head
from storage.backup import CTX, KEPT, MANIFEST, copying
from storage.database import alembic_config, sqlalchemy_url
from storage.refused import Refused
from storage.tables import audit as audit_table
from storage.tables import metadata, reports

CHUNK = 1024 * 1024  # bytes
_OURS = set(metadata.tables)


class BackupRefused(Refused):
    """Not a backup, changed since it was made, or one that this database or program can't take."""


@dataclass(frozen=True)
class Restored:
    """`body`: of the manifest; `head`: where the audit chain goes on."""

    body: signing.Json
    head: Head


def read_manifest(path: Path, sealers: Sequence[Ed25519PublicKey]) -> signing.Json:
    """The manifest's body, signed by one of the sealers. Raises BackupRefused."""
    with _opened(path) as archive:
        document = _member(archive, MANIFEST).read()
    try:
        body, signers = signing.signed_by(document, CTX, [signing.public_text(key) for key in sealers])
    except signing.SigningError:
        raise BackupRefused("not a backup of Faro's database") from None
    if not signers:
        raise BackupRefused("the backup was not made under the sealer's key that lies here")
    return body


def files(path: Path, body: signing.Json) -> dict[str, bytes]:
    """The files that lay beside the keys, by name. Raises BackupRefused."""
    found: dict[str, bytes] = {}
    with _opened(path) as archive:
        for name, about in body["files"].items():
            found[name] = _member(archive, f"files/{name}").read()
            if hashlib.sha256(found[name]).hexdigest() != about["sha256"]:
                raise BackupRefused(f"files/{name} was changed")
    return found


def load(url: str, path: Path, sealers: Sequence[Ed25519PublicKey]) -> Restored:
    """Fills an empty database. Raises BackupRefused, and what SQLAlchemy says of the database."""
    body = read_manifest(path, sealers)
    engine = sqlalchemy.create_engine(sqlalchemy_url(url), hide_parameters=True, poolclass=sqlalchemy.NullPool)
    try:
        with engine.begin() as connection:
            _make_tables(connection, str(body["version"]))
            with _opened(path) as archive:
                for table in KEPT:
                    _fill(connection, archive, table.name, body["tables"][table.name])
            command.upgrade(alembic_config(connection), "head")
            return Restored(body, _proved(connection, sealers))
    finally:
        engine.dispose()


def _make_tables(connection: sqlalchemy.Connection, version: str) -> None:
    there = set(sqlalchemy.inspect(connection).get_table_names())
    known = {name for name in there if name.startswith("procrastinate_")} | {"alembic_version"}
    filled = [name for name in sorted(there & _OURS) if connection.scalar(text(f"SELECT EXISTS (SELECT FROM {name})"))]
    if foreign := sorted(there - _OURS - known):
        raise BackupRefused(f"the database is not empty: it has a table {foreign[0]}")
    if filled:
        raise BackupRefused(f"the database is not empty: there are rows in {', '.join(filled)}")
    config = alembic_config(connection)
    if version not in {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}:
        raise BackupRefused(
            f"the backup has tables of version {version}, which this Faro does not know: take a newer one"
        )
    if there and connection.scalar(text("SELECT version_num FROM alembic_version")) != version:
        raise BackupRefused("the tables are of another version than the backup: restore into a database without any")
    command.upgrade(config, version)


def _fill(connection: sqlalchemy.Connection, archive: tarfile.TarFile, table: str, about: signing.Json) -> None:
    raw = cast("psycopg.Connection", connection.connection.driver_connection)
    source, digest = _member(archive, f"tables/{table}"), hashlib.sha256()
    with raw.cursor() as cursor, cursor.copy(copying(table, list(about["columns"]), sql.SQL("FROM STDIN"))) as copy:
        while block := source.read(CHUNK):
            digest.update(block)
            copy.write(block)
    if digest.hexdigest() != about["sha256"]:
        raise BackupRefused(f"tables/{table} was changed")
    for column in metadata.tables[table].columns:
        if column.identity is not None:  # the next row gets a number of its own
            connection.execute(text(
                f"SELECT setval(pg_get_serial_sequence('{table}', '{column.name}'), "
                f"COALESCE(max({column.name}), 1), max({column.name}) IS NOT NULL) FROM {table}"
            ))  # fmt: skip


def _proved(connection: sqlalchemy.Connection, sealers: Sequence[Ed25519PublicKey]) -> Head:
    """The chain is whole, and each report is the file that was sealed and is addressed to officers alone."""
    c = audit_table.c
    found = connection.execute(select(c.seq, c.hash, c.body, c.signature).order_by(c.seq))
    rows = [AuditRow(row.seq, b"", row.hash, row.body, row.signature) for row in found]
    best = audit.verify(rows, sealers)
    if not best.ok:
        raise BackupRefused(f"the audit chain is broken at row {best.problems[0].seq}: {best.problems[0].what}")
    digests = audit.sealed_digests(rows)
    with connection.execute(select(reports.c.id, reports.c.sealed).execution_options(yield_per=50)) as sealed:
        for row in sealed:
            _check_report(row.id.hex(), row.sealed, digests)
    return best.head


def _check_report(report_id: str, sealed: bytes, digests: dict[str, str]) -> None:
    try:
        kinds = {stanza.type for stanza in age.read_header(sealed).stanzas}
    except age.AgeError:
        raise BackupRefused(f"report {report_id} is not an age file") from None
    if kinds != {"mlkem768x25519"}:
        raise BackupRefused(f"report {report_id} is addressed to another kind of key")
    if digests.get(report_id) != envelope.payload_sha256(sealed).hex():
        raise BackupRefused(f"report {report_id} is not the file that was sealed")


def _opened(path: Path) -> tarfile.TarFile:
    try:
        return tarfile.open(path, "r:")
    except tarfile.TarError:
        raise BackupRefused("not a backup of Faro's database") from None


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = archive.extractfile(name)
    except KeyError:
        found = None
    if found is None:
        raise BackupRefused(f"{name} is missing")
    return found
