"""`faro roster`: units and officers are drafted anywhere, and signed by directors away from the server."""

from datetime import UTC, date, datetime
from pathlib import Path

import click

from bot import settings as configured
from bot.officer_options import FILE, Commands, Refusal, find_trust, key_options, load_key, roster_options
from bot.routing import ROLES
from storage import roster as rosters
from storage import roster_draft, signing
from storage.keys import KeyRing
from storage.roster import Roster, Unit

NEW_FILE = click.Path(dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])


@click.group(cls=Commands)
def roster() -> None:
    """Draft, sign and check the roster of units and officers."""


@roster.command()
def sealer() -> None:
    """Print the public key under which this server seals reports; it belongs into the roster."""
    key = KeyRing.open(configured.load().data_dir / "keys").sealer_key().public_key()
    click.echo(signing.public_text(key))


@roster.command()
@click.argument("file", type=NEW_FILE)
@click.option("--sealer", "sealers", multiple=True, required=True, help="Public key of a server; once for each.")
@click.option("--expires", type=DAY, required=True, help="Last day on which the roster counts.")
@click.option("--practice", is_flag=True, help="Made-up units; real channels refuse it.")
def new(file: Path, sealers: tuple[str, ...], expires: datetime, practice: bool) -> None:
    """Start a roster without units."""
    keys = [signing.parse_public(key) for key in sealers]
    draft = roster_draft.new(keys, issued=_today(), expires=expires.date(), practice=practice)
    with file.open("xb") as target:
        target.write(draft)
    click.echo(f"{file}: version 1, unsigned")


@roster.command("add-sealer")
@click.argument("file", type=FILE)
@click.argument("key")
def add_sealer(file: Path, key: str) -> None:
    """Put the public key of a server in, beside former ones: old reports are verified with them."""
    _replace(file, roster_draft.add_sealer(file.read_bytes(), signing.parse_public(key)))


@roster.command("add-unit")
@click.argument("file", type=FILE)
@click.argument("unit")
@click.option("--name", required=True, help="Name as officers know it.")
@click.option("--country", required=True, help="ISO 3166 code of two letters, or INT.")
@click.option("--role", required=True, type=click.Choice(ROLES), help="What it does.")
@click.option("--email", help="Where notices go that a report waits.")
@click.option("--wants-file", is_flag=True, help="Send the sealed file with the notice.")
def add_unit(file: Path, unit: str, name: str, country: str, role: str, email: str | None, wants_file: bool) -> None:
    """Put a unit in, or replace it."""
    if wants_file and not email:
        raise Refusal("--wants-file needs --email.")
    _replace(file, roster_draft.add_unit(file.read_bytes(), unit, Unit(name, country.upper(), email, role, wants_file)))


@roster.command("add-officer")
@click.argument("file", type=FILE)
@click.argument("unit")
@click.argument("card", type=FILE)
@click.option("--from", "valid_from", type=DAY, help="First day; default: today.")
@click.option("--until", type=DAY, required=True, help="Last day; a year is a good term.")
def add_officer(file: Path, unit: str, card: Path, valid_from: datetime | None, until: datetime) -> None:
    """Put the officer of a card into a unit. A yearly new key gets a new id; the same id replaces a wrong card."""
    document = card.read_bytes()
    first = valid_from.date() if valid_from else _today()
    changed = roster_draft.add_officer(file.read_bytes(), unit, document, first, until.date())
    click.echo(f"Compare with the officer, by voice: {roster_draft.fingerprint(document)}")
    _replace(file, changed)


@roster.command("remove-officer")
@click.argument("file", type=FILE)
@click.argument("officer")
def remove_officer(file: Path, officer: str) -> None:
    """Take an officer out. Reports sealed before stay readable with that key until they are sealed anew."""
    _replace(file, roster_draft.remove_officer(file.read_bytes(), officer))


@roster.command()
@click.argument("file", type=FILE)
@key_options
def sign(file: Path, key_file: Path, passphrase_file: Path | None) -> None:
    """Sign as a director, with a key made by `officer keygen`."""
    document = file.read_bytes()
    _describe(rosters.parse_body(roster_draft.body(document)))
    key = load_key(key_file, passphrase_file)
    _replace(file, roster_draft.sign(document, key.signing_key))
    click.echo(f"Signed by {key.signing_public}")


@roster.command()
@click.argument("file", type=FILE)
@roster_options
@click.option("--seen", type=click.IntRange(0), default=0, help="Refuse a version older than this.")
def check(file: Path, roster_file: Path | None, directors: tuple[str, ...], threshold: int | None, seen: int) -> None:
    """Check signatures, dates and version as the server and the officers do, and list what is in it."""
    trust = find_trust(roster_file or file, directors, threshold)
    _describe(rosters.read(file.read_bytes(), trust.directors, trust.threshold, seen))
    click.echo("Accepted.")


def _describe(found: Roster) -> None:
    click.echo(f"Roster version {found.version}{' (practice)' if found.practice else ''}, until {found.expires}")
    for key, unit in found.units.items():
        click.echo(f"  {key}: {unit.name}, {unit.country}, {unit.role}, {unit.email or 'no e-mail'}")
        for officer in (officer for officer in found.officers if officer.unit == key):
            state = "" if officer.counts_on(_today()) else "  (does not count today)"
            click.echo(f"    {officer.name_id}, {officer.valid_from} to {officer.valid_until}{state}")
    for key in found.units_without_key(found.units, _today()):
        click.echo(f"  {key} has no officer: no report can be sealed to it.")


def _replace(file: Path, document: bytes) -> None:
    """Put the new roster in the place of the old one at once, so that a reader never sees half of it."""
    beside = file.with_name(file.name + ".new")
    beside.write_bytes(document)
    beside.replace(file)
    found = rosters.parse_body(roster_draft.body(document))
    click.echo(f"{file}: version {found.version}{'' if signing.is_signed(document) else ', unsigned'}")


def _today() -> date:
    return datetime.now(UTC).date()
