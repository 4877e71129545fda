"""Backup and restore by the commands that an operator types."""

from __future__ import annotations

import asyncio
import hashlib
import re
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.cli import faro
from storage import age, audit, receipt, reports
from storage import backup as backups
from storage.database import Database, libpq_url
from storage.identity import OfficerKey, new_key, write_key_file
from storage.keys import KeyRing
from tests.bot.office import OFFICER, UNIT, Office
from tests.bot.test_filing import ANONYMOUS, tell
from tests.bot.test_resume import TOLD, code_of
from tests.house import House
from tests.promises import files_with

PASSPHRASE = "made up for a test"


@pytest.fixture
def keeper(tmp_path: Path) -> OfficerKey:
    """Who may bring the server back: `keeper.card`, and `keeper.key` under a passphrase."""
    key = new_key()
    write_key_file(tmp_path / "keeper.key", key, PASSPHRASE)
    (tmp_path / "keeper.card").write_bytes(key.card("keeper"))
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    return key


@pytest.fixture
def elsewhere() -> Iterator[Path]:
    """A new machine's data folder, open for the account of an embedded database."""
    with tempfile.TemporaryDirectory(prefix="faro-") as folder:
        yield Path(folder) / "data"


def typed(*arguments: object, **settings: object) -> Result:
    environment = {f"FARO_{name.upper()}": str(value) for name, value in settings.items()}
    return CliRunner().invoke(faro, [str(argument) for argument in arguments], env=environment)


def opening(folder: Path) -> tuple[object, ...]:
    return "--key", folder / "keeper.key", "--passphrase-file", folder / "passphrase"


async def test_on_a_new_server_officers_open_what_was_reported_before_and_codes_and_chain_go_on(
    house: House, keeper: OfficerKey, tmp_path: Path, empty_database_url: str, elsewhere: Path
) -> None:
    code, out = code_of(await tell(house, ANONYMOUS)), tmp_path / "out"
    here = house.service.settings
    old = {"data_dir": here.data_dir, "database_url": here.database_url, "roster_keys": ",".join(here.roster_keys)}
    new = old | {"data_dir": elsewhere, "database_url": empty_database_url}
    saved = await asyncio.to_thread(typed, "backup", out, "--to", tmp_path / "keeper.card", **old)
    assert saved.exit_code == 0, saved.output
    assert "Keep the two apart" in saved.output
    back = await asyncio.to_thread(typed, "restore", out, *opening(tmp_path), **new)
    assert back.exit_code == 0, back.output
    assert "The audit chain is whole: 1 row," in back.output
    assert "Proved against the chain: 1 report." in back.output
    assert "Gone on purpose: conversations that were under way (1)" in back.output
    fetch = ("officer", "fetch", (await _ids(empty_database_url))[0], "--unit", "coat", "--out", tmp_path / "in")
    fetched = await asyncio.to_thread(typed, *fetch, **new)
    assert fetched.exit_code == 0, fetched.output
    (sealed,) = (tmp_path / "in").iterdir()
    assert TOLD.encode() in age.decrypt(sealed.read_bytes(), [house.officers.keys["coat"].identity])
    verified = await asyncio.to_thread(typed, "officer", "verify", **new)
    assert "The audit chain is whole: 2 rows" in verified.output
    assert await _leads_back(code, elsewhere, empty_database_url)


async def _ids(url: str) -> list[str]:
    async with await psycopg.AsyncConnection.connect(libpq_url(url)) as connection:
        found = await (await connection.execute("SELECT encode(id, 'hex') FROM reports")).fetchall()
    return [id for (id,) in found]


async def _leads_back(code: str, data_dir: Path, url: str) -> bool:
    found = await asyncio.to_thread(receipt.derive, receipt.normal(code), KeyRing.open(data_dir / "keys").pepper)
    database = Database(url, pool=1)
    try:
        async with database.begin() as tx:
            case = await reports.case_of(tx, found.lookup)
    finally:
        await database.close()
    return case is not None and bool(receipt.open_memo(case.memo, found.identity))


