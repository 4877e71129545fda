import pytest

from storage import audit, envelope
from storage.envelope import Part
from tests.bot.office import OFFICER, UNIT


def test_waiting_reports_are_listed_most_urgent_first(office):
    later, urgent = office.file(tier="P2"), office.file(tier="P0")
    code, output = office.run("list", "--unit", UNIT)
    assert code == 0
    assert output.index(urgent.hex()) < output.index(later.hex())
    assert output.count("waiting") == 2
    assert "2 reports for coat" in output
    assert "0 reports for icbf" in office.run("list", "--unit", "icbf")[1]


def test_fetched_report_opens_with_the_key_of_the_unit(office, tmp_path):
    large = bytes(4 * 1024 * 1024 + 1)
    report = office.file(Part("att/1.mp4", large)).hex()
    code, _ = office.run("fetch", report, "--unit", UNIT, "--officer", OFFICER, "--out", "in")
    assert code == 0
    assert {path.name for path in (tmp_path / "in").iterdir()} == {f"{report}.age", f"{report}.att1.age"}
    place = office.data_dir / "practice"
    options = ("--key", place / f"{UNIT}.key", "--passphrase-file", place / "passphrase", "--save", "out")
    code, output = office.run("open", f"in/{report}.age", *options)
    assert code == 0
    assert "PRACTICE" in output
    assert "made-up words" in output
    assert "WARNING" not in output
    assert (tmp_path / "out" / f"{report}.att1.mp4").read_bytes() == large


def test_what_an_officer_did_is_in_the_audit_chain(office):
    report = office.file().hex()
    who = ("--unit", UNIT, "--officer", OFFICER)
    assert office.run("fetch", report, *who)[0] == 0
    assert office.run("acknowledge", report, *who) == (0, "Acknowledged.\n")
    assert office.run("acknowledge", report, *who) == (0, "Was acknowledged before.\n")
    assert office.events() == ["sealed", "fetched", "acknowledged"]
    assert f"acknowledged by {OFFICER}" in office.run("list", "--unit", UNIT)[1]


def test_digest_in_the_chain_is_that_of_the_fetched_file(office, tmp_path):
    report = office.file()
    office.run("fetch", report.hex(), "--unit", UNIT, "--officer", OFFICER)
    digest = envelope.payload_sha256((tmp_path / f"{report.hex()}.age").read_bytes()).hex()
    assert all(digest in row.body.decode() for row in office.within(audit.rows))


def test_only_officer_of_a_unit_need_not_say_who_it_is(office):
    report = office.file().hex()
    assert office.run("acknowledge", report, "--unit", UNIT) == (0, "Acknowledged.\n")
    assert f"acknowledged by {OFFICER}" in office.run("list", "--unit", UNIT)[1]


@pytest.mark.parametrize(
    ("unit", "who", "report"),
    [("coat", "somebody", None), ("icbf", OFFICER, None), ("icbf", "practice-icbf", None), (UNIT, OFFICER, "00" * 16),
     (UNIT, OFFICER, "words")],
    ids=["unknown officer", "officer of another unit", "report of another unit", "no such report", "no id"],
)  # fmt: skip
def test_report_is_for_officers_of_its_unit_only(office, unit, who, report):
    report = report or office.file().hex()
    before = office.events()
    for command in ("fetch", "acknowledge"):
        code, output = office.run(command, report, "--unit", unit, "--officer", who)
        assert (code, output.count("\n")) == (2, 1)
    assert office.events() == before


def test_unknown_unit_and_missing_database_are_told_in_one_line(office, monkeypatch, tmp_path):
    code, output = office.run("list", "--unit", "nowhere")
    units = "coat, fiscalia, icbf, practice-consulate, practice-es, practice-support"
    assert (code, output) == (2, f"Error: no such unit; the roster has {units}.\n")
    monkeypatch.setenv("FARO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    code, output = office.run("list", "--unit", UNIT)
    assert (code, output.count("\n")) == (2, 1)
    monkeypatch.delenv("FARO_DATABASE_URL")
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path))
    assert office.run("list", "--unit", UNIT)[0] == 2
