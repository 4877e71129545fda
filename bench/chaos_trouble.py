"""Troubles that come one at a time, while conversations go on. Each gives lines for the report of the run."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from bench.chaos_check import KEYS_LOST
from bench.chaos_people import NUMBERS
from storage import keyfiles

if TYPE_CHECKING:
    from bench.chaos import Run

TROUBLE_SECONDS = 12.0
# Kind, seconds. After ten minutes (`bot.conversation.SILENCE`) people are asked anew whether it is safe.
SKEWS = (("gateway", 540.0), ("worker", -540.0), ("worker", 540.0), ("gateway", -540.0))
SET_RIGHT_SECONDS = 8.0  # after its start a clock is set right, while its process runs
HURRY_SECONDS = (0.2, 2.0)  # for so long the first of two messages is on its way
HALF_WAY = 12  # steps
BLOCK = 1024 * 1024

type Trouble = Callable[["Run"], Awaitable[list[str]]]


async def no_engine(run: Run) -> list[str]:
    """All engines are dead for longer than a turn is tried again: people get the numbers, not silence."""
    for engine in run.town.of("engine"):
        engine.held_back = True
        engine.kill()
    run.fault("no engine", cuts=False)
    await asyncio.sleep(TROUBLE_SECONDS + 8)
    got = sum(any(NUMBERS in text for _, text in diary.heard) for diary in run.people)
    for engine in run.town.of("engine"):
        engine.held_back = False
    await run.town.ready()
    return [f"no engine for {TROUBLE_SECONDS + 8:.0f} s: {got} people have the numbers to call by now"]


async def full_disk(run: Run) -> list[str]:
    """The database's disk has no block left."""
    if not run.town.small_disk:
        return ["disk full: LEFT OUT, since this account may not mount a small disk (needs root)"]
    run.fault("disk full")
    filler = run.town.data / "postgres" / "filler"
    await asyncio.to_thread(_fill, filler)
    try:
        await asyncio.sleep(TROUBLE_SECONDS)
        run.fault("disk full")
    finally:
        filler.unlink()
    run.fault("disk full")
    await run.town.ready()
    return [f"disk full for {TROUBLE_SECONDS:.0f} s"]


def _fill(filler: Path) -> None:
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * BLOCK)
    with suppress(OSError), filler.open("ab", buffering=0) as file:
        while True:
            file.write(b"\0" * 512)


async def writes_refused(run: Run) -> list[str]:
    """The server takes no writes, as after a failover to a copy that only reads."""
    run.fault("writes refused")
    await _eventually(run, "ALTER SYSTEM SET default_transaction_read_only = on")
    await _eventually(run, "SELECT pg_reload_conf()")
    await asyncio.sleep(TROUBLE_SECONDS)
    await _eventually(run, "SET default_transaction_read_only = off; ALTER SYSTEM RESET default_transaction_read_only")
    await _eventually(run, "SELECT pg_reload_conf()")
    run.fault("writes refused")
    await run.town.ready()
    return [f"writes refused for {TROUBLE_SECONDS:.0f} s"]


async def _eventually(run: Run, statement: str) -> None:
    async with asyncio.timeout(60):
        while True:
            with suppress(psycopg.OperationalError):
                for one in statement.split("; "):
                    await asyncio.to_thread(run.town.change, one)
                return
            await asyncio.sleep(0.2)


async def clocks_jump(run: Run) -> list[str]:
    """One process after the other believes that it is earlier or later than the rest."""
    for kind, seconds in SKEWS:
        chosen = run.town.of(kind)[0]
        plain = chosen.command
        at = plain.index("bot.cli")
        chosen.command = (*plain[:at], "bench.skewed", str(seconds), str(SET_RIGHT_SECONDS), *plain[at + 1 :])
        chosen.kill()
        run.fault(f"clock of a {kind} by {seconds:.0f} s")
        await asyncio.sleep(TROUBLE_SECONDS)
        chosen.command = plain
        chosen.kill()
        run.fault(f"clock of a {kind} back")
    await run.town.ready()
    return [f"clocks of single processes {', '.join(f'{kind} {seconds:+.0f} s' for kind, seconds in SKEWS)}"]


async def out_of_order(run: Run) -> list[str]:
    """What people said second is delivered first, while gateway and workers are killed."""
    await run.town.ready()
    walkers = [await run.person(channel, hurried=True) for channel in run.channels for _ in range(2)]
    hurrying = []
    for walker in walkers:
        hurrying.append(asyncio.create_task(walker.hurry(run.weather, run.chance.uniform(*HURRY_SECONDS))))
        await asyncio.sleep(0.1)  # one after the other, so that each holds up its own
    for _ in range(int(TROUBLE_SECONDS)):
        run.town.kill(run.chance.choice(("gateway", "worker")), run.chance)
        await asyncio.sleep(1)
    await asyncio.gather(*hurrying)
    await asyncio.gather(*(walker.walk(begin=2) for walker in walkers if not walker.diary.silent))
    return [f"out of order: {len(walkers)} people's second message overtook the first"]


TROUBLES: tuple[Trouble, ...] = (out_of_order, no_engine, full_disk, writes_refused, clocks_jump)


async def forgotten(run: Run) -> list[str]:
    """The epoch keys are gone while people are half way: nobody can read their conversations any more, so they begin
    anew, with the same greeting as anybody, and get to the end."""
    walkers = [await run.person(channel) for channel in run.channels for _ in range(2)]
    await asyncio.gather(*(walker.walk(HALF_WAY) for walker in walkers))
    for path in (run.town.data / "keys" / "epochs").glob("*.key"):
        keyfiles.shred(path)
    run.fault(KEYS_LOST, cuts=False)
    for walker in walkers:
        half = walker.diary
        walker.diary = replace(half, told=[], heard=[], begun_anew=True)
        run.people[run.people.index(half)] = walker.diary
    await asyncio.gather(*(walker.walk() for walker in walkers))
    new = sum(walker.diary.received for walker in walkers)
    return [f"epoch keys lost: {len(walkers)} conversations were gone, {new} began anew and were reported"]
