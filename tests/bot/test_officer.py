import stat
from datetime import date

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.officer import officer
from storage import age, identity, roster_draft, signing
from storage.envelope import Part
from storage.roster import Unit, parse_body
from tests.storage.sealing import DAY, REPORT_ID, Desk

PASSPHRASE = "made-up passphrase"
LATER = date(2100, 1, 1)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command as typed in an empty folder; standard output and error in one text."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path / "var"))

    def typed(*arguments, keyboard=None):
        result = CliRunner().invoke(officer, [str(argument) for argument in arguments], input=keyboard)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return typed


@pytest.fixture
def place(tmp_path):
    """Two officers, a roster signed by two directors, and a sealed report of theirs."""
    return Place(tmp_path)


class Place:
    def __init__(self, folder):
        self.folder, self.desk = folder, Desk(officers=[identity.new_key(), identity.new_key()])
        directors = [Ed25519PrivateKey.generate() for _ in range(2)]
        document = roster_draft.new([self.desk.sealer.public_key()], issued=DAY, expires=LATER)
        document = roster_draft.add_unit(document, "coat", Unit("COAT", "CO", None, "coordination", False))
        for number, key in enumerate(self.desk.officers):
            document = roster_draft.add_officer(document, "coat", key.card(f"coat-{number}"), DAY, LATER)
            self.write(f"coat-{number}.key", key.identity.secret().encode())
        for director in directors:
            document = roster_draft.sign(document, director)
        self.roster = self.write("roster.json", document)
        self.body = parse_body(roster_draft.body(document))
        self.write("directors", "\n".join(signing.public_text(key.public_key()) for key in directors).encode())
        self.directors = [signing.public_text(key.public_key()) for key in directors]
        self.options = ("--key", folder / "coat-0.key", "--roster", self.roster)

    def write(self, name, data):
        (self.folder / name).write_bytes(data)
        return self.folder / name

    def report(self, *parts, **changes):
        sealed = self.desk.seal(*parts, **{"roster": self.body.ref, **changes})
        for file, data in sealed.detached.items():
            self.write(f"{REPORT_ID.hex()}.{file}", data)
        return self.write(f"{REPORT_ID.hex()}.age", sealed.data)


def test_report_is_shown_with_what_was_verified(run, place):
    code, output = run("open", place.report(text="Palabras inventadas: ñandú".encode()), *place.options)
    assert code == 0
    assert "Palabras inventadas: ñandú" in output
    assert "Signature, recipients, parts and ids verified." in output
    assert "Can be read by: coat-0 (coat), coat-1 (coat)." in output or "coat-1 (coat), coat-0 (coat)." in output
    assert REPORT_ID.hex() in output
    assert "WARNING" not in output
    assert "PRACTICE" not in output


def test_words_of_a_person_cannot_steer_the_terminal(run, place):
    code, output = run("open", place.report(text=b"a\x1b[2Jb\xe2\x80\xaec"), *place.options)
    assert code == 0
    assert not set(output) & set("\x1b\u202e")
    assert "a<U+001B>[2Jb<U+202E>c" in output


def test_nothing_is_written_unless_asked_for(run, place, tmp_path):
    report = place.report(Part("att/1.jpg", b"picture"))
    before = sorted(tmp_path.rglob("*"))
    code, output = run("open", report, *place.options)
    assert (code, "Attachment att/1.jpg, 7 bytes." in output) == (0, True)
    assert sorted(tmp_path.rglob("*")) == before


def test_saved_parts_have_fixed_names_and_are_for_their_owner_alone(run, place, tmp_path):
    large = bytes(4 * 1024 * 1024 + 1)
    report = place.report(Part("att/1.jpg", b"picture"), Part("att/2.mp4", large))
    code, _ = run("open", report, *place.options, "--save", tmp_path / "out")
    stem = REPORT_ID.hex()
    saved = {path.name: path for path in (tmp_path / "out").iterdir()}
    assert code == 0
    assert set(saved) == {f"{stem}.{name}" for name in ("report.txt", "report.json", "att1.jpg", "att2.mp4")}
    assert saved[f"{stem}.att2.mp4"].read_bytes() == large
    assert {stat.S_IMODE(path.stat().st_mode) for path in saved.values()} == {0o600}
    assert run("open", report, *place.options, "--save", tmp_path / "out")[0] == 2  # nothing is replaced


def test_attachment_file_that_is_not_there_is_told_in_one_line(run, place, tmp_path):
    report = place.report(Part("att/2.mp4", bytes(4 * 1024 * 1024 + 1)))
    (tmp_path / f"{REPORT_ID.hex()}.att2.age").unlink()
    assert run("open", report, *place.options)[0] == 0
    code, output = run("open", report, *place.options, "--save", tmp_path / "out")
    assert code == 2
    assert "att2.age" in output