async def test_a_backup_holds_no_word_and_no_key_that_is_meant_to_vanish(
    house: House, keeper: OfficerKey, tmp_path: Path
) -> None:
    await tell(house, ANONYMOUS)
    here = house.service.settings
    settings = {"data_dir": here.data_dir, "database_url": here.database_url, "roster_keys": ",".join(here.roster_keys)}
    await asyncio.to_thread(typed, "backup", tmp_path / "out", "--to", tmp_path / "keeper.card", **settings)
    assert files_with(tmp_path / "out", [TOLD, "Zarzamora"]) == []
    keys = here.data_dir / "keys"
    blobs = [path.read_bytes() for path in (tmp_path / "out").iterdir()]
    assert len(blobs) == 2
    assert list(keys.glob("epochs/*.key"))
    assert not any(path.read_bytes() in blob for path in keys.rglob("*.key") for blob in blobs)
    packed = age.decrypt((tmp_path / "out" / "keys.age").read_bytes(), [keeper.identity])
    assert (keys / "pepper.key").read_bytes() in packed
    assert not any(
        path.read_bytes() in packed for name in ("epochs", "pseudonyms") for path in keys.glob(f"{name}/*.key")
    )
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "out").iterdir())


def test_an_embedded_database_is_brought_back_into_an_empty_folder(
    office: Office, keeper: OfficerKey, tmp_path: Path, elsewhere: Path
) -> None:
    report = office.file().hex()
    saved = typed("backup", "out", "--to", "keeper.card", "--keys", "apart")
    assert saved.exit_code == 0, saved.output
    assert {path.name for path in (tmp_path / "apart").iterdir()} == {"keys.age"}
    new = {"data_dir": elsewhere, "database_url": ""}
    back = typed("restore", "out", "--keys", "apart", *opening(tmp_path), **new)
    assert back.exit_code == 0, back.output
    listed = typed("officer", "list", "--unit", UNIT, **new)
    assert report in listed.output
    assert typed("officer", "fetch", report, "--unit", UNIT, "--officer", OFFICER, **new).exit_code == 0
    options = ("--key", elsewhere / "practice" / f"{UNIT}.key", "--passphrase-file", elsewhere / "practice/passphrase")
    assert "made-up words" in typed("officer", "open", f"{report}.age", *options, **new).output
    again = typed("backup", "again", "--to", "keeper.card", **new)  # also of one that does not run
    assert "reports 1," in again.output


def test_a_backup_of_a_former_sealer_comes_back_and_the_chain_goes_on_under_the_present_one(
    own: Office, keeper: OfficerKey, tmp_path: Path, elsewhere: Path
) -> None:
    """The older database, with the keys of a later day: on a new machine nothing else knows the former sealer."""
    report = own.file().hex()
    for _ in range(8):
        own.file()
    assert typed("backup", "older", "--to", "keeper.card").exit_code == 0
    rotated = typed("keys", "rotate", "sealer")
    assert rotated.exit_code == 0, rotated.output
    assert typed("backup", "newer", "--to", "keeper.card").exit_code == 0
    new = {"data_dir": elsewhere, "database_url": ""}
    back = typed("restore", "older", "--keys", "newer", *opening(tmp_path), **new)
    assert back.exit_code == 0, back.output
    assert "It is of a former sealer: row 10 of the chain says" in back.output
    for _ in range(8):  # the present sealer signs one of their rows
        fetched = typed("officer", "fetch", report, "--unit", UNIT, "--officer", OFFICER, "--out", "in", **new)
        assert fetched.exit_code == 0, fetched.output
        next((tmp_path / "in").iterdir()).unlink()
    verified = typed("officer", "verify", **new)
    assert "The audit chain is whole: 18 row" in verified.output, verified.output


def test_a_strangers_backup_is_refused_also_where_a_former_sealer_would_be_known(
    own: Office, keeper: OfficerKey, tmp_path: Path, elsewhere: Path, empty_database_url: str
) -> None:
    """It even holds a row in which the stranger names our sealer as the next: a public key is enough for that."""
    own.file()
    assert typed("keys", "rotate", "sealer").exit_code == 0
    stranger, ours = KeyRing.open(elsewhere / "keys").sealer_key(), own.keys.sealer_key().public_key()

    async def forged(tx: AsyncConnection) -> None:
        await tx.execute(text("DELETE FROM audit"))
        digest = hashlib.sha256(ours.public_bytes_raw()).digest()
        await audit.append(tx, audit.SEALER, None, "sealer", digest, stranger, signed=True)

    own.within(forged)
    (tmp_path / "out").mkdir()
    backups.write(own.url, tmp_path / "out" / "database.tar", stranger, {})
    _refused(typed("restore", "out", database_url=empty_database_url), "not made under the sealer's key")


