"""`./run bench chaos`: conversations on every channel while everything they need is killed, again and again.

First a few people without faults: what they hear and what officers open of them is what everybody must get. Then one
trouble after the other while conversations go on; then the storm; then calm, until nobody waits any more; then the
checker (chaos_check.py).
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import click
import orjson
import psycopg

from bench import chaos_table
from bench.chaos_accounts import Accounts
from bench.chaos_check import Fault
from bench.chaos_evidence import Evidence
from bench.chaos_officers import opened, shelves
from bench.chaos_people import CHANNELS, PRACTICE_CHANNELS, Diary, Keyboard, Page, Person, Replies, Weather, replies
from bench.chaos_town import Town, town
from bench.chaos_trouble import TROUBLES, forgotten
from bot.progress import say
from storage.mailbox import Mailbox
from tests.channels.platforms.phone import Phone

RESULTS = Path(__file__).parent / "results"
# How often each is hit, of a hundred; "all" is every process at the same moment. An engine takes ten seconds of a core
# to come up again: if it were hit more often, people would mostly be answered by the numbers.
WEIGHTS = {"worker": 46, "gateway": 44, "database": 7, "engine": 2, "all": 1}
FAILURES = {"throttled": 1, "down": 4, "lost": 2, "cut": 4}  # of the platforms, how often beside each other
TAKEN = {"lost", "cut"}  # the message arrived, its sender was not told
SENDERS = {"worker", "database", "all"}  # whose death can cut a send off
CALLS = {"telegram": "sendMessage", "twilio": "messages"}
FAILS = 0.08  # of the calls in the storm
REACH = {"telegram": ("telegram",), "twilio": ("whatsapp", "sms")}
DRAIN_SECONDS = 420.0
LINGER_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`gap`: seconds between two kills, on the average; `people`: conversations at once; `seconds`: when the storm ends
    at the latest."""

    kills: int = 1000
    seconds: float = 3600.0
    seed: int = 1
    people: int = 32
    gap: float = 1.0
    engines: int = 2
    workers: int = 4
    troubles: bool = True
    taps: bool = True  # every second person taps buttons
    warm: bool = False  # gateway and workers are forked from a process that has read the code
    practice: bool = False  # at the terminal and on the page; the platforms are off


