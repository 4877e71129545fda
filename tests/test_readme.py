"""The README's conversation goes as printed, and its commands are commands."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli import faro
from tests.engine import Engine
from tests.house import furnished
from tests.talking import Step, Talk, grouped, play

README = Path(__file__).parent.parent / "README.md"


def lines() -> Iterator[Step]:
    """The example as steps of a talk: `you`, `faro`, and the numbered choices below it."""
    (block,) = re.findall(r"```\n(you .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    said: dict[str, str | list[str]] = {}
    for line in block.splitlines():
        who, _, text = line.partition("  ")
        if choice := re.fullmatch(r"    \d+  (.+)", line):
            said.setdefault("buttons", []).append(choice[1])  # type: ignore[union-attr]
            continue
        if said:
            yield said
        said = {"person" if who.startswith("you") else "faro": text.strip()}
    yield said


async def test_the_example_goes_as_printed(tmp_path: Path, database_url: str, engine: Engine) -> None:
    steps = tuple(grouped(list(lines())))
    assert len(steps) == 8
    talk = Talk(README, "the example of the README", "terminal", "es", steps, {})
    async with furnished(tmp_path, database_url, engine, practice=True) as house:
        assert await play(talk, house) == []


COMMANDS = sorted(set(re.findall(r"\./run faro ([a-z][^`\n]*)", README.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_readme_is_a_command(line: str) -> None:
    command: click.Command = faro
    for word in shlex.split(line):
        if isinstance(command, click.Group) and re.fullmatch("[a-z][a-z-]*", word):
            found = command.get_command(click.Context(command), word)
            assert found, f"there is no command {word}"
            command = found


def test_the_readme_names_commands() -> None:
    assert len(COMMANDS) >= 7
