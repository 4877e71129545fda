"""The table of the cases, as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # pytest wants to be first with what the service imports
    from tests.vignettes.player import Played

HEAD = ("case", "kind", "language", "channel", "tier (bounds)", "units", "indicators", "asked again", "alarms", "ok")


def row(played: Played) -> list[str]:
    """`tier (bounds)`: what came, and the most and least urgent that would do."""
    case = played.case
    body = next(iter(played.bodies.values()), None)
    most, least = case.expected.tier or ("none", "none")
    bounds = most if most == least else f"{most} to {least}"
    tier = body["tier"] if body else "no report"
    return [
        case.name.removeprefix(f"{case.language}-").removesuffix(f"-{case.channel}"), case.kind, case.language,
        case.channel, f"{tier} ({bounds})", ", ".join(played.reports) or "none",
        " ".join(body["screening"]["indicators"]) if body else "", str(played.again),
        str(played.alarms), "no" if played.wrong else "yes",
    ]  # fmt: skip


def markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = [HEAD, ["---"] * len(HEAD), *sorted(rows, key=lambda row: (row[1], row[0]))]
    passed = sum(row[-1] == "yes" for row in rows)
    again, alarms = (sum(int(row[place]) for row in rows) for place in (-3, -2))
    told = (f"{passed} of {len(rows)} cases came out as expected; {again} questions had to be put again; "
            f"{alarms} times it was asked whether something happens right now.")  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + f"\n\n{told}\n"