@dataclass(slots=True)
class Run:
    """One run in a town."""

    town: Town
    plan: Plan
    chance: random.Random
    weather: Weather
    people: list[Diary] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    known: dict[str, Replies] = field(default_factory=dict)
    models: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    talks: set[asyncio.Task[None]] = field(default_factory=set)
    leaving: set[asyncio.Task[None]] = field(default_factory=set)
    doors: AsyncExitStack = field(default_factory=AsyncExitStack)
    notes: list[str] = field(default_factory=list)
    pages: dict[str, Page] = field(default_factory=dict)
    stormy: bool = False
    number: int = 100
    begun: int = 0

    @property
    def channels(self) -> tuple[str, ...]:
        return PRACTICE_CHANNELS if self.plan.practice else CHANNELS

    async def person(self, channel: str, *, odd: bool | None = None, hurried: bool = False) -> Person:
        self.number += 1 if self.plan.taps else 2
        if odd is not None and self.number % 2 != odd:
            self.number += 1
        diary = Diary(self.number, channel, hurried=hurried)
        self.people.append(diary)
        return Person(diary, await self._phone(channel), self.known.get(diary.kind), self._idle)

    async def _phone(self, channel: str) -> Phone:
        match channel:
            case "telegram":
                return self.town.telegram.phone(60_000_000 + self.number)
            case "whatsapp":
                return self.town.twilio.whatsapp(f"whatsapp:+57301{self.number:07}")
            case "sms":
                return self.town.twilio.sms(f"+57302{self.number:07}")
            case "terminal":
                return await self.doors.enter_async_context(Keyboard(self.weather, self.town.settings.engine_token))
        return await self._page()

    async def _page(self) -> Page:
        while True:
            page = Page(self.town.gateway_url, self.weather)
            try:
                await self.doors.enter_async_context(page)
                self.pages[page.address] = page
                return page
            except (aiohttp.ClientError, OSError, AssertionError, TimeoutError):  # no gateway just now
                await page._session.close()
                await asyncio.sleep(0.3)

    async def _idle(self, diary: Diary) -> bool:
        """Driver's knowledge, not the checker's: a person would simply wait longer before repeating something."""
        name = self.town.keys.pseudonym(diary.channel, diary.address, datetime.now(UTC))
        page = self.pages.get(diary.address)
        box = Mailbox.of(self.town.keys, diary.address).name if page else b""
        try:
            waits = await asyncio.to_thread(self.town.ask, _WAITS, name, name, box, page.number if page else 0)
        except psycopg.Error:
            return False
        return waits == 0

    async def calm(self, *, hurried: bool = False) -> None:
        """The people without faults, one of a kind on each channel; `hurried`: also those in a hurry."""
        kinds = [(channel, odd) for channel in self.channels for odd in (False, True)
                 if not odd or (self.plan.taps and channel not in {"sms", "terminal"})]  # fmt: skip
        walkers = [await self.person(channel, odd=odd) for channel, odd in kinds]
        if hurried:
            walkers += [await self.person(channel, hurried=True) for channel in self.channels]
        await asyncio.gather(*(_alone(walker) for walker in walkers))
        bodies = {body["number"]: body["body"] for body in await opened(self.town)}
        for walker in walkers:
            self.known[walker.diary.kind] = replies(walker.diary)
            self.models[walker.diary.kind] = bodies[walker.diary.number]

    def begin(self, number: int) -> None:
        """Fills up to so many conversations at once, a channel after the other."""
        while len(self.talks) < number:
            self.begun += 1
            task = asyncio.create_task(self._talk(self.channels[self.begun % len(self.channels)]))
            self.talks.add(task)
            task.add_done_callback(self._over)

    def _over(self, talk: asyncio.Task[None]) -> None:
        """What the driver itself can't do is told, and not taken for a person who had nothing to say."""
        self.talks.discard(talk)
        if not talk.cancelled() and (error := talk.exception()):
            self.notes.append(f"a conversation was given up by its driver: {type(error).__name__}")

    async def _talk(self, channel: str) -> None:
        walker = await self.person(channel)
        await walker.walk()
        if page := self.pages.get(walker.diary.address):
            leaving = asyncio.create_task(self._leave(page))
            self.leaving.add(leaving)
            leaving.add_done_callback(self.leaving.discard)

    async def _leave(self, page: Page) -> None:
        """A page stays open for a while, to see what comes twice. All of them, for ever, would keep us busy."""
        await asyncio.sleep(LINGER_SECONDS)
        await page.hang_up()

    async def storm(self) -> None:
        end = time.monotonic() + self.plan.seconds
        self.weather.calm, self.stormy = False, True
        kinds, weights = list(WEIGHTS), list(WEIGHTS.values())
        while len(self.town.kills) < self.plan.kills and time.monotonic() < end:
            before = len(self.town.kills)
            self.begin(self.plan.people)
            self.town.kill(self.chance.choices(kinds, weights)[0], self.chance)
            if len(self.town.kills) % 50 == 0 and len(self.town.kills) > before:
                say(f"{len(self.town.kills)} kills, {self._done()} conversations done, {len(self.talks)} under way")
            await asyncio.sleep(self.chance.expovariate(1 / self.plan.gap))

    def watch(self) -> None:
        """In the storm some calls fail, each noted at its moment."""
        for name, channels in REACH.items():
            platform = getattr(self.town, name)
            platform.failure = partial(self._met, platform.failure, name, channels)

    def _met(self, failure: Callable[[str], str | None], name: str, channels: tuple[str, ...], call: str) -> str | None:
        what = failure(call)
        if self.stormy and call == CALLS[name] and self.chance.random() < FAILS:
            what = self.chance.choices(list(FAILURES), list(FAILURES.values()))[0]
        if what:
            self.fault(f"{name} {what}", channels, cuts=what in TAKEN)
        return what

    def fault(self, what: str, channels: tuple[str, ...] = (), *, cuts: bool = True) -> None:
        self.faults.append(Fault(time.monotonic(), what, channels, cuts))

    async def drained(self) -> None:
        """Calm, until nobody talks and nothing waits any more."""
        say("calm, until nobody waits …")
        self.weather.calm, self.stormy = True, False
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                while self.talks or self.leaving or self._telling() or await self._waits():  # noqa: ASYNC110  other processes do it
                    await asyncio.sleep(0.25)
        except TimeoutError:
            self.notes.append(f"{len(self.talks)} conversations were still under way in the end")
            for task in self.talks:
                task.cancel()

    def _telling(self) -> bool:
        return isinstance(self.town.twilio, Accounts) and bool(self.town.twilio.telling)

    async def _waits(self) -> bool:
        try:
            return bool(await asyncio.to_thread(self.town.ask, _ALL_WAITS))
        except psycopg.Error:
            return True

    def _done(self) -> int:
        return sum(diary.received for diary in self.people)


async def _alone(walker: Person) -> None:
    """Each step waits until nothing of it is under way any more: there is nothing yet to compare with."""
    for step in range(len(walker.diary.lines)):
        before = len(walker.diary.heard)
        await walker.say(step)
        async with asyncio.timeout(120):
            while len(walker.diary.heard) == before or not await walker._idle(walker.diary):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await asyncio.sleep(0.3)


