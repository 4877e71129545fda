"""`faro keys` as an operator types it, on a practice installation."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner

from bot import engine_token, practice
from bot.cli import faro
from bot.secrets_known import SECRETS
from bot.settings import Settings
from storage import rotation, signing
from storage.keys import KeyRing
from storage.roster import Roster
from tests.bot.office import OFFICER, UNIT, Office


def keys(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(faro, ["keys", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_the_list_tells_ages_and_no_value(own: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARO_SMTP_URL", "smtp://who:Zarzamora@host")
    code, output = keys("list")
    assert code == 0
    assert len(re.findall(r"^\w[\w-]* {2,}", output, re.MULTILINE)) == len(SECRETS)
    assert re.search(r"^sealer +0 days of 365", output, re.MULTILINE)
    assert re.search(r"^smtp +set; its age is known elsewhere", output, re.MULTILINE)
    for file in (own.data_dir / "keys").rglob("*.key"):
        assert file.read_bytes().hex() not in output
    assert "Zarzamora" not in output
    assert "who" not in output


def test_reports_of_before_and_after_a_change_of_sealer_open_and_the_chain_is_whole(own: Office) -> None:
    before = own.file()
    former = own.keys.sealer_key().public_key()
    assert keys("rotate", "sealer")[0] == 0
    trust = practice.directors(own.data_dir)
    own.roster = Roster.load(own.data_dir / "practice" / "roster.json", trust, practice.DIRECTORS)
    after = own.file()
    assert own.keys.sealer_key().public_key() != former
    for report in (before, after):
        assert own.run("fetch", report.hex(), "--unit", UNIT, "--officer", OFFICER)[0] == 0
        secret = own.data_dir / "practice"
        opened = own.run(
            "open", f"{report.hex()}.age", "--key", secret / "coat.key", "--passphrase-file", secret / "passphrase"
        )
        assert opened[0] == 0, opened[1]
    for _ in range(9):
        own.file()
    code, output = own.run("verify")
    assert (code, "The audit chain is whole" in output) == (0, True)


def test_a_real_server_waits_until_directors_have_signed_the_next_sealer(
    own: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Practice directors stand in for real ones: what counts is that the roster does not name the key yet."""
    monkeypatch.setattr("bot.practice.accept_sealer", lambda *_: None)
    present = own.keys.sealer_key().public_key()
    code, output = keys("rotate", "sealer")
    following = signing.public_text(rotation.next_sealer(own.data_dir / "keys"))
    assert code == 1
    assert following in output
    assert keys("rotate", "sealer") == (code, output)  # the same key, however often it is asked for
    assert own.keys.sealer_key().public_key() == present
    monkeypatch.undo()


def test_a_new_engine_token_counts_from_the_next_start(own: Office) -> None:
    settings = Settings(_env_file=None, data_dir=own.data_dir)
    before = engine_token.of(settings)
    code, output = keys("rotate", "engine-token")
    assert (code, "restart them together" in output) == (0, True)
    assert engine_token.of(settings) != before
    assert not list((own.data_dir / "keys").glob("engine.token.*"))


@pytest.mark.parametrize("name", ["pepper", "handles", "month", "epoch"])
def test_our_own_keys_are_replaced_at_once(own: Office, name: str) -> None:
    ring = KeyRing.open(own.data_dir / "keys")
    before = {path: path.read_bytes() for path in (own.data_dir / "keys").rglob("*.key")}
    ring.sealer_key()
    assert keys("rotate", name)[0] == 0
    after = {path: path.read_bytes() for path in (own.data_dir / "keys").rglob("*.key")}
    changed = [path.parent.name + "/" + path.stem for path in after if after[path] != before.get(path)]
    folder = {"month": "pseudonyms", "epoch": "epochs"}.get(name, "keys")
    assert changed
    assert all(path.startswith(f"{folder}/") for path in changed)


@pytest.mark.parametrize("name", [secret.name for secret in SECRETS if secret.steps and secret.name != "engine-token"])
def test_for_a_secret_of_somebody_else_the_steps_are_printed(own: Office, name: str) -> None:
    code, output = keys("rotate", name)
    assert code == 0
    assert output.count("\n") >= 3


def test_an_unknown_name_and_no_database_are_told_in_one_line(own: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys("rotate", "everything")[0] == 2
    monkeypatch.delenv("FARO_DATABASE_URL")
    code, output = keys("rotate", "epoch")
    assert (code, output.count("\n")) == (2, 1)
