"""Everything that a running process holds, put together from the settings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import engine_token, log, questions, rosters, safety
from bot.channels import Channel, Channels
from bot.channels.sms import SMS
from bot.channels.telegram import Telegram
from bot.channels.terminal import Terminal
from bot.channels.web import Web
from bot.channels.whatsapp import WhatsApp
from bot.conduct import Conduct
from bot.dialogue import Engine
from bot.directory import Directory, file_in
from bot.errors import SettingsError
from bot.exchange import Exchange
from bot.first_words import FirstWords
from bot.metrics import Metrics
from bot.placements import Placements
from bot.receipts import Receipts
from bot.respond import Respond
from bot.settings import Settings
from bot.texts import Texts
from bot.texts import shipped as shipped_texts
from bot.timed_engine import TimedEngine
from storage import gauges, health
from storage.contents import StoredContents
from storage.database import Database
from storage.keys import KeyRing
from storage.roster import Roster, RosterRefused
from storage.self_test import can_seal

type Clock = Callable[[], datetime]

WAITS_LONG = timedelta(minutes=1)  # a message that waits so long shows that too few take them, or none


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """Shared by all requests and jobs of one process. Holds nothing of any conversation."""

    settings: Settings
    clock: Clock
    database: Database
    keys: KeyRing
    texts: Texts
    first_words: FirstWords
    placements: Placements
    conduct: Conduct
    respond: Respond
    engine: Engine
    channels: Channels
    receipts: Receipts
    metrics: Metrics

    async def roster(self, tx: AsyncConnection) -> Roster:
        """Read anew each time: a withdrawn officer gets no further report. Raises `RosterRefused`."""
        return await rosters.load(tx, self.settings)

    async def ready(self) -> dict[str, bool]:
        """Could a message be taken (`database`), answered soon (`queue`, `engine`) and reported (`roster`)?

        Without addresses of engines this process asks none, and says nothing of that part.
        """
        database, queue = await self._database_ready()
        parts = {"database": database, "queue": queue, "roster": await self._roster_ready()}
        return parts | ({"engine": await self.engine.ready()} if self.settings.engine_urls else {})

    async def _database_ready(self) -> tuple[bool, bool]:
        """Are the tables there, and does no message wait long?"""
        try:
            async with self.database.begin() as tx:
                await tx.execute(sqlalchemy.text("SELECT 1 FROM inbox, procrastinate_jobs LIMIT 1"))
                if await health.behind(tx):
                    log.event("database_behind")
                    return False, False
                return True, await gauges.oldest_message(tx, self.clock()) < WAITS_LONG
        except (SQLAlchemyError, OSError) as error:
            log.failure("database_not_ready", error)
            return False, False

    async def _roster_ready(self) -> bool:
        try:
            async with self.database.begin() as tx:
                return bool((await self.roster(tx)).units)
        except (RosterRefused, SQLAlchemyError, OSError) as error:
            log.failure("roster_not_ready", error)
            return False


@asynccontextmanager
async def open_service(settings: Settings, clock: Clock = utc_now) -> AsyncIterator[Service]:
    """Opens database, keys, texts, engine and channels, and closes them again. Raises `SettingsError`."""
    if not can_seal():
        raise SettingsError("the cryptography package here can't seal reports (no ML-KEM): install its own wheel.")
    database = Database(settings.database_url, pool=10)
    keys = KeyRing.open(settings.data_dir / "keys")
    texts = shipped_texts()
    directory = Directory.load(
        file_in(settings.data_dir), today=lambda: clock().date(), max_age_days=settings.hotline_days,
        allow_unchecked=settings.practice,
    )  # fmt: skip
    conduct = Conduct(texts, directory, settings.practice)
    channels = make_channels(settings, database, lambda: keys)
    metrics = Metrics()
    async with TimedEngine(settings.engine_urls, engine_token.of(settings), metrics) as engine:
        exchange = Exchange(engine, conduct, questions.shipped())
        first_words = FirstWords.of(texts.safety)
        respond = Respond(exchange, safety.shipped(), conduct, questions.shipped(), first_words)
        for channel in channels.on.values():
            await channel.start()
        try:
            yield Service(
                settings, clock, database, keys, texts, first_words,
                Placements.load(settings.data_dir), conduct, respond, engine, channels, Receipts(lambda: keys.peppers),
                metrics,
            )  # fmt: skip
        finally:
            for channel in channels.on.values():
                await channel.close()
            await database.close()


def make_channels(settings: Settings, database: Database, keys: Callable[[], KeyRing]) -> Channels:
    """The channels whose settings are there. Real ones refuse practice: a report from there would reach nobody.

    The page says itself that it is practice; `keys` are asked for when somebody writes there.
    """
    contents = StoredContents(database)
    makers: dict[str, Callable[[], Channel]] = {
        "telegram": lambda: Telegram(settings),
        "whatsapp": lambda: WhatsApp(settings, contents),
        "sms": lambda: SMS(settings),
    }
    on: dict[str, Channel] = {name: make() for name, make in makers.items() if settings.complete(name)}
    if on and settings.practice:
        raise SettingsError(
            f"{next(iter(on))} is set up, and there is no roster of real officers: "
            "set FARO_ROSTER_KEYS, or unset the channel."
        )
    if settings.practice:
        on["terminal"] = Terminal(engine_token.of(settings))
    off = {name: "its settings are not given" for name in makers if name not in on}
    if settings.web:
        on["web"] = Web(database, keys, settings.public_url)
    else:
        off["web"] = "FARO_WEB is false"
    return Channels(on, off)
