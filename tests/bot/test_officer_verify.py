import secrets

import pytest
from sqlalchemy import update

from storage.tables import audit as audit_table
from storage.tables import reports as reports_table
from tests.bot.office import OFFICER, UNIT

ROSTER = "practice/roster.json"


def test_whole_chain_is_called_whole(office):
    for _ in range(9):  # a signed row is among them
        office.file()
    code, output = office.run("verify")
    assert code == 0
    assert "The audit chain is whole: 9 rows, head" in output
    assert "Proved against the chain: 9 stored reports." in output


def test_stored_report_that_was_exchanged_is_found(office):
    report, other = office.file(), office.file()
    office.run("fetch", other.hex(), "--unit", UNIT, "--officer", OFFICER)
    other_file = b"age-encryption.org/v1\n-> x\n\n--- " + b"A" * 43 + b"\n"
    exchanged = update(reports_table).where(reports_table.c.id == report).values(sealed=other_file)
    office.within(lambda tx: tx.execute(exchanged))
    code, output = office.run("verify")
    assert code == 2
    assert report.hex() in output
    assert other.hex() not in output


def test_exported_chain_is_verified_away_from_the_server(office, monkeypatch, tmp_path):
    office.file()
    assert office.run("verify", "--export", "chain", "--note", "head")[0] == 0
    office.file()
    office.run("verify", "--export", "longer")
    monkeypatch.setenv("FARO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    options = ("--roster", office.data_dir / ROSTER)
    for chain in ("chain", "longer"):
        code, output = office.run("verify", "--chain", chain, "--witness", "head", *options)
        assert code == 0
        assert "The audit chain is whole" in output


def test_cut_off_end_is_seen_by_the_head_that_was_noted(office, tmp_path):
    office.file()
    office.run("verify", "--export", "short")
    office.file()
    office.run("verify", "--note", "head")
    options = ("--roster", office.data_dir / ROSTER)
    assert office.run("verify", "--chain", "short", *options)[0] == 0
    code, output = office.run("verify", "--chain", "short", "--witness", "head", *options)
    assert code == 2
    assert "rolled_back" in output


def test_changed_row_is_found(office):
    for _ in range(3):
        office.file()
    changed = update(audit_table).where(audit_table.c.seq == 2).values(body=secrets.token_bytes(40))
    office.within(lambda tx: tx.execute(changed))
    code, output = office.run("verify")
    assert code == 2
    assert "row 2: changed" in output


@pytest.mark.parametrize("content", [b"words", b"{}"])
def test_what_is_no_chain_and_no_head_is_refused(office, tmp_path, content):
    (tmp_path / "bad").write_bytes(content)
    office.run("verify", "--export", "chain")
    options = ("--roster", office.data_dir / ROSTER)
    assert office.run("verify", "--chain", "bad", *options)[0] == 2
    assert office.run("verify", "--chain", "chain", "--witness", "bad", *options)[0] == 2
