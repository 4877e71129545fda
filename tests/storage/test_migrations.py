"""Every version of the tables serves the code of the version before it (storage/migrations/README.md)."""

from __future__ import annotations

import ast
import re
import threading
import tomllib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import sqlalchemy
from alembic import command
from alembic.script import ScriptDirectory

from storage import database as base
from storage.database import MIGRATIONS, alembic_config, libpq_url, migrate, sqlalchemy_url
from storage.errors import TablesBusy

FILES = sorted((MIGRATIONS / "versions").glob("*.py"))
ROOT = Path(__file__).parents[2]

TAKES_AWAY = {"drop_table", "drop_column", "drop_constraint", "drop_index", "rename_table", "alter_column"}
ADDS = {"create_table", "add_column", "create_index", "create_check_constraint", "f", "get_bind", "execute"}
BAD_SQL = re.compile(r"\b(DROP|RENAME|TRUNCATE|UPDATE|DELETE|SET NOT NULL|TYPE)\b", re.IGNORECASE)


def calls(file: Path) -> list[ast.Call]:
    """What `upgrade` asks Alembic for."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    (upgrade,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "upgrade"]
    return [node for node in ast.walk(upgrade) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name) and node.func.value.id == "op"]  # fmt: skip


def unused_since(file: Path) -> str | None:
    found = re.search(r'^unused_since = "(\d+\.\d+\.\d+)"', file.read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1) if found else None


def offences(file: Path) -> list[str]:
    found = []
    for call in calls(file):
        assert isinstance(call.func, ast.Attribute)
        name = call.func.attr
        if name in TAKES_AWAY or name not in ADDS:
            found.append(name)
        if name == "execute" and BAD_SQL.search(ast.unparse(call)):
            found.append("execute")
    return found


def test_no_migration_takes_away_what_the_release_before_it_uses() -> None:
    assert len(FILES) >= 5
    assert {file.name: offences(file) for file in FILES if offences(file) and not unused_since(file)} == {}


def test_what_is_taken_away_names_a_release_that_is_out() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    named = [since for file in FILES if (since := unused_since(file))]
    assert [since for since in named if tuple(map(int, since.split("."))) >= tuple(map(int, version.split(".")))] == []


@pytest.mark.parametrize("line", [
    'op.drop_column("receipts", "memo")', 'op.rename_table("audit", "chain")',
    'op.execute("ALTER TABLE a RENAME TO b")',
    'op.alter_column("audit", "body", type_=sa.Text())', 'op.execute("UPDATE audit SET body = NULL")',
    'op.execute("ALTER TABLE audit ALTER COLUMN body SET NOT NULL")', 'op.bulk_insert(table, rows)',
])  # fmt: skip
def test_the_rule_sees_it(tmp_path: Path, line: str) -> None:
    file = tmp_path / "0009_bad.py"
    file.write_text(f"from alembic import op\n\n\ndef upgrade() -> None:\n    {line}\n")
    assert len(offences(file)) == 1


# On real tables, version by version.


@dataclass(frozen=True)
class Tables:
    """`columns`: (table, column) to type, may be null, has a default; `rules`: constraint to its table and columns."""

    columns: dict[tuple[str, str], tuple[str, bool, bool]]
    rules: dict[str, tuple[str, frozenset[str]]]

    @classmethod
    def of(cls, connection: sqlalchemy.Connection) -> Tables:
        columns = connection.execute(sqlalchemy.text(
            "SELECT table_name, column_name, udt_name, is_nullable = 'YES',"
            " column_default IS NOT NULL OR is_identity = 'YES'"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE 'procrastinate%'"
        ))  # fmt: skip
        rules = connection.execute(sqlalchemy.text(
            "SELECT c.conname, r.relname, array_agg(a.attname) FROM pg_constraint AS c JOIN pg_class AS r"
            " ON r.oid = c.conrelid JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum = ANY(c.conkey)"
            " WHERE c.contype <> 'n' GROUP BY 1, 2"
        ))  # fmt: skip
        return cls({(row[0], row[1]): (row[2], row[3], row[4]) for row in columns},
                   {row[0]: (row[1], frozenset(row[2])) for row in rules})  # fmt: skip

    @property
    def names(self) -> set[str]:
        return {table for table, _ in self.columns}


def broken(old: Tables, new: Tables) -> list[str]:
    """What code that was written for the old tables would trip over in the new ones."""
    found = [f"{place} is gone or of another type" for place, (kind, _, _) in old.columns.items()
             if new.columns.get(place, ("",))[0] != kind]  # fmt: skip
    found += [f"{place} may no longer be null" for place, (_, null, _) in old.columns.items()
              if null and not new.columns.get(place, ("", True))[1]]  # fmt: skip
    fresh = {place: shape for place, shape in new.columns.items() if place not in old.columns and place[0] in old.names}
    found += [f"{place} must be given" for place, (_, null, default) in fresh.items() if not (null or default)]
    for name, (table, columns) in new.rules.items():
        if table in old.names and name not in old.rules and any((table, column) in old.columns for column in columns):
            found.append(f"{name} binds columns that were free")
    return found


def test_code_of_each_version_runs_on_the_tables_of_the_next(empty_database_url: str) -> None:
    engine = sqlalchemy.create_engine(sqlalchemy_url(empty_database_url), poolclass=sqlalchemy.NullPool)
    seen: list[Tables] = []
    for revision in revisions():
        with engine.begin() as connection:
            command.upgrade(alembic_config(connection), revision)
            seen.append(Tables.of(connection))
    assert len(seen) == len(FILES)
    assert len(seen[-1].columns) > 60
    assert [broken(before, after) for before, after in pairwise(seen[1:]) if broken(before, after)] == []


@pytest.mark.parametrize(("change", "said"), [
    ("ALTER TABLE receipts DROP COLUMN memo", "is gone or of another type"),
    ("ALTER TABLE inbox ALTER COLUMN attempts TYPE bigint", "is gone or of another type"),
    ("ALTER TABLE receipts ALTER COLUMN memo SET NOT NULL", "may no longer be null"),
    ("ALTER TABLE inbox ADD COLUMN kind text NOT NULL", "must be given"),
    ("ALTER TABLE inbox ADD CHECK (attempts < 9)", "binds columns that were free"),
])  # fmt: skip
def test_the_comparison_sees_it(database_url: str, change: str, said: str) -> None:
    engine = sqlalchemy.create_engine(sqlalchemy_url(database_url), poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        before = Tables.of(connection)
        connection.execute(sqlalchemy.text(change))
        (found,) = broken(before, Tables.of(connection))
    assert said in found


def revisions() -> list[str]:
    return [script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()][::-1]


# While others use the tables.


def at(url: str, revision: str) -> None:
    engine = sqlalchemy.create_engine(sqlalchemy_url(url), poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)


def test_a_table_that_others_hold_is_waited_for_only_shortly_and_nothing_is_changed(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LOCK_SECONDS", 1)
    monkeypatch.setattr(base, "TRIES", 1)
    at(empty_database_url, "0003")
    with psycopg.connect(libpq_url(empty_database_url)) as other:
        other.execute("SELECT * FROM receipts")  # and goes on with its transaction
        with pytest.raises(TablesBusy):
            migrate(empty_database_url)
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == ("0003",)


def test_it_is_tried_again_until_they_let_go(empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "LOCK_SECONDS", 1)
    monkeypatch.setattr(base, "PAUSE_SECONDS", 0.1)
    at(empty_database_url, "0003")
    with psycopg.connect(libpq_url(empty_database_url)) as other:
        other.execute("SELECT * FROM receipts")
        letting_go = threading.Timer(1.5, other.rollback)
        letting_go.start()
        migrate(empty_database_url)
        letting_go.join()
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == (revisions()[-1],)
