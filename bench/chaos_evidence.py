"""What a chaos run saw, as a file: the checker can judge it again, also elsewhere and by another checker.

All people are made up, so that their words may stand in it. `python -m bench.chaos_evidence FILE` prints the verdict.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bench import chaos_table
from bench.chaos_check import Fault, Shelves, Verdict, check
from bench.chaos_people import Diary, Replies, Told


@dataclass(slots=True)
class Evidence:
    """`bodies`: the reports that officers opened; `known`, `models`: of people without faults, by `Diary.kind`;
    `facts`: what else the table tells."""

    people: Sequence[Diary]
    bodies: Sequence[Mapping[str, Any]]
    known: Mapping[str, Replies]
    models: Mapping[str, Mapping[str, Any]]
    faults: Sequence[Fault]
    shelves: Shelves
    facts: Mapping[str, Any] = field(default_factory=dict)

    def verdict(self) -> Verdict:
        return check(self.people, self.bodies, self.known, self.models, self.faults, self.shelves)

    def found(self) -> dict[str, Any]:
        """Facts and verdict, as the table takes them."""
        verdict = self.verdict()
        return {**self.facts, "figures": verdict.figures, "sends": verdict.sends, "problems": verdict.problems}

    def keep(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(orjson.dumps(asdict(self)))


def read(file: Path) -> Evidence:
    given = orjson.loads(file.read_bytes())
    people = [_diary(one) for one in given["people"]]
    faults = [Fault(**{**one, "channels": tuple(one["channels"])}) for one in given["faults"]]
    shelves = Shelves(**given["shelves"])
    return Evidence(people, given["bodies"], given["known"], given["models"], faults, shelves, given["facts"])


def _diary(given: dict[str, Any]) -> Diary:
    told, heard = [Told(**each) for each in given.pop("told")], [(at, text) for at, text in given.pop("heard")]
    return Diary(**given, told=told, heard=heard)


if __name__ == "__main__":
    print(chaos_table.text(read(Path(sys.argv[1])).found()))
