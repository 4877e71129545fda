"""The measurements, one after another, on one running system."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from bench import sealing, statements
from bench.bare import Engines
from bench.cost import PARTS, Spent, spent
from bench.load import Crowd, Line, at_rate, crowd, depths
from bench.system import System
from bot import engines
from bot.progress import say

RATE = 50.0  # messages a second of the acknowledgement measurement


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of each part. `people`: conversations at once; `pairs`: old conversations to compare with new ones."""

    people: int = 48
    rounds: int = 3
    warm: float = 3.0
    bare: float = 12.0
    whole: float = 16.0
    reports: float = 16.0
    acknowledged: float = 20.0
    pairs: int = 6
    deep: int = 200
    counted: float = 6.0
    seals: int = 300


REPORTERS = 50_000_000  # the first of the people who file
QUICK = Plan(rounds=1, warm=2.0, bare=5.0, whole=8.0, reports=6.0, acknowledged=8.0, pairs=2, counted=3.0, seals=100)


async def everything(system: System, plan: Plan) -> dict[str, Any]:
    """All figures, by name; seconds, turns a second, and milliseconds where the name says ms."""
    bare = Engines(system.engine_urls, system.engine_token)
    gc.freeze()  # of the driver
    try:
        found = {"machine": await machine(system, plan), "turns": await rates(system, bare, plan)}
        found["depth"] = await cost_by_depth(system, bare, plan)
        found["acknowledged"] = await acknowledged(system, plan)
        found["seal"] = await sealed(system, plan)
        found["turns"]["with_reports"] = await with_reports(system, plan)
        found["statements"] = await counted(system, plan)
        return found
    finally:
        bare.close()


