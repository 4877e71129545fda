import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, faro, main

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder: no `.env`, no data."""
    monkeypatch.chdir(tmp_path)


def test_there_are_twenty_one_commands_and_help_shows_each_with_its_line() -> None:
    shown = CliRunner().invoke(faro, ["--help"], terminal_width=200).output
    assert len(COMMANDS) == 21
    assert all(name in shown and line in shown for name, (_, line) in COMMANDS.items())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_loads_and_has_help_of_its_own(name: str) -> None:
    result = CliRunner().invoke(faro, [name, "-h"])
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: faro {name} ")
    command = faro.get_command(click.Context(faro), name)  # type: ignore[attr-defined]
    assert command.help
    assert all(option.help for option in command.params if isinstance(option, click.Option))


def test_groups_have_help_for_each_of_their_commands() -> None:
    context = click.Context(faro)
    commands = [faro.get_command(context, name) for name in COMMANDS]  # type: ignore[attr-defined]
    inner = [one for group in commands if isinstance(group, click.Group) for one in group.commands.values()]
    assert len(inner) == 21
    assert [one.name for one in inner if not one.help] == []


def test_help_comes_without_loading_any_command() -> None:
    """Their libraries take seconds."""
    code = "import sys; from bot.cli import main; sys.argv = ['faro', '-h']\ntry: main()\nfinally: print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.splitlines()[-1].split())
    assert "bot.cli" in loaded
    assert loaded.isdisjoint({place.partition(":")[0] for place, _ in COMMANDS.values()})


def test_an_unknown_command_is_a_usage_error() -> None:
    result = CliRunner().invoke(faro, ["report"])
    assert result.exit_code == 2
    assert "No such command 'report'" in result.output


def test_a_wrong_setting_is_one_line_without_its_value_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FARO_PORT", "zarzamora")
    monkeypatch.setattr(sys, "argv", ["faro", "directory", "check"])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert told.err.startswith("faro: FARO_PORT: ")
    assert told.err.count("\n") == 1
    assert "zarzamora" not in told.err


def test_a_file_that_cannot_be_used_is_one_line_and_exit_code_1(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FARO_DATA_DIR", "/proc/faro")  # where no folder can be made
    monkeypatch.setattr(sys, "argv", ["faro", "doctor"])
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr().err
    assert (ended.value.code, told.count("\n")) == (1, 1)
    assert told.startswith("faro: /proc/faro: ")


def test_however_it_is_started_it_calls_itself_faro() -> None:
    for arguments, line in (("--help",), "Usage: faro [OPTIONS]"), (("keys", "--help"), "Usage: faro keys [OPTIONS]"):
        command = [sys.executable, "-m", "bot.cli", *arguments]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        assert ran.stdout.startswith(line)