_WAITS = """
    SELECT (SELECT count(*) FROM inbox AS i JOIN conversations AS c ON c.id = i.conversation
            WHERE c.pseudonym = %s AND parked IS NULL)
    + (SELECT count(*) FROM outbox AS o JOIN conversations AS c ON c.id = o.conversation
       WHERE c.pseudonym = %s AND status = 'waiting')
    + (SELECT count(*) FROM mail WHERE mailbox = %s AND number > %s)
"""
_ALL_WAITS = """
    SELECT EXISTS (SELECT FROM inbox WHERE parked IS NULL) OR EXISTS (SELECT FROM outbox WHERE status = 'waiting')
    OR EXISTS (SELECT FROM procrastinate_jobs
               WHERE queue_name IN ('turns', 'deliveries') AND status IN ('todo', 'doing'))
"""


async def run(plan: Plan, evidence: Path | None = None) -> dict[str, Any]:
    """The figures, and under `problems` a line for each broken promise. `evidence`: where all that was seen is kept."""
    chance = random.Random(plan.seed)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faro-chaos-") as folder:
        made_of = {"engines": plan.engines, "workers": plan.workers, "practice": plan.practice, "warm": plan.warm}
        async with town(Path(folder), **made_of) as here, AsyncExitStack() as stack:
            weather = Weather(random.Random(plan.seed + 1))
            weather.url = here.gateway_url
            stack.push_async_callback(weather.close)
            here.telegram.gate = here.twilio.gate = weather
            made = Run(here, plan, chance, weather, doors=stack)
            made.watch()
            await _weathered(made)
            seen = await _seen(made, time.monotonic() - begun)
            if evidence:
                await asyncio.to_thread(seen.keep, evidence)
            return seen.found()


async def _seen(made: Run, seconds: float) -> Evidence:
    stored = await asyncio.to_thread(shelves, made.town)
    bodies = [one["body"] for one in await opened(made.town)]
    faults = [*made.faults, *(Fault(at, what, cuts=what in SENDERS) for at, what in made.town.kills)]
    return Evidence(made.people, bodies, made.known, made.models, faults, stored, _facts(made, seconds))


async def _weathered(made: Run) -> None:
    say("people without faults …")
    await made.calm(hurried=made.plan.troubles)
    if made.plan.troubles:
        await _troubled(made)
    say(f"storm: {made.plan.kills} kills, seed {made.plan.seed} …")
    await made.storm()
    await made.drained()


async def _troubled(made: Run) -> None:
    made.weather.calm = False
    for trouble in TROUBLES:
        made.begin(made.plan.people // 2)
        say(f"{trouble.__name__.replace('_', ' ')} …")
        made.notes += await trouble(made)
    await made.drained()
    say("the epoch keys are lost …")
    made.notes += await forgotten(made)
    await made.drained()


def _facts(made: Run, seconds: float) -> dict[str, Any]:
    return {
        "plan": asdict(made.plan), "seconds": round(seconds), "kills": len(made.town.kills),
        "killed": dict(Counter(what for _, what in made.town.kills)),
        "ended by themselves": {one.kind: one.ended for one in made.town.residents if one.ended},
        "platform failures": dict(Counter(fault.what for fault in made.faults)),
        "deliveries": made.weather.counts, "notes": made.notes,
    }  # fmt: skip


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--kills", default=Plan().kills, help="SIGKILLs in the storm.")
@click.option("--seconds", default=Plan().seconds, help="The storm ends after so long in any case.")
@click.option("--seed", default=Plan().seed, help="Of all chance; the operating system's own remains.")
@click.option("--people", default=Plan().people, help="Conversations at once.")
@click.option("--gap", default=Plan().gap, help="Seconds between two kills, on the average.")
@click.option("--troubles/--no-troubles", default=True, help="Before the storm: disk, clocks, keys, … one by one.")
@click.option("--warm", is_flag=True, help="Fork gateway and workers from a process that has read the code.")
@click.option("--practice", is_flag=True, help="At the terminal, which is on in practice only, and on the page.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Where the figures go; default: bench/results/.")
@click.option("--evidence", type=click.Path(path_type=Path), help="Where all that was seen goes, to be judged again.")
def main(kills: int, seconds: float, seed: int, people: int, gap: float, troubles: bool, warm: bool, practice: bool,
         file: Path | None, evidence: Path | None) -> None:  # fmt: skip
    """Kill everything at random moments while people talk, and see whether anything was lost or done twice."""
    plan = Plan(kills, seconds, seed, people, gap, troubles=troubles, warm=warm, practice=practice)
    found = asyncio.run(run(plan, evidence))
    print(chaos_table.text(found))
    now = datetime.now(UTC)
    file = file or RESULTS / f"chaos-{now:%Y-%m-%dT%H%M%SZ}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps({"at": now.isoformat(), **found}, option=orjson.OPT_INDENT_2))
    say(f"figures: {file}")
    sys.exit(1 if found["problems"] else 0)


if __name__ == "__main__":
    main()
