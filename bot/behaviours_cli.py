"""`faro behaviours`: every line of SAFETY.md, the tests that hold it, and what came of them."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bot.counted import counted

ROOT = Path(__file__).parent.parent
FILE = ROOT / "SAFETY.md"
TESTS = ROOT / "tests" / "behaviours"
OPEN = "open"

_ROW = re.compile(r"^\| (E\d\d) \| (.+?) \| (.+?) \|$", re.MULTILINE)
_TEST = re.compile(r"^(?:async )?def (test_(E\d\d)_\w+)\(", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One line of the table. `held`: how, in words; it begins with "open" where people must do it."""

    id: str
    what: str
    held: str

    @property
    def is_open(self) -> bool:
        return self.held.lower().startswith(OPEN)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the tests of a line: how many names there are, how many cases passed and failed."""

    tests: int
    passed: int = 0
    failed: int = 0
    ran: bool = False

    def words(self, behaviour: Behaviour) -> str:
        if not self.tests:
            return OPEN if behaviour.is_open else "NO TEST"
        if not self.ran:
            return "not run"
        return f"FAILED ({self.failed} of {self.passed + self.failed})" if self.failed else f"passed ({self.passed})"

    def lacks(self, behaviour: Behaviour) -> bool:
        """True where nothing holds the line: no test and not told as open, a test that failed, or none that ran."""
        if not self.tests:
            return not behaviour.is_open
        return self.ran and (self.failed > 0 or self.passed == 0)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--list", "only_list", is_flag=True, help="Show the lines and their tests without running them.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the table as Markdown here too.")
def behaviours(only_list: bool, out: Path | None) -> None:
    """Run the tests of every line of SAFETY.md and print the table; exit code 1 if one fails or has no test."""
    if not FILE.is_file() or not TESTS.is_dir():
        raise click.ClickException("SAFETY.md and the tests are not installed here; run this in a checkout of Faro.")
    lines = read(FILE.read_text(encoding="utf-8"))
    found = tests(TESTS)
    ran = None if only_list else run()
    results = {line.id: result(found.get(line.id, ()), ran) for line in lines}
    click.echo(table(lines, results))
    if out:
        out.write_text(markdown(lines, results), encoding="utf-8")
    sys.exit(1 if any(results[line.id].lacks(line) for line in lines) else 0)


def read(text: str) -> list[Behaviour]:
    """The lines of the table of SAFETY.md."""
    return [Behaviour(*row) for row in _ROW.findall(text)]


def tests(folder: Path) -> Mapping[str, Sequence[str]]:
    """Line -> names of its tests."""
    found: dict[str, list[str]] = {}
    for file in sorted(folder.glob("test_*.py")):
        for name, line in _TEST.findall(file.read_text(encoding="utf-8")):
            found.setdefault(line, []).append(name)
    return found


def run(folder: Path = TESTS) -> Mapping[str, Sequence[bool]]:
    """Test name -> whether each of its cases passed. Raises `ClickException` if pytest could not run them at all."""
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "-p",
            "no:cacheprovider",
            f"--junitxml={report}",
        ]
        done = subprocess.run([*command, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode > 1 or not report.is_file():
            click.echo(done.stdout.decode(errors="replace")[-2000:], err=True)
            raise click.ClickException("the tests did not run; see above.")
        return outcomes(report.read_text(encoding="utf-8"))


def outcomes(report: str) -> Mapping[str, Sequence[bool]]:
    """Of a JUnit report. A case that was skipped is no case; one with an error failed."""
    found: dict[str, list[bool]] = {}
    for case in ET.fromstring(report).iter("testcase"):
        if case.find("skipped") is None:
            passed = case.find("failure") is None and case.find("error") is None
            found.setdefault(case.attrib["name"].split("[")[0], []).append(passed)
    return found


def result(names: Sequence[str], found: Mapping[str, Sequence[bool]] | None) -> Result:
    """Of one line. `found`: None if nothing was run."""
    cases = [passed for name in names for passed in (found or {}).get(name, ())]
    return Result(len(names), sum(cases), len(cases) - sum(cases), found is not None)


def table(lines: Iterable[Behaviour], results: Mapping[str, Result]) -> str:
    """For a terminal."""
    rows = [f"{line.id}  {results[line.id].tests:5}  {results[line.id].words(line):16}  {line.what}" for line in lines]
    return "\n".join(["line  tests  result            behaviour", *rows, "", total(lines, results)])


def markdown(lines: Iterable[Behaviour], results: Mapping[str, Result]) -> str:
    rows = [
        f"| {line.id} | {line.what} | {results[line.id].tests} | {results[line.id].words(line)} |" for line in lines
    ]
    head = ["| line | behaviour | tests | result |", "|---|---|---|---|"]
    return "\n".join([*head, *rows, "", total(lines, results), ""])


def total(lines: Iterable[Behaviour], results: Mapping[str, Result]) -> str:
    said = [results[line.id].words(line).split(" (")[0] for line in lines]
    return (
        ", ".join(f"{said.count(word)} {word}" for word in dict.fromkeys(said)) + f" of {counted(len(said), 'line')}."
    )
