"""`./run bench hosts`: gateways, workers and engines on two hosts, of which one is cut off in mid turn and comes back.

First a few people without faults, whose messages go to both hosts by turns, and now and then to both at once. Then
more people; the engines are held until the second host has turns under way, and its line goes dead. Everybody goes on
through the first. When all that the second had is taken over, its line is mended; nothing is started anew. The chaos
run's checker (chaos_check.py) then compares what people saw with what officers open.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, override

import aiohttp
import click
import orjson

from bench.chaos import Plan, Run
from bench.chaos_check import check
from bench.chaos_officers import opened, shelves
from bench.chaos_people import Weather
from bench.hosts_town import Hosts, hosts
from bench.namespaces import Network, NoNamespaces
from bot.progress import say
from tests.channels.platforms.phone import Phone
from tests.channels.platforms.web import StreamingPhone, streamed

RESULTS = Path(__file__).parent / "results"
PEOPLE = 12  # at once
LOOK_SECONDS = 0.05
BEFORE_SECONDS, WITHOUT_SECONDS, AFTER_SECONDS = 1.0, 12.0, 30.0  # of talk before the cut; cut off at least; to recover
CUT_OFF_SECONDS = 40.0  # at most
PATIENCE_SECONDS = 2.0  # of a platform until it delivers to the other door, and for which a silent door is asked last
SILENCE_SECONDS = 5.0  # after which a page asks the other door; the page that people get waits 40 (chat-events.js)
TURNS = 2  # that the second host is to have under way when it is cut off
NO_NAMESPACES = 77  # exit code

_UNDER_WAY = """
    SELECT backend_xid::text::bigint, backend_start::text || pid FROM pg_stat_activity
    WHERE client_addr = %s AND state = 'idle in transaction' AND backend_xid IS NOT NULL
"""
_JOBS = "SELECT id FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = %s AND queue_name = 'turns'"
_HELD = "SELECT count(*) FROM procrastinate_jobs WHERE id = ANY(%s)"
_NEW_WORKER = "SELECT worker_id FROM procrastinate_jobs WHERE worker_id > %s AND status = 'doing'"


class Doors(Weather):
    """A platform (or what stands before the doors) that delivers to both by turns; each fourth to both at once. A door
    that does not answer in time is asked last for a while."""

    def __init__(self, urls: Sequence[str]) -> None:
        super().__init__(random.Random(1))
        self.urls, self._number = urls, 0
        self._silent: dict[str, float] = {}
        self.taken: Counter[str] = Counter()
        self.twice = self.passed_over = 0

    def line(self) -> list[str]:
        self._number += 1
        turns = [self.urls[(self._number + step) % len(self.urls)] for step in range(len(self.urls))]
        lately = time.monotonic() - PATIENCE_SECONDS
        return sorted(turns, key=lambda url: self._silent.get(url, 0.0) > lately)

    @override
    async def __call__(self, delivery: Any) -> int:
        if self._number % 4 == 3:
            self._number += 1
            self.twice += 1
            answers = await asyncio.gather(*(self._deliver(url, delivery) for url in self.urls))
            if any(answers):
                return 200
        while True:
            for url in self.line():
                if await self._deliver(url, delivery):
                    return 200
                self.passed_over += 1
            await asyncio.sleep(LOOK_SECONDS)

    async def _deliver(self, url: str, delivery: Any) -> bool:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE_SECONDS))
        try:
            async with self._session.post(url + delivery.target, data=delivery.body,
                                          headers=dict(delivery.headers)) as answer:  # fmt: skip
                await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._silent[url] = time.monotonic()
            return False
        self.taken[url] += answer.status < 300
        return answer.status < 300


class Page(StreamingPhone):
    """A page whose stream goes through any door. `moves`: times that it came to another."""

    moves = 0

    def __init__(self, doors: Doors) -> None:
        super().__init__(doors.line()[0], doors)
        self._doors = doors

    @override
    async def _hear(self) -> None:
        silence = aiohttp.ClientTimeout(total=None, sock_connect=PATIENCE_SECONDS, sock_read=SILENCE_SECONDS)
        while True:
            before, self.url = self.url, self._doors.line()[0]
            self.moves += self.url != before
            self.lines += 1
            headers = self.headers | {"accept": "text/event-stream", "last-event-id": str(self.number)}
            with suppress(aiohttp.ClientError, TimeoutError):
                async with self._session.get(f"{self.url}/chat/events", headers=headers, timeout=silence) as answer:
                    async for number, event in streamed(answer):
                        self.show(number, event)
            await asyncio.sleep(LOOK_SECONDS)


@dataclass(slots=True)
class Talks(Run):
    """The chaos run's people, who find both hosts' doors."""

    found: dict[str, Any] = field(default_factory=dict)

    @override
    async def _phone(self, channel: str) -> Phone:
        if channel != "web":
            return await Run._phone(self, channel)
        assert isinstance(self.weather, Doors)
        page = await self.doors.enter_async_context(Page(self.weather))
        self.pages[page.address] = page  # type: ignore[assignment]
        return page


async def run(network: Network) -> dict[str, Any]:
    """The figures, and under `problems` a line for each broken promise."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faro-hosts-") as folder:
        say("database, two gateways, two workers and two engines start on three hosts …")
        async with hosts(network, Path(folder)) as here:
            doors = Doors((here.a.url, here.b.url))
            here.town.telegram.gate = here.town.twilio.gate = doors
            async with (made := Talks(here.town, Plan(), random.Random(1), doors)).doors:
                try:
                    say("people without faults, through both hosts …")
                    await made.calm()
                    await _cut_off_and_back(made, here)
                    await made.drained()
                finally:
                    await doors.close()
                return await _judged(made, here, doors, time.monotonic() - begun)


