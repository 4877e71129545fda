import pytest
from click.testing import CliRunner

from bot.roster_cli import roster
from storage import identity, roster_draft, signing
from storage.keys import KeyRing
from storage.roster import parse_body


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path / "var"))

    def typed(*arguments):
        result = CliRunner().invoke(roster, [str(argument) for argument in arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.exit_code, result.output

    return typed


@pytest.fixture
def people(tmp_path):
    """Keys of two directors and an officer, in the open; cards beside them."""
    keys = {name: identity.new_key() for name in ("director-1", "director-2", "ana")}
    for name, key in keys.items():
        (tmp_path / f"{name}.key").write_text(key.identity.secret())
        (tmp_path / f"{name}.card").write_bytes(key.card(name))
    return keys


UNIT = ("add-unit", "r.json", "coat", "--name", "COAT", "--country", "co", "--role", "coordination")
OFFICER = ("add-officer", "r.json", "coat", "ana.card", "--until", "2100-01-01")


def drafted(run):
    sealer = run("sealer")[1].strip()
    assert run("new", "r.json", "--sealer", sealer, "--expires", "2100-01-01")[0] == 0
    assert run(*UNIT)[0] == 0
    return run(*OFFICER)


def directors(people):
    return [word for name in ("director-1", "director-2") for word in ("--director", people[name].signing_public)]


def test_roster_goes_from_draft_to_force_by_two_signatures(run, people, tmp_path):
    code, output = drafted(run)
    assert code == 0
    assert roster_draft.fingerprint(people["ana"].card("ana")) in output
    for number in (1, 2):
        assert run("check", "r.json", *directors(people))[0] == 2
        code, output = run("sign", "r.json", "--key", f"director-{number}.key")
        assert code == 0
        assert "ana" in output  # a director sees what is signed
    code, output = run("check", "r.json", *directors(people))
    assert code == 0
    for shown in ("version 1", "coat: COAT, CO, coordination, no e-mail", "ana, ", "Accepted."):
        assert shown in output
    assert run("check", "r.json", *directors(people), "--seen", 2)[0] == 2


def test_change_to_a_signed_roster_must_be_signed_anew(run, people):
    drafted(run)
    for number in (1, 2):
        run("sign", "r.json", "--key", f"director-{number}.key")
    code, output = run("remove-officer", "r.json", "ana")
    assert (code, "version 2, unsigned" in output) == (0, True)
    assert run("check", "r.json", *directors(people))[0] == 2


def test_unit_without_an_officer_is_pointed_out(run, people):
    drafted(run)
    run("remove-officer", "r.json", "ana")
    for number in (1, 2):
        run("sign", "r.json", "--key", f"director-{number}.key")
    assert "coat has no officer: no report can be sealed to it." in run("check", "r.json", *directors(people))[1]


def test_the_next_sealer_of_a_server_stands_beside_the_former_one(run, people, tmp_path):
    drafted(run)
    assert run("add-sealer", "r.json", "11" * 32)[0] == 0
    found = parse_body(roster_draft.body((tmp_path / "r.json").read_bytes()))
    assert [signing.public_text(key) for key in found.sealers] == [run("sealer")[1].strip(), "11" * 32]
    assert run("add-sealer", "r.json", "11" * 32)[0] == 2


def test_key_printed_is_the_one_that_the_server_seals_with(run, tmp_path):
    key = KeyRing.open(tmp_path / "var" / "keys").sealer_key().public_key()
    assert run("sealer") == (0, signing.public_text(key) + "\n")


@pytest.mark.parametrize(
    "command",
    [
        ("new", "r.json", "--sealer", "x", "--expires", "2100-01-01"),
        ("new", "there.json", "--sealer", "11" * 32, "--expires", "2100-01-01"),
        ("new", "r.json", "--sealer", "11" * 32, "--expires", "soon"),
        ("add-officer", "there.json", "coat", "bad.card", "--until", "2100-01-01"),
        ("remove-officer", "there.json", "nobody"),
        ("sign", "there.json", "--key", "director-1.key"),
        ("check", "there.json"),
        ("add-unit", "there.json", "x", "--name", "X", "--country", "CO", "--role", "r", "--wants-file"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_and_changes_nothing(run, people, tmp_path, command):
    (tmp_path / "there.json").write_bytes(b"words")
    (tmp_path / "bad.card").write_bytes(b"words")
    code, output = run(*command)
    assert code == 2
    assert output.splitlines()[-1].startswith("Error: ")
    assert (tmp_path / "there.json").read_bytes() == b"words"
    assert not (tmp_path / "r.json").exists()
