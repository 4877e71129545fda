"""Five years of the national hotline: measured with 1, 2 and 4 workers and engines, and carried over to more cores."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench import commits
from bench.bare import Engines
from bench.measure import REPORTERS, Plan, Way, rate
from bench.system import System, running
from bot.progress import say
from bot.receipts import AT_ONCE

CONVERSATIONS, TURNS = 28_000, 25
PROCESSES = (1, 2, 4)
CORES = (2, 4, 8, 16, 32, 64)
FULL = 0.9  # of a core: from there on the time waited for a single process grows faster than what it does
# What platforms take of one sender: Telegram's FAQ says 30 messages a second; Twilio's WhatsApp 80 (channels.md).
PLATFORMS: Mapping[str, float] = {"telegram": 30.0, "whatsapp": 80.0}
MESSAGES = 1.5  # of ours a turn


async def measured(plan: Plan, seconds: float, processes: Sequence[int] = PROCESSES) -> list[dict[str, Any]]:
    """For each number of processes: turns a second of the bare engines, and of the whole, and what they cost."""
    found = []
    for number in processes:
        say(f"{number} workers, {number} engines …")
        async with running(number, number) as system:
            found.append({"processes": number, **await _one(system, plan, seconds)})
    return found


async def _one(system: System, plan: Plan, seconds: float) -> dict[str, Any]:
    bare = Engines(system.engine_urls, system.engine_token)
    try:
        alone = await rate(system, Way("bare", bare.talk, plan.people, seconds / 2), plan.warm, 0)
    finally:
        bare.close()
    telegram = await rate(system, Way("whole", system.telegram.talk, plan.people, seconds), plan.warm, 1_000_000)
    way = Way("reports", system.twilio.talk, plan.people // 2, 2 * seconds)
    reports = await rate(system, way, plan.reports_warm, REPORTERS, files=True)
    disk = await asyncio.to_thread(commits.per_second, system.database_url, seconds=min(3.0, seconds))
    return {"bare": alone, "whole": telegram, "ratio": telegram["per_second"] / alone["per_second"],
            "with_reports": reports, "hours": hours(reports["per_second"]), "commits_per_second": disk}  # fmt: skip


def hours(per_second: float) -> float:
    """That the whole hotline takes."""
    return CONVERSATIONS * TURNS / max(per_second, 0.001) / 3600


@dataclass(frozen=True, slots=True)
class Costs:
    """Of a turn, a 25th of a report with it. `all_ms`: processor time of all parts; `receipt_ms` of one receipt code,
    which threads of the workers derive beside their turns; `parts_ms`: what keeps a single process busy; `disk`:
    commits a second that PostgreSQL brings to it."""

    all_ms: float
    parts_ms: Mapping[str, float]
    receipt_ms: float
    commits: float
    disk: float

    @classmethod
    def of(cls, run: Mapping[str, Any], receipt_ms: float, commits_per_turn: float) -> Costs:
        """`run`: one of `measured`."""
        parts = {part: run["whole"]["cpu_ms"][part] for part in ("gateway", "worker", "engine")}
        return cls(sum(run["with_reports"]["cpu_ms"].values()), parts, receipt_ms, commits_per_turn,
                   run["commits_per_second"])  # fmt: skip

    def limits(self, cores: int, each: int, gateways: int) -> dict[str, float]:
        """Turns a second that each part allows alone. `each`: workers, and engines."""
        numbers = {"gateway": gateways, "worker": each, "engine": each}
        single = {
            f"{part}s": FULL * 1000 * min(numbers[part], cores) / max(ms, 0.001) for part, ms in self.parts_ms.items()
        }
        return {
            "all cores": cores * 1000 / self.all_ms,
            **single,
            "receipt codes": min(each * AT_ONCE, cores) * 1000 / self.receipt_ms * TURNS,
            "PostgreSQL's commits": self.disk / max(self.commits, 0.001),
        }


def predicted(costs: Costs, cores: Sequence[int] = CORES) -> list[dict[str, Any]]:
    """For machines with more cores: one engine and one worker for two cores, a gateway for four."""
    found = []
    for count in cores:
        pairs = max(1, count // 2)
        bounds = costs.limits(count, pairs, max(1, count // 4))
        first = min(bounds, key=lambda name: bounds[name])
        found.append({"cores": count, "workers_and_engines": pairs, "per_second": bounds[first], "first_full": first,
                      "hours": hours(bounds[first]), "limits": bounds})  # fmt: skip
    return found


def model(runs: Sequence[Mapping[str, Any]], receipt_ms: float, commits_per_turn: float) -> dict[str, Any]:
    """The costs seen with one worker and engine, carried over to the other runs and to larger machines."""
    costs, cores = Costs.of(runs[0], receipt_ms, commits_per_turn), os.cpu_count() or 1
    checked = []
    for run in runs:
        bounds = costs.limits(cores, run["processes"], 1)
        first = min(bounds, key=lambda name: bounds[name])
        checked.append({"processes": run["processes"], "predicted": bounds[first], "first_full": first,
                        "measured": run["with_reports"]["per_second"]})  # fmt: skip
    platforms = {name: {"turns_per_second": pace / MESSAGES, "hours": hours(pace / MESSAGES)}
                 for name, pace in PLATFORMS.items()}  # fmt: skip
    return {"checked": checked, "larger": predicted(costs), "platforms": platforms}
