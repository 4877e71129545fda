"""`faro doctor`: looks at everything that could keep a report from being taken, sealed and told; says what to do."""

from __future__ import annotations

import asyncio
import stat
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import engine_box, engine_token, engines, rosters, secrets_known
from bot.channels import Finding
from bot.counted import counted
from bot.directory import Directory, file_in
from bot.engine_door import UNIX
from bot.errors import FaroError, SettingsError
from bot.notify.email import SmtpSettings
from bot.running import joined
from bot.service import make_channels
from bot.settings import Settings, load
from storage import health
from storage.database import Database
from storage.health import Health
from storage.keys import KeyRing
from storage.refused import Refused
from storage.roster import Roster
from storage.self_test import can_seal

SOON = timedelta(days=30)  # a roster that expires within it should be renewed now
CLOCK_OFF = timedelta(seconds=5)
WAITS_LONG = timedelta(minutes=1)
HEART_STOPPED = timedelta(seconds=30)
PATIENCE_SECONDS = 5.0

type Check = Callable[[Settings], Awaitable[list[Finding]]]


@click.command()
def doctor() -> None:
    """Check settings, keys, model, database and platforms; says what to do."""
    findings = asyncio.run(examine(joined(load())))
    for finding in findings:
        click.echo(f"{'ok    ' if finding.ok else 'NOT OK'}  {finding.what}")
        if not finding.ok:
            click.echo(f"        {finding.remedy}")
    sys.exit(0 if all(finding.ok for finding in findings) else 1)


async def examine(settings: Settings) -> list[Finding]:
    """Every check, also after one has failed."""
    findings = [Finding(True, f"settings: {'practice mode' if settings.practice else 'real reports'}")]
    for check in CHECKS:
        findings += await check(settings)
    return findings


async def keys(settings: Settings) -> list[Finding]:
    folder = settings.data_dir / "keys"
    if not folder.is_dir():
        return [
            Finding(False, "keys: none yet", "Start ./run once, or look whether FARO_DATA_DIR is the right folder.")
        ]
    loose = [path.name for path in _key_files(settings.data_dir) if stat.S_IMODE(path.stat().st_mode) & 0o077]
    return [Finding(not loose, f"keys: {len(loose)} readable by others", f"chmod 600 {' '.join(loose)} in {folder}")]


async def key_ages(settings: Settings) -> list[Finding]:
    now = datetime.now(UTC)
    due = [seen.secret.name for seen in secrets_known.look(settings) if seen.overdue(now)]
    what = f"secrets: {len(due)} older than they should be"
    return [Finding(not due, what, f"./run faro keys rotate {due[0] if due else ''}; ./run faro keys list")]


async def sealing(settings: Settings) -> list[Finding]:
    remedy = "The cryptography package here lacks ML-KEM: install it from its own wheel (./run setup)."
    return [Finding(can_seal(), "sealing: a probe is sealed and opened", remedy)]


def _key_files(data_dir: Path) -> Iterator[Path]:
    for folder in ("keys", "practice"):
        for pattern in ("**/*.key", "*.token", "passphrase"):
            yield from (data_dir / folder).glob(pattern)


async def roster(settings: Settings) -> list[Finding]:
    try:
        trust = rosters.trust(settings)
        known = Roster.load(settings.roster_file, trust.directors, trust.threshold)
    except FileNotFoundError:
        return [Finding(False, "roster: no such file", "Start ./run once, or set FARO_ROSTER to the signed file.")]
    except (Refused, FaroError) as error:
        return [Finding(False, f"roster: {error}", "Have the directors sign a new one: ./run faro roster --help")]
    today = datetime.now(UTC).date()
    sealer = KeyRing.open(settings.data_dir / "keys").sealer_key().public_key()
    blind = known.units_without_key(known.units, today)
    return [
        Finding(
            known.expires - today > SOON,
            f"roster: version {known.version}, until {known.expires.isoformat()}",
            "Have the directors sign one that lasts longer.",
        ),
        Finding(
            not blind and bool(known.units),
            f"roster: {counted(len(known.units), 'unit')}, {len(blind)} without a valid officer's key",
            f"No report can go to: {', '.join(blind) or 'anyone'}. Add officers: ./run faro roster --help",
        ),
        Finding(
            known.knows_sealer(sealer),
            "roster: names the seal of this server",
            "Officers would refuse its reports: have the directors add this server's sealer key.",
        ),
    ]


async def numbers(settings: Settings) -> list[Finding]:
    """In practice unchecked numbers are shown, marked as such; to real people never."""
    today = datetime.now(UTC).date()
    directory = Directory.load(file_in(settings.data_dir), today=today, max_age_days=settings.hotline_days)
    shown = len(directory.rows) - sum(problem.what != "stale_soon" for problem in directory.problems())
    what = f"telephone numbers: {shown} of {len(directory.rows)} were checked by a call and may be shown"
    remedy = "Call them, note the day, lay hotlines.csv into the data folder: ./run faro directory check"
    return [Finding(settings.practice or shown == len(directory.rows), what, remedy)]


