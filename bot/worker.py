"""The worker: runs jobs of the queue, one of a conversation at a time, of many conversations at once."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import click
import procrastinate
import psycopg
import uvloop
from procrastinate import JobContext
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job

from bot import copies, deliver, log, metrics_door, statistics, turn
from bot.errors import EngineDown, EngineRefused, FaroError
from bot.gauges import of_worker
from bot.post import Posting, post, send_now
from bot.running import joined, with_database
from bot.service import Service, open_service
from bot.settings import load
from storage import console_notes, conversations, queue, retention
from storage.errors import DatabaseDown, KeyGone, StorageError
from storage.outbox import Holder

CONCURRENCY = 64  # jobs at once: most of them wait, for the engine, a slow platform or a receipt, and hold up nobody
AGAIN_SECONDS = 1.0  # between two looks for a database that is away
PATIENCE = (0.5, 1.5, 4.0)  # seconds before a turn is tried again; after the last the person gets the numbers


class Retry(procrastinate.BaseRetryStrategy):
    """Tries again what the error says may succeed; anything unforeseen likewise, since a lost message is worse."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> procrastinate.RetryDecision | None:
        if isinstance(exception, asyncio.CancelledError):
            return _to_another()
        if (isinstance(exception, FaroError) and not exception.retry) or job.attempts >= len(PATIENCE):
            return None
        return procrastinate.RetryDecision(retry_at=datetime.now(UTC) + timedelta(seconds=PATIENCE[job.attempts]))


def _to_another() -> procrastinate.RetryDecision:
    """This worker stops and has no more time for the job: whoever comes next takes it, however often it was tried."""
    return procrastinate.RetryDecision(retry_at=datetime.now(UTC))


def register(app: procrastinate.App, service: Service) -> None:
    """Gives the jobs of `storage.queue` their bodies."""

    @app.task(name=queue.TURN, queue=queue.TURNS, retry=Retry(), pass_context=True)
    async def take_turn(context: JobContext, *, conversation: str, inbox_id: int, last: bool = False) -> None:
        take = _given_up if last else _turn
        posting = await take(service, bytes.fromhex(conversation), inbox_id, context.job.attempts >= len(PATIENCE))
        if posting:
            await send_now(service, posting)
        elif context.job.attempts:  # done by a worker that died before it had sent everything
            await post(service, bytes.fromhex(conversation), Holder.TURN, orphaned=True)

    @app.task(name=queue.SEND, queue=queue.SENDS, retry=Retry(), pass_context=True)
    async def send(context: JobContext, *, conversation: str) -> None:
        await _send(service, bytes.fromhex(conversation), context.job.attempts)

    @app.task(name=queue.DELIVER, queue=queue.DELIVERIES, retry=Retry())
    async def deliver_notice(*, delivery_id: int) -> None:
        await deliver.deliver(service, delivery_id)

    @app.task(name=queue.NOTE, queue=queue.NOTES, retry=Retry())
    async def tell_chain(*, note_id: int) -> None:
        async with service.database.begin() as tx:
            await console_notes.tell(tx, note_id, service.keys.sealer_key())

    @app.periodic(cron=queue.COPIES_EVERY)
    @app.task(name=queue.COPIES, queue=queue.UPKEEP, lock=queue.COPIES, queueing_lock=queue.COPIES)
    async def erase_copies(timestamp: int) -> None:
        await copies.erase_due(service)

    _register_upkeep(app, service)


def _register_upkeep(app: procrastinate.App, service: Service) -> None:
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


async def _given_up(service: Service, conversation: bytes, inbox_id: int, last_try: bool) -> Posting | None:
    """No worker lived through its turn, however often: the person gets the numbers, not silence."""
    log.event("turn_given_up", code="no_turn")
    return await turn.give_up(service, conversation, inbox_id, "no_turn")


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
    except KeyGone as error:
        if not last_try:
            raise
        await _forget(service, conversation, error)
        return None
    except Exception as error:  # whatever nobody foresaw: the person gets the numbers, and the message is kept
        if not last_try or isinstance(error, StorageError):
            raise
        log.failure("turn_given_up", error)
        outcome = "given_up"
        return await turn.give_up(service, conversation, inbox_id, "unforeseen")
    finally:
        service.metrics.observe("faro_turn_seconds", time.monotonic() - begun, outcome=outcome)


async def _send(service: Service, conversation: bytes, attempts: int) -> None:
    try:
        await post(service, conversation, Holder.SEND, orphaned=attempts > 0)
    except KeyGone as error:
        if attempts < len(PATIENCE):
            raise
        await _forget(service, conversation, error)


async def _forget(service: Service, conversation: bytes, error: KeyGone) -> None:
    """Its key was lost: nobody will ever read what it holds, not even where an answer would go. The person's next word
    begins a new one."""
    log.failure("conversation_forgotten", error)
    async with service.database.begin() as tx:
        await conversations.erase(tx, conversation)


async def work(service: Service) -> None:
    """Runs until SIGTERM or SIGINT; jobs under way are finished first, and after FARO_DRAIN_SECONDS given back.

    A database that goes away ends no worker: once it is back this one begins anew, as another one of the queue, since
    what it had was given to others meanwhile.
    """
    with _told_to_stop() as told:
        async with metrics_door.opened(service, of_worker()):
            while not told.is_set():
                await _shift(service, told)
                await _back(service, told)


async def _shift(service: Service, told: asyncio.Event) -> None:
    """Ends when it is told to, or when the queue is lost. Raises whatever else ended it."""
    app = queue.make_app(service.settings.database_url)
    register(app, service)
    drain = service.settings.drain_seconds
    try:
        async with app.open_async():
            running = asyncio.create_task(app.run_worker_async(
                concurrency=CONCURRENCY, shutdown_graceful_timeout=drain, install_signal_handlers=False,
            ))  # fmt: skip
            await _either(running, told)
    except (ConnectorException, psycopg.Error) as error:
        log.failure("queue_lost", error)


async def _either(running: asyncio.Task[None], told: asyncio.Event) -> None:
    """Raises what ended the work by itself."""
    ending = asyncio.create_task(told.wait())
    try:
        await asyncio.wait({running, ending}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.cancel()
        running.cancel()  # finishes or gives back what is under way
        await asyncio.wait({running})
    if not running.cancelled():
        running.result()


async def _back(service: Service, told: asyncio.Event) -> None:
    """Waits for the database, which costs nothing if it is there."""
    while not told.is_set():
        try:
            async with service.database.begin() as tx:
                await queue.depth(tx)
                return
        except DatabaseDown as error:
            log.failure("database_waited_for", error)
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), AGAIN_SECONDS)


@contextmanager
def _told_to_stop() -> Iterator[asyncio.Event]:
    """Set at the first signal; the second one ends the process, as it would without us."""
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGTERM, signal.SIGINT)

    def unhandled() -> None:
        for number in signals:
            loop.remove_signal_handler(number)

    def tell() -> None:
        unhandled()
        told.set()

    for number in signals:
        loop.add_signal_handler(number, tell)
    try:
        yield told
    finally:
        unhandled()


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
