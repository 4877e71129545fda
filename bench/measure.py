"""The measurements, one after another, on one running system and stock Rasa beside it."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

import psycopg

from bench import sealing, statements
from bench.bare import Engines
from bench.cost import PARTS, Spent, resident, spent
from bench.load import Crowd, Line, at_rate, crowd, depths
from bench.stock import Stock
from bench.system import System
from bot import engines
from bot.progress import say
from storage.database import libpq_url

RATE = 50.0  # messages a second of the acknowledgement measurement
SHARE = 0.8  # of what can be done at most: the load at which the slowest turns are looked at
SPANISH = 2  # each second person: stock Rasa's model speaks its first language to everybody


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of each part. `people`: conversations at once; `pairs`: conversations of each depth of `at`."""

    people: int = 48
    rounds: int = 3
    warm: float = 3.0
    bare: float = 10.0
    whole: float = 14.0
    stock: float = 30.0
    stock_people: int = 6  # it is full with these, and each finishes several conversations meanwhile
    reports: float = 60.0
    reports_warm: float = 20.0  # until each has written 25 turns
    acknowledged: float = 20.0
    pairs: int = 6
    stock_pairs: int = 2
    at: tuple[int, ...] = (5, 50, 200)
    counted: float = 6.0
    seals: int = 300


REPORTERS = 50_000_000  # the first of the people who file
QUICK = Plan(rounds=1, warm=2.0, bare=5.0, whole=8.0, stock=15.0, reports=10.0, reports_warm=8.0, acknowledged=8.0,
             pairs=2, stock_pairs=1, counted=3.0, seals=100)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One way for people to talk: its name, its conversations, how many at once, how many seconds of a round."""

    name: str
    line: Line
    people: int
    seconds: float


def ways(system: System, bare: Engines, stock: Stock, plan: Plan) -> list[Way]:
    return [
        Way("bare", bare.talk, plan.people, plan.bare),
        Way("whole", system.telegram.talk, plan.people, plan.whole),
        Way("whatsapp", system.twilio.talk, plan.people, plan.whole),
        Way("stock", stock.talk, plan.stock_people, plan.stock),
    ]


async def everything(system: System, stock: Stock, plan: Plan) -> dict[str, Any]:
    """All figures, by name; seconds, turns a second, and milliseconds where the name says ms."""
    bare = Engines(system.engine_urls, system.engine_token)
    gc.freeze()  # of the driver
    try:
        found = {"machine": await machine(system, plan)}
        found["turns"] = await rates(system, ways(system, bare, stock, plan), plan)
        found["depth"] = await cost_by_depth(system, bare, stock, plan)
        found["acknowledged"] = await paced(system, plan, RATE)
        found["loaded"] = await paced(system, plan, SHARE * found["turns"]["whole"]["per_second"])
        found["seal"] = await sealed(system, plan)
        found["turns"]["told"] = await told_of(system, plan)
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


async def rates(system: System, several: Sequence[Way], plan: Plan) -> dict[str, Any]:
    """The ways take turns, so that other load of the machine meets all."""
    numbers = itertools.count(step=100_000)
    rounds: dict[str, list[dict[str, Any]]] = {way.name: [] for way in several}
    for number in range(1, plan.rounds + 1):
        for way in several:
            say(f"round {number} of {plan.rounds}: {way.name}, {way.seconds:.0f} s …")
            rounds[way.name].append(await rate(system, way, plan.warm, next(numbers)))
    found = {name: _middle(each) for name, each in rounds.items()}
    return {**found, "ratio": _ratio(rounds, "whole", "bare"), "to_stock": _ratio(rounds, "whatsapp", "stock"),
            "rounds": rounds}  # fmt: skip


def _ratio(rounds: Mapping[str, Sequence[Mapping[str, Any]]], above: str, below: str) -> float:
    pairs = zip(rounds[above], rounds[below], strict=True)
    return median(one["per_second"] / max(other["per_second"], 0.001) for one, other in pairs)


async def told_of(system: System, plan: Plan) -> dict[str, Any]:
    """As in real service: Twilio tells twice of each message what became of it, and its copies are deleted then."""
    say(f"WhatsApp with status callbacks, {plan.whole:.0f} s …")
    system.twilio.tells = True
    try:
        return await rate(system, Way("told", system.twilio.talk, plan.people, plan.whole), plan.warm, REPORTERS // 2)
    finally:
        system.twilio.tells = False


async def with_reports(system: System, plan: Plan) -> dict[str, Any]:
    """After everything else: the receipts of its last reports are still being derived when it ends."""
    say(f"whole conversations with their report through signed webhooks, {plan.reports:.0f} s …")
    way = Way("with_reports", system.twilio.talk, plan.people // 2, plan.reports)
    return await rate(system, way, plan.reports_warm, REPORTERS, files=True)


async def rate(system: System, way: Way, warm: float, first: int, *, files: bool = False) -> dict[str, Any]:
    """Turns a second and what they cost, after some seconds to warm up."""
    async with crowd(way.line, way.people, files=files, first=first, step=1 if files else SPANISH) as here:
        await asyncio.sleep(warm)
        done, before, held = (len(here.turns), here.taps), spent(system.data), resident(system.data)
        size, reports = _stored(system)
        await asyncio.sleep(way.seconds)
        now = spent(system.data).since(before)
        turns, taps = here.turns[done[0] :], here.taps - done[1]
        grown = {part: value - held[part] for part, value in resident(system.data).items()}
    larger, more = _stored(system)
    number = max(1, len(turns))
    return {**_told(turns, taps, now, here), "memory_mb": held, "reports": more - reports,
            "memory_kb": {part: 1024 * value / number for part, value in grown.items()},
            "database_kb": (larger - size) / 1024 / number}  # fmt: skip


def _stored(system: System) -> tuple[int, int]:
    """Bytes of all databases of the server, and how many reports there are."""
    with psycopg.connect(libpq_url(system.database_url)) as connection:
        row = connection.execute(
            "SELECT (SELECT sum(pg_database_size(datname)) FROM pg_database), (SELECT count(*) FROM reports)"
        ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)


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


async def cost_by_depth(system: System, bare: Engines, stock: Stock, plan: Plan) -> dict[str, Any]:
    say(f"turns {', '.join(map(str, plan.at))} …")
    found = {}
    lines: list[tuple[str, Callable[[int, str], Any], int]] = [
        ("whole", system.telegram.talk, plan.pairs), ("whatsapp", system.twilio.talk, plan.pairs),
        ("bare", bare.talk, plan.pairs), ("stock", stock.talk, plan.stock_pairs),
    ]  # fmt: skip
    for name, line, pairs in lines:
        times = {turn: 1000 * median(each) for turn, each in (await depths(line, pairs, plan.at)).items()}
        found[name] = {"ms": {str(turn): value for turn, value in times.items()},
                       "ratio": times[plan.at[-1]] / times[plan.at[0]]}  # fmt: skip
    last = str(plan.at[-1])
    return {**found, "at": list(plan.at), "to_stock": found["stock"]["ms"][last] / found["whatsapp"]["ms"][last]}


async def paced(system: System, plan: Plan, per_second: float) -> dict[str, Any]:
    """At so many messages a second: how long the webhooks took, and the whole turns."""
    say(f"{per_second:.0f} messages a second, {plan.acknowledged:.0f} s …")
    await at_rate(system.telegram.talk, per_second, plan.warm)
    system.telegram.acknowledged.clear()
    before = spent(system.data)
    here = await at_rate(system.telegram.talk, per_second, plan.acknowledged)
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