async def machine(system: System, plan: Plan) -> dict[str, Any]:
    version = [str(engines.PYTHON), "-c", "import platform; print(platform.python_version())"]
    engine = await asyncio.to_thread(subprocess.run, version, capture_output=True, text=True, check=True)
    cpu = next((line.partition(": ")[2] for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    return {
        "cores": os.cpu_count(), "cpu": cpu, "python": platform.python_version(),
        "python_engine": engine.stdout.strip(), "kernel": platform.release(),
        "engines": len(system.engine_urls), "workers": system.workers, "people": plan.people,
        "load_before": os.getloadavg()[0],
    }  # fmt: skip


def _lines(path: str) -> list[str]:
    with open(path) as file:  # noqa: PTH123  a file of the kernel
        return file.read().splitlines()


async def rates(system: System, bare: Engines, plan: Plan) -> dict[str, Any]:
    """Bare engine and whole path take turns, so that other load of the machine meets both."""
    numbers = itertools.count(step=100_000)
    rounds: dict[str, list[dict[str, Any]]] = {"bare": [], "whole": []}
    for number in range(1, plan.rounds + 1):
        say(f"round {number} of {plan.rounds}: bare engine, {plan.bare:.0f} s …")
        rounds["bare"].append(await _rate(system, bare.talk, plan, plan.bare, next(numbers)))
        say(f"round {number} of {plan.rounds}: whole path, {plan.whole:.0f} s …")
        rounds["whole"].append(await _rate(system, system.telegram.talk, plan, plan.whole, next(numbers)))
    found = {name: _middle(each) for name, each in rounds.items()}
    ratio = median(w["per_second"] / b["per_second"] for b, w in zip(rounds["bare"], rounds["whole"], strict=True))
    return {**found, "ratio": ratio, "rounds": rounds}


async def with_reports(system: System, plan: Plan) -> dict[str, Any]:
    """After everything else: the receipts of its last reports are still being derived when it ends."""
    say(f"whole conversations with their report, {plan.reports:.0f} s …")
    return await _rate(system, system.telegram.talk, plan, plan.reports, REPORTERS, files=True)


async def _rate(
    system: System, line: Line, plan: Plan, seconds: float, first: int, *, files: bool = False
) -> dict[str, Any]:
    async with crowd(line, plan.people, files=files, first=first) as here:
        await asyncio.sleep(plan.warm)
        done, before = (len(here.turns), here.taps), spent(system.data)
        await asyncio.sleep(seconds)
        now = spent(system.data).since(before)
        turns, taps = here.turns[done[0] :], here.taps - done[1]
    return _told(turns, taps, now, here)


def _told(turns: Sequence[float], taps: int, now: Spent, here: Crowd) -> dict[str, Any]:
    number = max(1, len(turns))
    return {
        "per_second": len(turns) / now.at, "turns": len(turns), "taps": taps / number, "lost": here.lost,
        **percentiles(turns), "others": now.others,
        "cpu_ms": {part: 1000 * now.parts[part] / number for part in PARTS},
    }  # fmt: skip


def _middle(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The round in the middle by its rate, with what was lost in any."""
    chosen = sorted(rounds, key=lambda each: each["per_second"])[len(rounds) // 2]
    return {**chosen, "lost": sum(each["lost"] for each in rounds)}


async def cost_by_depth(system: System, bare: Engines, plan: Plan) -> dict[str, Any]:
    say(f"turn 5 and turn {plan.deep} …")
    found = {}
    for name, line in (("whole", system.telegram.talk), ("bare", bare.talk)):
        told = await depths(line, plan.pairs, plan.deep)
        early, late = 1000 * median(told.early), 1000 * median(told.late)
        found[name] = {"deep": plan.deep, "turn_5_ms": early, "deep_ms": late, "ratio": late / early}
    return found


async def acknowledged(system: System, plan: Plan) -> dict[str, Any]:
    say(f"webhooks at {RATE:.0f} a second, {plan.acknowledged:.0f} s …")
    await at_rate(system.telegram.talk, RATE, plan.warm)
    system.telegram.acknowledged.clear()
    before = spent(system.data)
    here = await at_rate(system.telegram.talk, RATE, plan.acknowledged)
    now = spent(system.data).since(before)
    times = system.telegram.acknowledged
    turns = {f"turn_{name}": value for name, value in percentiles(here.turns).items()}
    return {"per_second": len(times) / now.at, "lost": here.lost, "others": now.others, **percentiles(times), **turns}


async def sealed(system: System, plan: Plan) -> dict[str, Any]:
    say(f"{plan.seals} reports are sealed …")
    times = await asyncio.to_thread(sealing.times, system, plan.seals)
    receipts = await asyncio.to_thread(sealing.receipts, 3)
    return {"reports": len(times), **percentiles(times), "receipt_code_ms": 1000 * median(receipts)}


async def counted(system: System, plan: Plan) -> dict[str, Any]:
    """Gateway and workers start anew, so that the server logs what they ask."""
    say("statements are counted …")
    await system.stop()
    statements.count(system.database_url, on=True)
    await system.start()
    async with crowd(system.telegram.talk, plan.people) as here:
        await asyncio.sleep(plan.warm)
        turns, before = len(here.turns), statements.logged(system.data)
        await asyncio.sleep(plan.counted)
        turns, after = len(here.turns) - turns, statements.logged(system.data)
    each = {name: (number - before.get(name, 0)) / max(1, turns) for name, number in after.items()}
    kinds = {name: round(value, 2) for name, value in sorted(each.items(), key=lambda item: -item[1]) if value >= 0.01}
    commits = sum(value for name, value in each.items() if name.upper().startswith("COMMIT"))
    return {"turns": turns, "per_turn": sum(each.values()), "commits_per_turn": commits, "kinds": kinds}


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    if not ordered:
        return {"mean_ms": 0.0, "p50_ms": 0.0, "p95_ms": 0.0, "p99_ms": 0.0}
    at = {f"p{share}_ms": 1000 * ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95, 99)}
    return {"mean_ms": 1000 * fmean(ordered), **at}
