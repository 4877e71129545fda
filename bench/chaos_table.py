"""The figures of a chaos run, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PROMISES = (
    "lost", "double", "order", "missing", "repeated", "silence", "receipt", "chain", "parked", "copies", "stuck",
)  # fmt: skip


def text(found: Mapping[str, Any]) -> str:
    figures, plan = found["figures"], found["plan"]
    rows = [
        ("kills", f"{found['kills']} ({_listed(found['killed'])})"),
        ("seed, seconds", f"{plan['seed']}, {found['seconds']} s"),
        ("processes that ended by themselves", _listed(found["ended by themselves"]) or "none"),
        ("failures of platforms, troubles", _listed(found["platform failures"])),
        ("webhooks", _listed(found["deliveries"])),
        *((name, str(value)) for name, value in figures.items()),
        *((f"sends by {name}", _sends(name, told, found["problems"])) for name, told in found["sends"].items()),
        *(("trouble", note) for note in found["notes"]),
        *((f"**{promise}**", f"**{_count(found['problems'], promise)}**") for promise in PROMISES),
    ]
    lines = ["| what | seen |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]
    return "\n".join([*lines, "", *found["problems"][:40]]).rstrip() + "\n"


def _sends(channel: str, told: Mapping[str, Any], problems: list[str]) -> str:
    mine = [line for line in problems if f"({channel})" in line]
    return (
        f"{told['promise']}: {told['replies']} replies heard, {told['again']} of them again after a send was cut off; "
        f"{_count(mine, 'missing')} missing, {_count(mine, 'repeated')} again without that"
    )


def _count(problems: list[str], promise: str) -> int:
    return sum(line.startswith(f"{promise}:") for line in problems)


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items(), key=lambda one: -one[1]))
