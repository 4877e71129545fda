"""The database as one file: the tables that must outlive the machine, as they stood at one moment.

    manifest.json     signed by the sealer: when, tables' version, and of every other member rows, bytes and SHA-256
    tables/<name>     PostgreSQL's binary COPY of the columns that the manifest names
    files/<name>      what lies beside the keys and is no secret: roster, telephone numbers, placements

A tar, and nothing in it is in the clear that is not so in the database: reports are age files to the officers, digests
are keyed. COPY and not pg_dump: it asks for no program of the server's version, and takes only what is meant to last.
"""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg import sql
from sqlalchemy import Table

from storage import signing, tables
from storage.database import libpq_url

CTX = "faro/backup/v1"
MANIFEST = "manifest.json"

# In an order in which no row names one that is not there yet.
KEPT = (
    tables.reports, tables.report_parts, tables.report_units, tables.receipts, tables.deliveries, tables.audit,
    tables.roster_seen, tables.contents, tables.seen, tables.statistics, tables.console_notes,
)  # fmt: skip
# Their keys are never in a backup, so that nobody could read them: they are left out, and told at the end.
# Officers sign in anew.
LEFT = (
    tables.conversations, tables.inbox, tables.outbox, tables.attachments, tables.mailboxes, tables.mail, tables.counts,
    tables.tallies, tables.console_sessions, tables.copies,
)  # fmt: skip


def write(url: str, path: Path, signer: Ed25519PrivateKey, files: Mapping[str, Path]) -> signing.Json:
    """Writes a new file that only its owner may read, from one snapshot. Gives the manifest's body.

    Raises FileExistsError, and what psycopg says of the database.
    """
    with _snapshot(url) as connection, _new(path) as target, tarfile.open(fileobj=target, mode="w") as archive:
        body: signing.Json = {
            "ctx": CTX,
            "taken": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "version": str(_one(connection, "SELECT version_num FROM alembic_version")),
            "tables": {table.name: _table(connection, archive, table, path.parent) for table in KEPT},
            "left": {table.name: _count(connection, table) for table in LEFT},
            "files": {name: _file(archive, name, source) for name, source in files.items()},
        }
        _add(archive, MANIFEST, signing.sign(body, signer))
    return body


@contextmanager
def _snapshot(url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(libpq_url(url)) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        yield connection


@contextmanager
def _new(path: Path) -> Iterator[IO[bytes]]:
    """On disk when the block ends; gone again if it raises, since half a backup looks like one."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        path.unlink()
        raise


def _table(connection: psycopg.Connection, archive: tarfile.TarFile, table: Table, folder: Path) -> signing.Json:
    """A tar must know a member's size first: the table goes through a nameless file beside the archive."""
    columns = [column.name for column in table.columns]
    statement = copying(table.name, columns, sql.SQL("TO STDOUT"))
    digest = hashlib.sha256()
    with tempfile.TemporaryFile(dir=folder) as spool, connection.cursor() as cursor:
        with cursor.copy(statement) as copy:
            for block in copy:
                digest.update(block)
                spool.write(block)
        member = tarfile.TarInfo(f"tables/{table.name}")
        member.size, member.mode = spool.tell(), 0o600
        spool.seek(0)
        archive.addfile(member, spool)
    return {"columns": columns, "rows": _count(connection, table), "bytes": member.size, "sha256": digest.hexdigest()}


def copying(table: str, columns: list[str], way: sql.SQL) -> sql.Composed:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) {} (FORMAT binary)").format(sql.Identifier(table), names, way)


def _file(archive: tarfile.TarFile, name: str, source: Path) -> signing.Json:
    data = source.read_bytes()
    _add(archive, f"files/{name}", data)
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(data), 0o600
    with tempfile.SpooledTemporaryFile() as spool:
        spool.write(data)
        spool.seek(0)
        archive.addfile(member, spool)


def _count(connection: psycopg.Connection, table: Table) -> int:
    return int(_one(connection, sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table.name))))


def _one(connection: psycopg.Connection, query: Any) -> Any:
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]
