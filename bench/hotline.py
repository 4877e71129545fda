"""Five years of the national hotline: measured with 1, 2 and 4 workers and engines, and carried over to more cores."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from typing import Any

from bench import commits
from bench.bare import Engines
from bench.measure import REPORTERS, Plan, Way, rate
from bench.system import System, running
from bot.progress import say

CONVERSATIONS, TURNS = 28_000, 25
PROCESSES = (1, 2, 4)
CORES = (2, 4, 8, 16, 32, 64)
FULL = 0.9  # of a core: from there on the time waited for a single process grows faster than what it does
# What platforms take of one sender: Telegram's FAQ says 30 messages a second; Twilio's WhatsApp 80 (channels.md).
PLATFORMS: Mapping[str, float] = {"telegram": 30.0, "whatsapp": 80.0}
MESSAGES = 1.5  # of ours a turn


async def measured(plan: Plan, seconds: float) -> list[dict[str, Any]]:
    """For each number of processes: turns a second of the bare engines, and of the whole, and what they cost."""
    found = []
    for number in PROCESSES:
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
    way = Way("reports", system.twilio.talk, plan.people, seconds)
    reports = await rate(system, way, plan.warm, REPORTERS, files=True)
    disk = await asyncio.to_thread(commits.per_second, system.database_url)
    return {"bare": alone, "whole": telegram, "ratio": telegram["per_second"] / alone["per_second"],
            "with_reports": reports, "hours": hours(reports["per_second"]), "commits_per_second": disk}  # fmt: skip


def hours(per_second: float) -> float:
    """That the whole hotline takes."""
    return CONVERSATIONS * TURNS / max(per_second, 0.001) / 3600


def limits(cpu_ms: Mapping[str, float], cores: int, each: int, gateways: int, disk: float,
           commits_per_turn: float) -> dict[str, float]:  # fmt: skip
    """Turns a second that each part allows alone: all cores together, the single processes, the disk."""

    def of(part: str, processes: int) -> float:
        return FULL * 1000 * min(processes, cores) / max(cpu_ms[part], 0.001)

    return {
        "all cores": cores * 1000 / sum(cpu_ms.values()),
        "workers": of("worker", each), "engines": of("engine", each), "gateways": of("gateway", gateways),
        "commits": disk / max(commits_per_turn, 0.001),
    }  # fmt: skip


def predicted(cpu_ms: Mapping[str, float], disk: float, commits_per_turn: float,
              cores: Sequence[int] = CORES) -> list[dict[str, Any]]:  # fmt: skip
    """For machines with more cores: one engine and one worker a two cores, a gateway for each four."""
    found = []
    for count in cores:
        pairs = max(1, count // 2)
        bounds = limits(cpu_ms, count, pairs, max(1, count // 4), disk, commits_per_turn)
        first = min(bounds, key=lambda name: bounds[name])
        found.append({"cores": count, "workers_and_engines": pairs, "per_second": bounds[first], "first_full": first,
                      "hours": hours(bounds[first]), "limits": bounds})  # fmt: skip
    return found


def model(runs: Sequence[Mapping[str, Any]], commits_per_turn: float) -> dict[str, Any]:
    """The figures of the run with one worker and engine, carried over to the others measured and to larger machines."""
    first = runs[0]
    cpu_ms, disk = first["with_reports"]["cpu_ms"], first["commits_per_second"]
    cores = os.cpu_count() or 1
    checked = []
    for run in runs:
        bounds = limits(cpu_ms, cores, run["processes"], 1, disk, commits_per_turn)
        checked.append({"processes": run["processes"], "predicted": min(bounds.values()),
                        "measured": run["with_reports"]["per_second"]})  # fmt: skip
    platforms = {name: {"turns_per_second": pace / MESSAGES, "hours": hours(pace / MESSAGES)}
                 for name, pace in PLATFORMS.items()}  # fmt: skip
    return {"checked": checked, "larger": predicted(cpu_ms, disk, commits_per_turn), "platforms": platforms}
