"""The worker: runs jobs of the queue, one of a conversation at a time, of many conversations at once."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import click
import procrastinate
import uvloop
from procrastinate import JobContext
from procrastinate.jobs import Job

from bot import deliver, log, metrics_door, statistics, turn
from bot.errors import EngineDown, EngineRefused, FaroError
from bot.gateway import with_database
from bot.gauges import of_worker
from bot.post import Posting, post, send_now
from bot.running import joined
from bot.service import Service, open_service
from bot.settings import load
from storage import queue, retention

CONCURRENCY = 64  # jobs at once: most of them wait, for the engine, a slow platform or a receipt, and hold up nobody
LATER = (1, 10, 60, 360)  # minutes
PATIENCE = (0.5, 1.5, 4.0)  # seconds before a turn is tried again; after the last the person gets the numbers


class Retry(procrastinate.BaseRetryStrategy):
    """Tries again what the error says may succeed; anything unforeseen likewise, since a lost message is worse."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return _to_another()
        if (isinstance(exception, FaroError) and not exception.retry) or job.attempts >= len(PATIENCE):
            return None
        return procrastinate.RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=PATIENCE[job.attempts]))


class Slowly(procrastinate.BaseRetryStrategy):
    """For what the platform does only after its own delays: minutes, then hours, then it is left to the platform."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return _to_another()
        if job.attempts >= len(LATER):
            return None
        return procrastinate.RetryDecision(retry_at=datetime.now(UTC) + timedelta(minutes=LATER[job.attempts]))


def _to_another() -> procrastinate.RetryDecision:
    """This worker stops and has no more time for the job: whoever comes next takes it, however often it was tried."""
    return procrastinate.RetryDecision(retry_at=datetime.now(UTC))


def register(app: procrastinate.App, service: Service) -> None:
    """Gives the jobs of `storage.queue` their bodies."""

    @app.task(name=queue.TURN, queue=queue.TURNS, retry=Retry(), pass_context=True)
    async def take_turn(context: JobContext, *, conversation: str, inbox_id: int) -> None:
        posting = await _turn(service, bytes.fromhex(conversation), inbox_id, context.job.attempts >= len(PATIENCE))
        if posting:
            await send_now(service, posting)
        elif context.job.attempts:  # done by a worker that died before it had sent everything
            await post(service, bytes.fromhex(conversation), orphaned=True)

    @app.task(name=queue.SEND, queue=queue.SENDS, retry=Retry(), pass_context=True)
    async def send(context: JobContext, *, conversation: str) -> None:
        await post(service, bytes.fromhex(conversation), orphaned=context.job.attempts > 0)

    @app.task(name=queue.DELIVER, queue=queue.DELIVERIES, retry=Retry())
    async def deliver_notice(*, delivery_id: int) -> None:
        await deliver.deliver(service, delivery_id)

    @app.task(name=queue.WIPE, queue=queue.SENDS, retry=Slowly())
    async def wipe(*, channel: str, ids: list[str]) -> None:
        await service.channels.on[channel].erase("", tuple(ids))

    @app.periodic(cron=queue.ERASE_EVERY)
    @app.task(name=queue.ERASE, queue=queue.UPKEEP, queueing_lock=queue.ERASE)
    async def erase_expired(timestamp: int) -> None:
        await retention.run(service.database, service.keys, service.clock())
        service.metrics.set("faro_erased_timestamp_seconds", service.clock().timestamp())
        await statistics.publish_due(service)

    @app.periodic(cron=queue.RESCUE_EVERY)
    @app.task(name=queue.RESCUE, queue=queue.UPKEEP, queueing_lock=queue.RESCUE)
    async def rescue_stalled(timestamp: int) -> None:
        await queue.rescue(app)
        async with service.database.begin() as tx:
            await queue.sweep(tx, service.clock())


async def _turn(service: Service, conversation: bytes, inbox_id: int, last_try: bool) -> Posting | None:
    begun, outcome = time.monotonic(), "failed"
    try:
        posting = await turn.take(service, conversation, inbox_id, last_try=last_try)
        outcome = "done"
        return posting
    except (EngineDown, EngineRefused) as error:
        if error.retry and not last_try:
            raise
        log.failure("turn_given_up", error)
        outcome = "given_up"
        return await turn.give_up(service, conversation, inbox_id, error.code)
    finally:
        service.metrics.observe("faro_turn_seconds", time.monotonic() - begun, outcome=outcome)


async def work(service: Service) -> None:
    """Runs until SIGTERM or SIGINT; jobs under way are finished first, and after FARO_DRAIN_SECONDS given back."""
    app = queue.make_app(service.settings.database_url)
    register(app, service)
    async with app.open_async(), metrics_door.opened(service, of_worker()):
        drain = service.settings.drain_seconds
        await app.run_worker_async(concurrency=CONCURRENCY, shutdown_graceful_timeout=drain)


@click.command()
def worker() -> None:
    """Run one worker alone."""
    settings = with_database(joined(load()))
    log.configure()

    async def run() -> None:
        async with open_service(settings) as service:
            await work(service)

    uvloop.run(run())
    log.event("worker_stopped")
