from __future__ import annotations

import csv
from pathlib import Path

import pytest

from bot.cards.index import COLUMNS, NAME, Entry, Folder, NotOurs, digest


def entry(name: str, content: bytes) -> Entry:
    return Entry(name, "7K3M9", "Airline, gate 3", "es en", "875", "438", digest(content), "seat", "2027-12-31")


def rows(folder: Path) -> list[list[str]]:
    with (folder / NAME).open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_each_file_gets_its_line(tmp_path: Path) -> None:
    folder = Folder.open(tmp_path / "new" / "out", {"a.pdf", "b.pdf"})
    folder.add(entry("a.pdf", b"A"), b"A")
    folder.add(entry("b.pdf", b"B"), b"B")
    assert rows(folder.path)[0] == list(COLUMNS)
    assert [row[0] for row in rows(folder.path)[1:]] == ["a.pdf", "b.pdf"]
    assert rows(folder.path)[1][2:6] == ["Airline, gate 3", "es en", "875", "438"]
    assert sorted(path.name for path in folder.path.iterdir()) == ["a.pdf", "b.pdf", NAME]


def test_a_second_run_replaces_its_own_files_and_keeps_the_lines_of_the_others(tmp_path: Path) -> None:
    first = Folder.open(tmp_path, {"a.pdf", "b.pdf"})
    first.add(entry("a.pdf", b"A"), b"A")
    first.add(entry("b.pdf", b"B"), b"B")
    Folder.open(tmp_path, {"a.pdf"}).add(entry("a.pdf", b"new"), b"new")
    assert (tmp_path / "a.pdf").read_bytes() == b"new"
    assert [(row[0], row[6]) for row in rows(tmp_path)[1:]] == [("b.pdf", digest(b"B")), ("a.pdf", digest(b"new"))]


@pytest.mark.parametrize("content", [b"of somebody", b"A"])
def test_a_file_that_stands_in_no_list_is_not_touched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.pdf").write_bytes(content)
    with pytest.raises(NotOurs) as raised:
        Folder.open(tmp_path, {"a.pdf"})
    assert raised.value.detail == "a.pdf"
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    assert (tmp_path / "a.pdf").read_bytes() == content


def test_a_file_that_somebody_changed_since_is_not_touched_nor_any_other(tmp_path: Path) -> None:
    folder = Folder.open(tmp_path, {"a.pdf", "b.pdf"})
    folder.add(entry("a.pdf", b"A"), b"A")
    folder.add(entry("b.pdf", b"B"), b"B")
    (tmp_path / "b.pdf").write_bytes(b"with a remark")
    with pytest.raises(NotOurs):
        Folder.open(tmp_path, {"a.pdf", "b.pdf"})
    assert (tmp_path / "a.pdf").read_bytes() == b"A"
    assert len(rows(tmp_path)) == 3


@pytest.mark.parametrize("content", [b"", b"name,price\nx,1\n", f"{','.join(COLUMNS)}\nshort,row\n".encode(), b"\xff",
                                     b'"a' + b"x" * 200_000])  # fmt: skip
def test_a_list_of_somebody_else_is_not_touched(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    with pytest.raises(NotOurs):
        Folder.open(tmp_path, {"a.pdf"})
    assert (tmp_path / NAME).read_bytes() == content


def test_a_run_that_was_broken_off_can_be_run_again(tmp_path: Path) -> None:
    names = {"a.pdf", "b.pdf"}
    Folder.open(tmp_path, names).add(entry("a.pdf", b"A"), b"A")
    again = Folder.open(tmp_path, names)
    assert rows(tmp_path) == [list(COLUMNS)]
    again.add(entry("a.pdf", b"A"), b"A")
    again.add(entry("b.pdf", b"B"), b"B")
    assert [row[0] for row in rows(tmp_path)[1:]] == ["a.pdf", "b.pdf"]