def test_practice_report_is_called_one_and_a_strange_reader_is_pointed_out(run, place):
    stranger = identity.new_key().recipient
    report = place.report(practice=True, recipients=[place.desk.officers[0].recipient, stranger])
    output = run("open", report, *place.options)[1]
    assert "PRACTICE" in output
    assert "a key that the roster does not know" in output
    slipped = age.rewrap(
        place.report().read_bytes(), [place.desk.officers[0].identity],
        [*(key.recipient for key in place.desk.officers), stranger],
    )  # fmt: skip
    assert "more keys can read this file" in run("open", place.write("slipped.age", slipped), *place.options)[1]


@pytest.mark.parametrize(
    "how", ["swapped", "forged", "cut", "not addressed", "no age file", "bad roster", "no director"]
)
def test_what_is_refused_ends_in_one_line_and_code_2(run, place, tmp_path, how):
    report, options = place.report(), place.options
    if how == "swapped":
        report = place.report(report_id=bytes(16))
    elif how == "forged":
        report = place.write("x.age", Desk(officers=place.desk.officers).seal().data)
    elif how == "cut":
        report.write_bytes(report.read_bytes()[:-1])
    elif how == "not addressed":
        place.write("coat-0.key", identity.new_key().identity.secret().encode())
    elif how == "no age file":
        report.write_bytes(b"words")
    elif how == "bad roster":
        place.roster.write_bytes(place.roster.read_bytes().replace(b"COAT", b"CHAT"))
    else:
        (tmp_path / "directors").unlink()
    code, output = run("open", report, *options)
    assert code == 2
    assert "made-up words" not in output
    assert "Traceback" not in output
    assert output.startswith("Error: ")
    assert output.count("\n") == 1


def test_directors_may_be_named_instead_of_lying_beside_the_roster(run, place, tmp_path):
    (tmp_path / "directors").unlink()
    named = [word for key in place.directors for word in ("--director", key)]
    assert run("open", place.report(), *place.options, *named)[0] == 0
    assert run("open", place.report(), *place.options, "--director", place.directors[0], "--threshold", 2)[0] == 2
    assert run("open", place.report(), *place.options, "--director", "00" * 32)[0] == 2


def test_sealer_alone_opens_and_says_what_was_not_checked(run, place):
    sealer = signing.public_text(place.desk.sealer.public_key())
    code, output = run("open", place.report(), "--key", "coat-0.key", "--sealer", sealer)
    assert code == 0
    assert "opened without a roster" in output
    assert run("open", place.report(), "--key", "coat-0.key", "--sealer", "00" * 32)[0] == 2
    assert run("open", place.report(), "--key", "coat-0.key")[0] == 2


def test_key_that_keygen_made_opens_with_its_passphrase_typed_or_in_a_file(run, place, tmp_path):
    (tmp_path / "pass").write_text(PASSPHRASE + "\n")
    code, output = run("keygen", "ana", "--passphrase-file", "pass")
    assert code == 0
    key = identity.read_key_file(tmp_path / "ana.key", PASSPHRASE)
    card = (tmp_path / "ana.card").read_bytes()
    assert roster_draft.read_card(card) == ("ana", key.recipient, key.signing_public)
    assert roster_draft.fingerprint(card) in output
    assert PASSPHRASE not in output
    report = place.report(recipients=[key.recipient])
    options = ("--key", "ana.key", "--roster", place.roster)
    assert run("open", report, *options, "--passphrase-file", "pass")[0] == 0
    assert run("open", report, *options, keyboard=PASSPHRASE + "\n")[0] == 0
    code, output = run("open", report, *options, keyboard="wrong\n")
    assert (code, "the passphrase does not open this key file" in output) == (2, True)


def test_keygen_makes_a_passphrase_shows_it_once_and_replaces_nothing(run, tmp_path):
    code, output = run("keygen", "ana")
    passphrase = output.split("Passphrase, shown only now: ")[1].strip()
    assert code == 0
    assert identity.read_key_file(tmp_path / "ana.key", passphrase)
    assert run("keygen", "ana")[0] == 2
    assert identity.read_key_file(tmp_path / "ana.key", passphrase)
    assert run("keygen", "../ana")[0] == 2


def test_referred_report_opens_for_the_receiver_with_the_referral_only(run, place, tmp_path):
    receiver = identity.new_key()
    card = place.write("receiver.card", receiver.card("fiscalia-es"))
    key = place.write("receiver.key", receiver.identity.secret().encode())
    large = bytes(4 * 1024 * 1024 + 1)
    report = place.report(Part("att/1.mp4", large))
    out = tmp_path / "handed over"
    code, _ = run("refer", report, *place.options, "--to", card, "--basis", "made-up treaty", "--out", out)
    stem = REPORT_ID.hex()
    assert code == 0
    assert {path.name for path in out.iterdir()} == {f"{stem}.age", f"{stem}.att1.age", f"{stem}.referral"}
    options = (out / f"{stem}.age", "--key", key, "--roster", place.roster)
    assert run("open", *options)[0] == 2
    code, output = run("open", *options, "--referral", out / f"{stem}.referral", "--save", tmp_path / "saved")
    assert (code, "made-up words" in output) == (0, True)
    assert (tmp_path / "saved" / f"{stem}.att1.mp4").read_bytes() == large
