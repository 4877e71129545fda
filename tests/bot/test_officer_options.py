import click
import pytest
from click.testing import CliRunner

from bot.errors import SettingsError
from bot.officer_options import Commands, Refusal, find_roster, find_trust, first_line
from storage.age import PayloadFailure
from storage.trust import TrustRefused

KEYS = ("11" * 32, "22" * 32, "33" * 32)


@pytest.fixture(autouse=True)
def somewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path))


@pytest.mark.parametrize(
    "error",
    [PayloadFailure("the rule"), SettingsError("FARO_PORT: wrong"), FileExistsError(17, "exists", "a.key"),
     PermissionError(13, "not allowed", "a.key")],
)  # fmt: skip
def test_what_is_refused_ends_in_one_line_and_code_2(error):
    @click.group(cls=Commands)
    def group():
        pass

    @group.command()
    def fails():
        raise error

    result = CliRunner().invoke(group, ["fails"])
    assert result.exit_code == 2
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


def test_fault_of_ours_is_not_dressed_as_a_refusal():
    @click.group(cls=Commands)
    def group():
        pass

    @group.command()
    def fails():
        raise ZeroDivisionError

    assert isinstance(CliRunner().invoke(group, ["fails"]).exception, ZeroDivisionError)


def test_passphrase_is_the_first_line_without_its_end(tmp_path):
    path = tmp_path / "pass"
    for content, line in (("a b \n", "a b "), ("a\r\nb", "a"), ("ñ", "ñ")):
        path.write_bytes(content.encode())
        assert first_line(path) == line
    for content in (b"", b"\n", b"\xff\n"):
        path.write_bytes(content)
        with pytest.raises(Refusal):
            first_line(path)


def test_directors_come_from_the_options_then_the_settings_then_the_file_beside(tmp_path, monkeypatch):
    roster = tmp_path / "roster.json"
    with pytest.raises(Refusal):
        find_trust(roster, (), None)
    (tmp_path / "directors").write_text("\n".join(KEYS[:1]))
    assert find_trust(roster, (), None).threshold == 1
    monkeypatch.setenv("FARO_ROSTER_KEYS", ",".join(KEYS))
    assert (len(find_trust(roster, (), None).directors), find_trust(roster, (), None).threshold) == (3, 2)
    assert len(find_trust(roster, KEYS[:2], None).directors) == 2
    with pytest.raises(TrustRefused):
        find_trust(roster, KEYS[:1], 2)


def test_no_roster_anywhere_is_none():
    assert find_roster(None, (), None) is None