async def model_and_engines(settings: Settings) -> list[Finding]:
    if not settings.engine_urls:
        return [Finding(False, "dialogue engines: none runs", "Start ./run, or set FARO_ENGINE_URLS.")]
    expected = await engines.digest()
    models = [await engines.model(url, engine_token.of(settings)) for url in settings.engine_urls]
    findings = [
        Finding(model is not None, f"engine {place} of {len(models)}", "It does not answer: restart it.")
        for place, model in enumerate(models, 1)
    ]
    current = len({*models, expected} - {None}) == 1
    return [*findings, Finding(current, "engines hold the model of the present files", "./run train, and restart.")]


async def engine_boxes(settings: Settings) -> list[Finding]:
    """Of the engines that are started here; those elsewhere are boxed by what runs them."""
    own = [url for url in settings.engine_urls if url.startswith(UNIX)]
    if settings.engine_urls and not own and settings.engine_box != "off":
        return [Finding(True, "engine box: that of the containers in which the engines of FARO_ENGINE_URLS run")]
    if settings.engine_box == "off":
        return [Finding(False, "engine box: off", "Unset FARO_ENGINE_BOX, and restart.")]
    missing = await engines.missing_measures()
    sides = engine_box.open_sides(missing)
    lacks = f"; this machine does not give {engine_box.told(missing)}" if missing else ""
    what = f"engine box: {', '.join(sides) or 'nothing'} open{lacks}"
    return [
        Finding(
            not sides, what, "Run it as an ordinary user, on Linux 5.13 or later; or run the engines in containers."
        )
    ]


async def database(settings: Settings) -> list[Finding]:
    if not settings.database_url:
        return [Finding(False, "database: none runs", "Start ./run, or set FARO_DATABASE_URL.")]
    base = Database(settings.database_url, pool=1)
    try:
        async with base.begin() as tx:
            return await _inside(tx)
    except (SQLAlchemyError, OSError) as error:
        what = f"database: not reached ({type(error).__name__})"
        return [Finding(False, what, "Is FARO_DATABASE_URL right, and the server running?")]
    finally:
        await base.close()


async def _inside(tx: AsyncConnection) -> list[Finding]:
    if not await health.migrated(tx):
        return [Finding(False, "database: tables of another version", "./run faro migrate")]
    return [Finding(True, "database: reached, tables are current"), *waiting(await health.look(tx, datetime.now(UTC)))]


def waiting(seen: Health) -> list[Finding]:
    """What the numbers mean. Only counts, row numbers and ids of reports are shown."""
    alive = seen.heartbeat is not None and seen.heartbeat < HEART_STOPPED
    return [
        Finding(abs(seen.clock) < CLOCK_OFF, f"clock: {_seconds(seen.clock)} from the database's", "Run NTP on both."),
        Finding(alive, "worker: gives signs of life", "Start ./run, or ./run faro worker."),
        Finding(
            seen.waits < WAITS_LONG,
            f"queue: the oldest message waits for {_seconds(seen.waits)}",
            "Start more workers or engines (FARO_WORKERS, FARO_ENGINES); look at the log for turn_failed.",
        ),
        _none("messages parked after the last try", seen.parked_messages, "They wait in the inbox; see the log."),
        _none("answers parked after the last try", seen.parked_sends, "The platform refuses them; see the log."),
        _none("notices to units that fail", seen.failing_notices, "Look at FARO_SMTP_URL and the units' addresses."),
        _none(
            "urgent reports (P0) that no officer has acknowledged",
            [report.hex() for report in seen.unacknowledged],
            "Call the unit now. Then: ./run faro officer acknowledge --help",
        ),
    ]


def _none(what: str, found: tuple[int, ...] | list[str], remedy: str) -> Finding:
    return Finding(not found, f"{what}: {len(found)}", f"{', '.join(map(str, found[:5]))}: {remedy}")


def _seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"


async def channels(settings: Settings) -> list[Finding]:
    """Each channel asks its platform: is the token right, and do deliveries come to the address that we have?"""
    base = Database(settings.database_url or "postgresql://", pool=1)
    try:
        made = make_channels(settings, base, lambda: KeyRing.open(settings.data_dir / "keys"))
        findings = [Finding(True, f"{name}: off") for name in made.off]
        for channel in made.on.values():
            await channel.start()
            findings += await channel.check()
            await channel.close()
        return findings
    except SettingsError as error:
        return [Finding(False, "channels", str(error))]
    finally:
        await base.close()


async def mail(settings: Settings) -> list[Finding]:
    if not settings.smtp_url:
        return [Finding(True, "mail: off; units look for themselves (./run faro officer list)")]
    try:
        smtp = SmtpSettings.of(settings.smtp_url, settings.mail_from)
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, writer = await asyncio.open_connection(smtp.host, smtp.port)
        writer.close()
    except SettingsError as error:
        return [Finding(False, "mail: settings", str(error))]
    except (OSError, TimeoutError):
        return [Finding(False, "mail: the server is not reached", "Look at FARO_SMTP_URL and the firewall.")]
    return [Finding(True, "mail: the server is reached")]


CHECKS: tuple[Check, ...] = (
    keys, key_ages, sealing, roster, numbers, model_and_engines, engine_boxes, database, channels, mail,
)  # fmt: skip
