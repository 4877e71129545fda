"""What SECURITY.md and docs/asvs.md say is held by tests that exist; and no dangerous call is in the code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CHAPTERS = (30, 13, 31, 16, 13, 47, 19, 13, 7, 36, 24, 12, 21, 13, 21, 17, 12)  # requirements of V1 to V17
STATUSES = ("met", "partly", "open", "not applicable")
DANGEROUS = {
    "eval", "exec", "compile", "os.system", "os.popen", "pickle.load", "pickle.loads", "marshal.loads", "yaml.load",
    "yaml.unsafe_load", "shelve.open",
}  # fmt: skip
SHELLS = {"subprocess.getoutput", "subprocess.getstatusoutput", "asyncio.create_subprocess_shell"}


@pytest.fixture(scope="module")
def tests() -> set[str]:
    """Names of all test functions."""
    files = list((ROOT / "tests").rglob("*.py"))
    return {
        name for file in files for name in re.findall(r"^ *(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE)
    }


def tables(file: str) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Each table of a page: its head, and its rows."""
    for block in re.findall(r"(?:^\|.*\n)+", (ROOT / file).read_text(), re.MULTILINE):
        head, _, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in block.splitlines()]
        yield head, rows


def table(file: str, head: list[str]) -> list[list[str]]:
    (rows,) = [rows for found, rows in tables(file) if found == head]
    assert all(len(row) == len(head) for row in rows)
    return rows


def named(cell: str, tests: set[str]) -> list[str]:
    """The tests and files that a cell names. Fails for one that is not there."""
    names = re.findall(r"`([^`]+)`", cell)
    for name in names:
        there = name in tests if name.startswith("test_") else "/" not in name or (ROOT / name).exists()
        assert there, f"{name} is not there"
    return [name for name in names if name.startswith("test_") or (ROOT / name).exists()]


def test_every_threat_has_a_control_and_tests_that_exist(tests: set[str]) -> None:
    rows = table("SECURITY.md", ["adversary", "protected", "not protectable", "control", "test"])
    assert len(rows) == 30
    assert [row[0] for row in rows if not row[0] or not row[1] or not row[3] or not named(row[4], tests)] == []
    assert len({row[0] for row in rows}) == len(rows)
    with pytest.raises(AssertionError, match="not there"):
        named("`test_that_nobody_wrote`", tests)
    with pytest.raises(AssertionError, match="not there"):
        named("`tests/test_nowhere.py`", tests)


def test_every_way_in_has_its_test(tests: set[str]) -> None:
    rows = table("SECURITY.md", ["who", "by what", "checked where", "test"])
    assert len(rows) == 8
    assert all(named(row[3], tests) for row in rows)


def test_every_wall_of_the_box_has_its_test(tests: set[str]) -> None:
    rows = table("SECURITY.md", ["wall", "by", "what goes on", "test"])
    assert len(rows) == 5
    assert all(named(row[3], tests) for row in rows)


def test_every_secret_of_ours_stands_in_the_table() -> None:
    from bot.secrets_known import SECRETS

    rows = table("SECURITY.md", ["name", "due", "what a change does, while everything runs"])
    told = {row[0].strip("`") for row in rows}
    assert {secret.name for secret in SECRETS if secret.files} <= told


def requirements() -> dict[str, tuple[str, str]]:
    """Of ASVS: id -> status and what is said of it."""
    found: dict[str, tuple[str, str]] = {}
    for head, rows in tables("docs/asvs.md"):
        if head == ["id", "level", "what", "status", "where or why"]:
            for id, level, what, status, where in rows:
                assert id not in found
                assert level in {"1", "2", "3"}
                assert what
                found[id] = (status, where)
        if head == ["section", "requirements", "why"]:
            for section, ids, why in rows:
                assert all(id.startswith(f"{section}.") for id in ids.split(", ")), section
                assert not set(found) & set(ids.split(", "))
                found |= dict.fromkeys(ids.split(", "), ("not applicable", why))
    return found


def test_every_requirement_of_asvs_is_there_once_and_in_its_form() -> None:
    found = requirements()
    assert [id for id in found if not re.fullmatch(r"V\d+\.\d+\.\d+", id)] == []
    per_chapter = Counter(int(id[1:].split(".")[0]) for id in found)
    assert tuple(per_chapter[chapter] for chapter in range(1, 18)) == CHAPTERS
    assert sum(CHAPTERS) == 345


def test_what_is_met_names_what_shows_it_and_what_is_not_says_why(tests: set[str]) -> None:
    for id, (status, where) in requirements().items():
        assert status in STATUSES, id
        shown = named(where, tests)
        assert shown or status != "met", id
        assert where, id


def test_the_head_of_the_page_counts_right() -> None:
    counted = Counter(status for status, _ in requirements().values())
    (row,) = table("docs/asvs.md", list(STATUSES))
    assert tuple(map(int, row)) == tuple(counted[status] for status in STATUSES)


def calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            by = [ast.unparse(keyword.value) for keyword in node.keywords if keyword.arg == "Loader"]
            yield "yaml with a loader" if name == "yaml.load" and by and by[0].strip("_") == "LOADER" else name
            for keyword in node.keywords:
                if keyword.arg == "shell" and getattr(keyword.value, "value", None) is not False:
                    yield "shell"


def test_no_shell_no_evaluation_and_no_unsafe_loading_is_in_the_code(tmp_path: Path) -> None:
    files = [file for place in ("bot", "storage") for file in (ROOT / place).rglob("*.py")]
    files += [*(ROOT / "nlu").glob("*.py")]
    assert len(files) > 150
    bad = {*DANGEROUS, *SHELLS, "shell"}
    assert [(file.name, call) for file in files for call in calls(file) if call in bad] == []
    loaders = [line for file in files for line in re.findall(r"^_?LOADER = .*", file.read_text(), re.MULTILINE)]
    assert len(loaders) == 2
    assert all(line.partition("  #")[0].endswith('= getattr(yaml, "CSafeLoader", yaml.SafeLoader)') for line in loaders)
    planted = tmp_path / "planted.py"
    planted.write_text("import os, subprocess\nos.system('x')\nsubprocess.run('x', shell=True)\neval('1')\n")
    assert sorted(set(calls(planted)) & bad) == ["eval", "os.system", "shell"]
