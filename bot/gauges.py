"""Looks up what the metrics show of the present moment, when somebody asks for them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from sqlalchemy.exc import SQLAlchemyError

from bot import log
from bot.metrics import QUEUES, Metrics
from bot.screening import TIERS
from bot.settings import Settings
from storage import audit, gauges
from storage.audit import Head
from storage.database import Database
from storage.errors import StorageError
from storage.gauges import Jobs, Waits
from storage.roster import RosterRefused

if TYPE_CHECKING:  # it brings the platforms' libraries along, which the console has no use for
    from bot.service import Service

FRESH_SECONDS = 5.0  # so long an answer is given again
CHAIN_SECONDS = 600.0  # between two walks along the audit chain: 30 microseconds a row
_OF_DATABASE = (
    "faro_jobs_waiting", "faro_jobs_oldest_seconds", "faro_jobs_running", "faro_jobs_failed",
    "faro_message_oldest_seconds", "faro_parked", "faro_notices_waiting", "faro_notices_oldest_seconds",
    "faro_unacknowledged", "faro_unacknowledged_oldest_seconds", "faro_reports", "faro_workers", "faro_audit_head",
)  # fmt: skip

type Look[S: Measured] = Callable[[S], Awaitable[None]]


class Measured(Protocol):
    """What any process that is measured has."""

    @property
    def settings(self) -> Settings: ...

    @property
    def database(self) -> Database: ...

    @property
    def metrics(self) -> Metrics: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...

    async def ready(self) -> dict[str, bool]: ...


class Gauges[S: Measured]:
    """Of one process. `look` sets the gauges that this kind of process answers for."""

    def __init__(self, service: S, look: Look[S]) -> None:
        self._service, self._look = service, look
        self._turn = asyncio.Lock()
        self._until = 0.0

    async def fresh(self) -> None:
        """Brings the gauges up to date; one at a time, however many ask."""
        async with self._turn:
            if time.monotonic() < self._until:
                return
            await _ready(self._service)
            await self._look(self._service)
            self._until = time.monotonic() + FRESH_SECONDS


async def of_gateway(service: Service) -> None:
    """How much waits. The gateway tells it, since it is there when no worker is."""
    now = service.clock()
    try:
        async with service.database.begin() as tx:
            seen = await gauges.look(tx, now)
    except (StorageError, SQLAlchemyError, OSError) as error:
        log.failure("gauges", error)
        service.metrics.forget(*_OF_DATABASE)
        return
    _show(service.metrics, seen)


async def of_console(service: Measured) -> None:
    """Nothing but what every process answers for: it asks the database only for what officers ask."""


def of_worker() -> Look[Service]:
    """What keys and files tell; and whether the audit chain holds."""
    chain = Chain()

    async def look(service: Service) -> None:
        await _roster(service)
        _directory(service)
        service.metrics.set("faro_epoch_keys", service.keys.epochs())
        await chain.walk(service)

    return look


class Chain:
    """Walks the audit chain now and then, and remembers its end, so that rows cut off at the end are missed."""

    def __init__(self) -> None:
        self._head = Head()
        self._due = 0.0

    async def walk(self, service: Service) -> None:
        if time.monotonic() < self._due:
            return
        try:
            async with service.database.begin() as tx:
                rows = await audit.rows(tx)
                sealers = (await service.roster(tx)).sealers  # former ones too, under which the chain began
        except (StorageError, RosterRefused, SQLAlchemyError, OSError) as error:
            log.failure("chain_not_walked", error)
            return
        result = await asyncio.to_thread(audit.verify, rows, sealers, witness=self._head)
        if result.ok:
            self._head = result.head
        else:
            log.event("chain_broken", problems=len(result.problems), first=result.problems[0].seq)
        service.metrics.set("faro_audit_verified", float(result.ok))
        service.metrics.set("faro_audit_checked_timestamp_seconds", service.clock().timestamp())
        self._due = time.monotonic() + CHAIN_SECONDS


async def _ready(service: Measured) -> None:
    """The parts, and the clock, which every machine has of its own."""
    for part, ready in (await service.ready()).items():
        service.metrics.set("faro_ready", float(ready), part=part)
    try:
        async with service.database.begin() as tx:
            skew = await gauges.clock_skew(tx, service.clock())
    except (StorageError, SQLAlchemyError, OSError):
        service.metrics.forget("faro_clock_skew_seconds")  # `ready` has told the log that the database is away
    else:
        service.metrics.set("faro_clock_skew_seconds", skew.total_seconds())


def _show(metrics: Metrics, seen: gauges.Gauges) -> None:
    for name in QUEUES:
        for what, value in asdict(seen.jobs.get(name, Jobs())).items():
            if what == "oldest":
                metrics.set("faro_jobs_oldest_seconds", value.total_seconds(), queue=name)
            else:
                metrics.set(f"faro_jobs_{what}", value, queue=name)
    for tier in TIERS:
        for name, waits in (("notices", seen.notices), ("unacknowledged", seen.unacknowledged)):
            those = waits.get(tier, Waits())
            shown = "faro_notices_waiting" if name == "notices" else "faro_unacknowledged"
            metrics.set(shown, those.waiting, tier=tier)
            metrics.set(f"faro_{name}_oldest_seconds", those.oldest.total_seconds(), tier=tier)
        metrics.set("faro_reports", seen.reports.get(tier, 0), tier=tier)
    metrics.set("faro_message_oldest_seconds", seen.oldest_message.total_seconds())
    metrics.set("faro_parked", seen.parked_messages, what="message")
    metrics.set("faro_parked", seen.parked_sends, what="send")
    metrics.set("faro_workers", seen.workers)
    metrics.set("faro_audit_head", seen.head)


async def _roster(service: Service) -> None:
    """A roster that is refused lets no report be sealed, just as one that has expired."""
    days = -1
    try:
        async with service.database.begin() as tx:
            days = ((await service.roster(tx)).expires - service.clock().date()).days
    except (RosterRefused, StorageError, SQLAlchemyError, OSError) as error:
        log.failure("roster_not_read", error)
    service.metrics.set("faro_roster_days", days)


def _directory(service: Service) -> None:
    directory = service.conduct.directory
    problems = [problem.what for problem in directory.problems()]
    for state in ("stale_soon", "stale", "unchecked", "unverified"):
        service.metrics.set("faro_directory_numbers", problems.count(state), state=state)
    service.metrics.set("faro_directory_numbers", directory.shown_today(), state="shown")
