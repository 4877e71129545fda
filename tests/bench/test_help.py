"""Each part of the bench tells by `--help` what it does, how long it takes and what its exit codes mean."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.__main__ import ALSO, main

ROOT = Path(__file__).parents[2]


def told(*arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments, "--help"], prog_name="./run bench")
    assert result.exit_code == 0
    return " ".join(result.output.split())


def test_every_part_is_listed_whole() -> None:
    assert sorted(ALSO) == ["chaos", "fuzz", "hosts"]
    assert all(f"{name} {line}" in told() for name, (_, line, _) in ALSO.items())
    assert "..." not in told().partition("Commands:")[2]


@pytest.mark.parametrize("name", ["", *ALSO])
def test_help_tells_the_time_it_takes_and_the_exit_codes(name: str) -> None:
    text = told(*name.split())
    assert text.startswith(f"Usage: ./run bench {name}".strip())
    assert re.search(r"\b(minutes|hour|hours)\b", text)
    codes = text.partition("Exit codes:")[2]
    assert set(re.findall(r"\b(\d+) [a-z]", codes)) >= {"0", "1", "2"}
    assert ("77" in codes) == (name == "hosts")


def test_run_help_names_every_part() -> None:
    text = subprocess.run([ROOT / "run", "help"], capture_output=True, text=True, check=True).stdout
    assert all(f"./run bench {name} " in text for name in ALSO)
