"""How people come: so many at once, each waiting for the reply; at a rate; or one after another."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice

from bench.people import TURNS, Act, NoReply, Person, Talk

type Line = Callable[[int, str], Talk]  # a person's number and language -> a new conversation


@dataclass(slots=True)
class Crowd:
    """`turns`: seconds of every finished turn. `taps`: how many of them were no words. `lost`: no reply came."""

    turns: list[float] = field(default_factory=list)
    taps: int = 0
    lost: int = 0
    stopping: bool = False

    async def take(self, talk: Talk, act: Act) -> bool:
        begun = time.perf_counter()
        try:
            await talk.take(act)
        except (NoReply, TimeoutError, OSError):
            self.lost += 1
            return False
        self.turns.append(time.perf_counter() - begun)
        self.taps += act.kind != "say"
        return True

    async def come_and_go(self, line: Line, numbers: Iterator[int], files: bool, first: int) -> None:
        """One conversation after another; the first ends after so many turns."""
        turns = first
        while not self.stopping:
            person = Person(next(numbers))
            talk = line(person.number, person.language)
            for act in islice(person.acts(talk, files=files), turns):
                if self.stopping or not await self.take(talk, act()) or not talk.open:
                    break  # no question stands: the report was filed a turn early
            turns = TURNS


@asynccontextmanager
async def crowd(line: Line, people: int, *, files: bool = False, first: int = 0, step: int = 1) -> AsyncIterator[Crowd]:
    """So many conversations at once until the block ends; the turns under way are finished then. `step`: 2 brings
    people of one language. The first conversations end one after another, so that reports are not filed in waves."""
    here, numbers = Crowd(), itertools.count(first, step)
    tasks = [
        asyncio.create_task(here.come_and_go(line, numbers, files, 1 + place * TURNS // people))
        for place in range(people)
    ]
    try:
        yield here
    finally:
        here.stopping = True
        await asyncio.gather(*tasks)


async def at_rate(line: Line, rate: float, seconds: float) -> Crowd:
    """So many messages a second, at random moments, from people who wait for their own reply only."""
    here, chance, tasks = Crowd(), random.Random(1), set[asyncio.Task[None]]()
    idle, numbers, due = deque[tuple[Talk, Iterator[Callable[[], Act]]]](), itertools.count(), time.monotonic()

    async def one(talk: Talk, acts: Iterator[Callable[[], Act]]) -> None:
        act = next(acts, None)
        if act and await here.take(talk, act()):
            idle.append((talk, acts))

    end = due + seconds
    while due < end:
        due += chance.expovariate(rate)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        if len(idle) < rate:  # each writes about once a second
            person = Person(next(numbers))
            talk = line(person.number, person.language)
            idle.append((talk, iter(person.acts(talk))))
        task = asyncio.create_task(one(*idle.popleft()))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return here


async def depths(line: Line, pairs: int, at: Sequence[int]) -> dict[int, list[float]]:
    """Seconds of the turn of each of these depths and the two after it, all of one kind. So many conversations of each
    depth are talked up to it; then they take turns, so that all depths meet one load."""
    found: dict[int, list[float]] = {turn: [] for turn in at}
    places = [(turn, number) for number in range(0, 2 * pairs, 2) for turn in at]
    talks = await asyncio.gather(*(_talked(line, number, turn - 1) for turn, number in places))
    for _ in range(3):
        for (turn, _), talk in zip(places, talks, strict=True):
            begun = time.perf_counter()
            await talk.take(Act("outdated", "safe=ready"))
            found[turn].append(time.perf_counter() - begun)
    return found


async def _talked(line: Line, number: int, turns: int) -> Talk:
    person = Person(number)
    talk = line(number, person.language)
    for act in person.opening(talk):
        await talk.take(act())
    for turn in range(5, turns + 1):
        await talk.take(person.restless(turn))
    return talk