async def _cut_off_and_back(made: Talks, here: Hosts) -> None:
    say(f"{PEOPLE} people talk …")
    made.begin(PEOPLE)
    await asyncio.sleep(BEFORE_SECONDS)
    jobs, turns = await _cut(made, here)
    cut = time.monotonic()
    say(f"the second host is cut off, {len(turns)} turns under way …")
    await _watch(made, here, jobs, cut)
    made.found["turns under way at the cut"] = len(turns)
    await asyncio.sleep(max(0.0, cut + WITHOUT_SECONDS - time.monotonic()))
    heard = sum(at > cut for diary in made.people for at, _ in diary.heard)
    made.found["replies heard while it was cut off"] = heard
    here.b.host.join()
    joined = time.monotonic()
    made.fault("joined")
    made.found["cut off s"] = round(joined - cut, 1)
    say(f"back after {joined - cut:.0f} s …")
    await _works_again(made, here, joined)
    made.found["turns that were cut off, as the database knows them"] = dict(Counter(
        here.rows("SELECT pg_xact_status(%s::text::xid8)", number)[0][0] for number in turns
    ))  # fmt: skip


async def _cut(made: Talks, here: Hosts) -> tuple[list[int], list[int]]:
    """Jobs and transactions of the second host at the moment when its line goes dead: its turns wait for an engine."""
    here.a.pause()
    here.b.pause()
    async with asyncio.timeout(10):
        while len(here.rows(_UNDER_WAY, here.b.host.address)) < TURNS:
            await asyncio.sleep(LOOK_SECONDS)
            made.begin(PEOPLE)
    here.b.host.cut()
    made.fault("cut off")
    await asyncio.sleep(LOOK_SECONDS)  # what was on the line has come
    turns = [number for number, _ in here.rows(_UNDER_WAY, here.b.host.address)]
    jobs = [id for (id,) in here.rows(_JOBS, here.b.queue_id)]
    here.a.pause(go_on=True)
    here.b.pause(go_on=True)
    return jobs, turns


async def _watch(made: Talks, here: Hosts, jobs: Sequence[int], cut: float) -> None:
    """Until all that the second host had is done by the first."""
    let_go = False
    while True:
        if time.monotonic() - cut > CUT_OFF_SECONDS:
            made.notes.append("what the second host had was not taken over")
            return
        made.begin(PEOPLE)
        if not let_go and not here.rows(_UNDER_WAY, here.b.host.address):
            let_go = True
            made.found["its locks were free after s"] = round(time.monotonic() - cut, 1)
        if let_go and not here.rows(_HELD, list(jobs))[0][0]:
            break
        await asyncio.sleep(LOOK_SECONDS)
    made.found["its turns were done by the other after s"] = round(time.monotonic() - cut, 1)


async def _works_again(made: Talks, here: Hosts, joined: float) -> None:
    doors = made.weather
    assert isinstance(doors, Doors)
    taken, door, worker = doors.taken[here.b.url], False, False
    with suppress(TimeoutError):
        async with asyncio.timeout(AFTER_SECONDS):
            while not (door and worker):
                made.begin(PEOPLE)
                if not door and doors.taken[here.b.url] > taken:
                    door = True
                    made.found["its gateway took messages again after s"] = round(time.monotonic() - joined, 1)
                known = {number for (number,) in here.rows(_NEW_WORKER, max(here.a.queue_id, here.b.queue_id))}
                if not worker and known:
                    worker = True
                    made.found["its worker took turns again after s"] = round(time.monotonic() - joined, 1)
                await asyncio.sleep(LOOK_SECONDS / 5)


async def _judged(made: Talks, here: Hosts, doors: Doors, seconds: float) -> dict[str, Any]:
    stored = await asyncio.to_thread(shelves, here.town)
    bodies = [one["body"] for one in await opened(here.town)]
    verdict = check(made.people, bodies, made.known, made.models, made.faults, stored)
    waits = [told.at - told.said for diary in made.people for told in diary.told]
    ended = [f"{site.host.name}: {kind}" for site in (here.a, here.b) for kind in site.ended]
    return {
        "seconds": round(seconds), **made.found, "figures": verdict.figures, "repeats": dict(verdict.repeats),
        "longest until a message was acknowledged s": round(max(waits), 1), "notes": made.notes,
        "taken by": {site.host.name: doors.taken[site.url] for site in (here.a, here.b)},
        "delivered to both at once": doors.twice, "passed over": doors.passed_over,
        "streams that went to the other door": sum(page.moves for page in made.pages.values()),  # type: ignore[attr-defined]
        "workers that began anew": {site.host.name: site.told("queue_lost") for site in (here.a, here.b)},
        "ended": ended, "problems": verdict.problems,
    }  # fmt: skip


@click.command()
@click.option("--json", "file", type=click.Path(path_type=Path), help="Where the figures go; default: bench/results/.")
def main(file: Path | None) -> None:
    """Cut one of two hosts off in mid turn, and see whether anything was lost or done twice."""
    try:
        network = Network.enter()
    except NoNamespaces as error:
        say(str(error))
        sys.exit(NO_NAMESPACES)
    found = asyncio.run(run(network))
    print("\n".join(f"{name:56}{value}" for name, value in found.items()))
    now = datetime.now(UTC)
    file = file or RESULTS / f"hosts-{now:%Y-%m-%dT%H%M%SZ}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps({"at": now.isoformat(), **found}, option=orjson.OPT_INDENT_2))
    sys.exit(1 if found["problems"] else 0)


if __name__ == "__main__":
    main()
