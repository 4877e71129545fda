"""The folder of a print run: its files, and the list of them that goes to the printer."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Collection, Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from bot.errors import FaroError

NAME = "index.csv"


class NotOurs(FaroError):
    """A file stands in the way that no print run wrote, or that somebody has changed since. The detail is its name."""

    code = "not_ours"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file. `cards`: posters count as cards; `pages`: sheets, backs counted; `valid_until`: of the placement."""

    file: str
    code: str
    place: str
    language: str
    cards: str
    pages: str
    sha256: str
    format: str
    valid_until: str


COLUMNS = tuple(field.name for field in fields(Entry))


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the files go. The list is right at every moment, so that a run that was broken off can be run again."""

    path: Path

    @classmethod
    def open(cls, path: Path, names: Collection[str]) -> Folder:
        """Makes the folder, and room for files of these names. Raises `NotOurs` before anything is touched."""
        entries = _read(path / NAME)
        known = {entry.file: entry.sha256 for entry in entries}
        old = [path / name for name in sorted(names) if (path / name).exists()]
        for file in old:
            if known.get(file.name) != digest(file.read_bytes()):
                raise NotOurs(file.name)
        path.mkdir(parents=True, exist_ok=True)
        _write(path / NAME, [entry for entry in entries if entry.file not in names])
        for file in old:
            file.unlink()
        return cls(path)

    def add(self, entry: Entry, content: bytes) -> None:
        """First the line, then the file under its name: a file without a line would be nobody's."""
        new = self.path / f".{entry.file}.new"
        new.write_bytes(content)
        with (self.path / NAME).open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow(astuple(entry))
        new.replace(self.path / entry.file)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(path: Path) -> list[Entry]:
    if not path.exists():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, strict=True))
    except (csv.Error, UnicodeDecodeError):
        raise NotOurs(NAME) from None
    if not rows or tuple(rows[0]) != COLUMNS or any(len(row) != len(COLUMNS) for row in rows):
        raise NotOurs(NAME)
    return [Entry(*row) for row in rows[1:]]


def _write(path: Path, entries: Iterable[Entry]) -> None:
    new = path.with_name(f".{path.name}.new")
    with new.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(map(astuple, entries))
    new.replace(path)
