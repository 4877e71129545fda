"""`faro officer list`, `fetch`, `acknowledge`: what is asked of the server, each kept in its audit chain."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import rosters
from bot import settings as configured
from bot.counted import counted
from bot.desk import Desk
from bot.officer_options import FOLDER, Refusal
from bot.settings import Settings
from storage import audit, reports, signing
from storage.database import Database
from storage.embedded import EmbeddedPostgres, start_embedded
from storage.keys import KeyRing
from storage.roster import Roster


@dataclass(frozen=True, slots=True)
class Office:
    """One transaction on the server's database, its key ring, and the roster in force."""

    tx: AsyncConnection
    keys: KeyRing
    roster: Roster

    def desk(self, unit: str, officer: str) -> Desk:
        """What the officer does goes into the audit chain at once, under the server's own key."""

        async def tell(event: str, report_id: bytes, payload_sha256: bytes) -> None:
            await audit.append(self.tx, event, report_id, officer, payload_sha256, self.keys.sealer_key())

        return Desk(self.tx, unit, tell)

    def officer(self, unit: str, given: str | None) -> str:
        """The officer who acts: the one given, else the only one of the unit. Raises Refusal."""
        self.check(unit)
        known = [officer.name_id for officer in self.roster.officers if officer.unit == unit]
        if given is None and len(known) != 1:
            raise Refusal(f"say who you are with --officer; {unit} has {', '.join(known) or 'no officer'}.")
        if given is not None and given not in known:
            raise Refusal(f"the roster has no officer {given} in {unit}.")
        return given or known[0]

    def check(self, unit: str) -> None:
        """Raises Refusal for a unit that the roster does not have."""
        if unit not in self.roster.units:
            raise Refusal(f"no such unit; the roster has {', '.join(self.roster.units)}.")


def at_office[T](work: Callable[[Office], Awaitable[T]]) -> T:
    """Run `work` in a transaction. An embedded database that does not run is started for as long as it takes."""

    async def run() -> T:
        async with _office(configured.load()) as office:
            return await work(office)

    try:
        return asyncio.run(run())
    except (SQLAlchemyError, OSError) as error:
        raise Refusal(f"the database cannot be asked ({type(error).__name__}).") from None


@click.command("list")
@click.option("--unit", required=True, help="Your unit.")
def list_(unit: str) -> None:
    """List the reports of a unit, the most urgent first."""

    async def work(office: Office) -> list[reports.ListedReport]:
        office.check(unit)
        return await reports.listing(office.tx, unit)

    found = at_office(work)
    for row in found:
        state = f"acknowledged by {row.officer}" if row.officer else "waiting"
        mark = ("  practice" if row.practice else "") + ("  among unusually many" if row.many else "")
        click.echo(f"{row.id.hex()}  {row.tier}  {row.day}  {row.size:>9,} bytes  {state}{mark}")
    click.echo(f"{counted(len(found), 'report')} for {unit}")


@click.command()
@click.argument("report_id")
@click.option("--unit", required=True, help="Your unit.")
@click.option("--officer", help="Your id in the roster; may be left out if you are the only one of your unit.")
@click.option("--out", type=FOLDER, default=Path(), help="Folder for the files; default: here.")
def fetch(report_id: str, unit: str, officer: str | None, out: Path) -> None:
    """Write a report's sealed files; `officer open` opens them, here or on another machine."""

    async def work(office: Office) -> reports.ReportRow:
        desk = office.desk(unit, office.officer(unit, officer))
        return _there(await desk.fetch(_id(report_id)), unit)

    row = at_office(work)
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, data in {"age": row.sealed, **row.parts}.items():
        path = out / f"{row.id.hex()}.{name.removeprefix(f'{row.id.hex()}.')}"
        with path.open("xb") as target:
            target.write(data)
        click.echo(f"Saved {path}")


@click.command()
@click.argument("report_id")
@click.option("--unit", required=True, help="Your unit.")
@click.option("--officer", help="Your id in the roster; may be left out if you are the only one of your unit.")
def acknowledge(report_id: str, unit: str, officer: str | None) -> None:
    """Say that you have a report; its notices to your unit stop."""

    async def work(office: Office) -> bool:
        who = office.officer(unit, officer)
        return _there(await office.desk(unit, who).acknowledge(_id(report_id), who), unit)

    click.echo("Acknowledged." if at_office(work) else "Was acknowledged before.")


def _id(report_id: str) -> bytes:
    try:
        return signing.from_hex(report_id.lower(), 16)
    except signing.NotCanonical:
        raise Refusal("a report id is 32 hexadecimal digits.") from None


def _there[T](found: T | None, unit: str) -> T:
    if found is None:
        raise Refusal(f"no such report for {unit}: see `officer list --unit {unit}`.")
    return found


@asynccontextmanager
async def _office(settings: Settings) -> AsyncIterator[Office]:
    own = None if settings.database_url else _embedded(settings)
    database = Database(own.url if own else settings.database_url, pool=1)
    try:
        async with database.begin() as tx:
            roster = await rosters.load(tx, settings)
            yield Office(tx, KeyRing.open(settings.data_dir / "keys"), roster)
    finally:
        await database.close()
        if own:
            own.stop()


def _embedded(settings: Settings) -> EmbeddedPostgres:
    if not (settings.data_dir / "postgres").is_dir():
        raise Refusal(f"there is no database in {settings.data_dir}: set FARO_DATA_DIR or FARO_DATABASE_URL.")
    return start_embedded(settings.data_dir)