def test_a_file_that_no_backup_has_is_not_laid(own: Office, keeper: OfficerKey, tmp_path: Path) -> None:
    """Whoever has the keeper's card can seal a sealer's key of their own to it, and sign what they like with that."""
    (tmp_path / "theirs").write_bytes(b"theirs")
    (tmp_path / "out").mkdir()
    files = {"keys/handle-1.key": tmp_path / "theirs"}
    backups.write(own.url, tmp_path / "out" / "database.tar", own.keys.sealer_key(), files)
    _refused(typed("restore", "out"), "a file that no backup has")
    assert not (own.data_dir / "keys" / "handle-1.key").exists()


def test_in_practice_the_practice_officers_can_open_the_keys(office: Office, tmp_path: Path) -> None:
    assert typed("backup", "out").exit_code == 0
    place = office.data_dir / "practice"
    back = typed("restore", "out", "--key", place / f"{UNIT}.key", "--passphrase-file", place / "passphrase")
    assert back.exit_code == 0, back.output  # the keys that lie there are the same, and nothing was reported yet


def test_a_full_database_other_keys_and_a_second_backup_into_one_folder_are_refused(
    office: Office, keeper: OfficerKey, tmp_path: Path, elsewhere: Path
) -> None:
    office.file()
    assert typed("backup", "out", "--to", "keeper.card").exit_code == 0
    _refused(typed("backup", "out", "--to", "keeper.card"), "is there already")
    _refused(typed("restore", "out"), "the database is not empty: there are rows in audit, report_units, reports")
    _refused(typed("restore", "out", data_dir=elsewhere), "there are no keys in")
    KeyRing.open(elsewhere / "keys").sealer_key()
    _refused(typed("restore", "out", data_dir=elsewhere), "not made under the sealer's key")
    _refused(typed("restore", "out", *opening(tmp_path), data_dir=elsewhere), "nothing is replaced")


def test_the_lines_of_the_page_on_running_save_and_bring_back(
    own: Office, keeper: OfficerKey, tmp_path: Path, empty_database_url: str
) -> None:
    """Typed as they stand there, in a folder of the test; and the two files never lie in one."""
    page = (Path(__file__).parents[2] / "deploy" / "README.md").read_text("utf-8")
    lines = re.findall(r"^ {4}.*\./run faro ((?:backup|restore) .*)$", page, re.MULTILINE)
    assert [line.split()[0] for line in lines] == ["backup", "restore", "backup"]
    own.file()
    for line, new in zip(lines, ({}, {"database_url": empty_database_url}, {}), strict=True):
        given = re.sub(r"/backup|\$\(date \+\\%F\)", lambda found: {"/": "b"}.get(found[0][0], "today"), line)
        arguments = [*given.split(), *(opening(tmp_path)[2:] if "restore" in line else ())]
        done = typed(*arguments, **new)
        assert done.exit_code == 0, (line, done.output)
    saved = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.name in ("database.tar", "keys.age")}
    assert saved == {Path("DIR/database.tar"), Path("KEYS/keys.age"),
                     Path("b/database/today/database.tar"), Path("b/keys/today/keys.age")}  # fmt: skip


def test_without_a_card_a_real_server_is_not_backed_up(office: Office, keeper: OfficerKey, tmp_path: Path) -> None:
    _refused(typed("backup", "out", roster_keys="00" * 32), "name cards with --to")
    assert not (tmp_path / "out").exists()


def test_a_backup_that_was_changed_leaves_the_database_empty(
    office: Office, keeper: OfficerKey, tmp_path: Path, empty_database_url: str
) -> None:
    office.file()
    assert typed("backup", "out", "--to", "keeper.card").exit_code == 0
    path = tmp_path / "out" / "database.tar"
    with tarfile.open(path) as archive:
        at = archive.getmember("tables/reports").offset_data
    data = bytearray(path.read_bytes())
    data[at + 2000] ^= 1
    path.write_bytes(data)
    _refused(typed("restore", "out", database_url=empty_database_url), "tables/reports was changed")
    with psycopg.connect(libpq_url(empty_database_url)) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone() == (0,)


def _refused(result: Result, why: str) -> None:
    assert result.exit_code == 2
    assert why in result.output
    assert result.output.count("\n") == 1
