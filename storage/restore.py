"""A backup back into an empty database: our migrations make the tables, the file fills them, and what came is proved.

All in one transaction: a file that was changed, or that holds a broken chain, leaves the database as empty as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import psycopg
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from psycopg import sql
from sqlalchemy import select, text

from storage import age, audit, envelope, plain_tar, signing
from storage.audit import AuditRow, Head
from storage.backup import CTX, KEPT, MANIFEST, copying
from storage.database import alembic_config, sqlalchemy_url
from storage.plain_tar import PlainTar, TarRefused
from storage.refused import Refused
from storage.tables import audit as audit_table
from storage.tables import metadata, reports

CHUNK = 1024 * 1024  # bytes
MOST = 64 * CHUNK  # of the manifest, and of a file beside the keys
_OURS = set(metadata.tables)


class BackupRefused(Refused):
    """Not a backup, changed since it was made, or one that this database or program can't take."""


@dataclass(frozen=True)
class Restored:
    """`body`: of the manifest; `head`: where the audit chain goes on; `former`: the backup is of a former sealer, and
    the last row of the chain says that the present one took over."""

    body: signing.Json
    head: Head
    former: bool = False


def read_manifest(path: Path, sealers: Sequence[Ed25519PublicKey]) -> signing.Json:
    """The manifest's body, signed by one of the sealers. Raises BackupRefused."""
    return _manifest(path, sealers)[0]


def _manifest(path: Path, sealers: Sequence[Ed25519PublicKey]) -> tuple[signing.Json, set[str]]:
    """The body, and which of the sealers signed it."""
    with _opened(path) as archive:
        document = archive.read(MANIFEST, MOST)
    try:
        body, signers = signing.signed_by(document, CTX, [signing.public_text(key) for key in sealers])
    except signing.SigningError:
        raise BackupRefused("not a backup of Faro's database") from None
    if not signers:
        raise BackupRefused("the backup was not made under the sealer's key that lies here, nor under a former one")
    if not _is_of_this_kind(body):
        raise BackupRefused("not a backup that this Faro knows")
    return body, signers


def _is_of_this_kind(body: signing.Json) -> bool:
    """Has it what is read of it below? An older one lacks tables that came later."""
    try:
        return (
            {reports.name, audit_table.name} <= set(body["tables"])
            and all(_is_table(about) for about in body["tables"].values())
            and all(isinstance(about["sha256"], str) for about in body["files"].values())
            and all(isinstance(number, int) for number in body["left"].values())
            and all(isinstance(body[name], str) for name in ("taken", "version"))
        )
    except (KeyError, TypeError, AttributeError):
        return False


def _is_table(about: signing.Json) -> bool:
    columns = isinstance(about["columns"], list) and all(isinstance(name, str) for name in about["columns"])
    return columns and isinstance(about["rows"], int) and isinstance(about["sha256"], str)


def files(path: Path, body: signing.Json) -> dict[str, bytes]:
    """The files that lay beside the keys, by name. Raises BackupRefused."""
    found: dict[str, bytes] = {}
    with _opened(path) as archive:
        for name, about in body["files"].items():
            found[name] = archive.read(f"files/{name}", MOST)
            if hashlib.sha256(found[name]).hexdigest() != about["sha256"]:
                raise BackupRefused(f"files/{name} was changed")
    return found


def load(
    url: str, path: Path, sealers: Sequence[Ed25519PublicKey], present: Ed25519PrivateKey | None = None
) -> Restored:
    """Fills an empty database. `present`: the sealer that goes on with the chain, where it may be another than the one
    that signed the backup. Raises BackupRefused, and what SQLAlchemy says of the database."""
    body, signers = _manifest(path, sealers)
    former = present is not None and signing.public_text(present.public_key()) not in signers
    engine = sqlalchemy.create_engine(sqlalchemy_url(url), hide_parameters=True, poolclass=sqlalchemy.NullPool)
    try:
        with engine.begin() as connection:
            _make_tables(connection, str(body["version"]))
            with _opened(path) as archive:
                for name in [table.name for table in KEPT if table.name in body["tables"]]:
                    _fill(connection, archive, name, body["tables"][name])
            command.upgrade(alembic_config(connection), "head")
            head = _proved(connection, sealers)
            return Restored(body, _taken_over(connection, head, present) if former and present else head, former)
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


def _fill(connection: sqlalchemy.Connection, archive: PlainTar, table: str, about: signing.Json) -> None:
    raw = cast("psycopg.Connection", connection.connection.driver_connection)
    source, digest = archive.file(f"tables/{table}"), hashlib.sha256()
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


def _taken_over(connection: sqlalchemy.Connection, head: Head, present: Ed25519PrivateKey) -> Head:
    """Without that row the next one that the present sealer signs would break the chain."""
    row = audit.taken_over(head, present)
    audit.put(connection, row)
    return Head(row.seq, row.hash)


def _check_report(report_id: str, sealed: bytes, digests: dict[str, str]) -> None:
    try:
        kinds = {stanza.type for stanza in age.read_header(sealed).stanzas}
    except age.AgeError:
        raise BackupRefused(f"report {report_id} is not an age file") from None
    if kinds != {"mlkem768x25519"}:
        raise BackupRefused(f"report {report_id} is addressed to another kind of key")
    if digests.get(report_id) != envelope.payload_sha256(sealed).hex():
        raise BackupRefused(f"report {report_id} is not the file that was sealed")


@contextmanager
def _opened(path: Path) -> Iterator[PlainTar]:
    try:
        with plain_tar.opened(path) as archive:
            yield archive
    except TarRefused as error:
        raise BackupRefused(f"not a backup of Faro's database: {error}") from None
