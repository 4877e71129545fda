"""`faro backup` and `faro restore`: what must outlive this machine, in two files that are to be kept apart.

DIR/database.tar   reports, receipts, audit chain and what belongs to them: ciphertext, keyed digests and days
DIR/keys.age       the long-lived keys, sealed to those who may bring the server back
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import click
import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy.exc import SQLAlchemyError

from bot import rosters
from bot.counted import counted
from bot.officer_options import FILE, FOLDER, Refusal, load_key
from bot.running import find, joined
from bot.settings import Settings, load
from storage import backup as backups
from storage import key_archive, roster_draft, rotation
from storage import restore as restores
from storage.age import HybridRecipient
from storage.embedded import start_embedded
from storage.errors import DatabaseFailed
from storage.keyfiles import folder, publish
from storage.keys import KeyRing
from storage.refused import Refused
from storage.restore import Restored
from storage.roster import Roster

DATABASE, KEYS, CARD = "database.tar", "keys.age", "backup.card"
# They lie beside the keys and are no secrets; without the roster nobody could check what was sealed.
FILES = ("roster.json", "hotlines.csv", "placements.csv", CARD, "practice/roster.json", "practice/directors")
GONE = (
    "Gone on purpose: conversations that were under way ({conversations}), with their messages, answers and files.\n"
    "Their keys are in no backup. Those people write again and begin anew; receipt codes lead back to their reports."
)
SEALER = "keys/sealer.key"


@click.command()
@click.argument("directory", metavar="DIR", type=FOLDER)
@click.option("--to", "cards", type=FILE, multiple=True, help="Card of who may open the keys; repeat. "
              f"Default: {CARD} in the data folder, in practice mode the practice officers.")  # fmt: skip
@click.option("--keys", "keys_in", type=FOLDER, help=f"Another folder for {KEYS}; default: DIR too.")
def backup(directory: Path, cards: tuple[Path, ...], keys_in: Path | None) -> None:
    """Write what must outlive this machine: the database into DIR, the keys sealed beside it or elsewhere."""
    settings = joined(load())
    with _told():
        if not (settings.data_dir / SEALER).exists():
            raise Refusal(f"there are no keys in {settings.data_dir}: set FARO_DATA_DIR.")
        recipients = _recipients(settings, cards)
        for one in (directory, keys_in or directory):
            folder(one)
        files = {name: settings.data_dir / name for name in FILES if (settings.data_dir / name).is_file()}
        with _database(settings) as url:
            sealer = KeyRing.open(settings.data_dir / "keys").sealer_key()
            body = backups.write(url, directory / DATABASE, sealer, files)
        names = key_archive.write((keys_in or directory) / KEYS, settings.data_dir, _key_folders(settings), recipients)
    rows = {name: about["rows"] for name, about in body["tables"].items()}
    click.echo(f"Saved {directory / DATABASE}: {_counts(rows)}")
    sealed = f"{counted(len(names), 'key')}, for {counted(len(recipients), 'card')}"
    click.echo(f"Saved {(keys_in or directory) / KEYS}: {sealed}")
    click.echo("Keep the two apart, and the settings (.env) with the keys.")


@click.command()
@click.argument("directory", metavar="DIR", type=FOLDER)
@click.option("--keys", "keys_in", type=FOLDER, help=f"The folder of {KEYS}; default: DIR.")
@click.option("--key", "key_file", type=FILE, help="Key file of one of the cards; not needed where the keys lie still.")
@click.option("--passphrase-file", type=FILE, help="File that holds the passphrase in its first line.")
def restore(directory: Path, keys_in: Path | None, key_file: Path | None, passphrase_file: Path | None) -> None:
    """Bring a backup into an empty database, and the keys into the data folder."""
    settings = load()
    with _told():
        if find(settings.data_dir):
            raise Refusal("Faro runs in this data folder: stop it first.")
        if key_file:
            key = load_key(key_file, passphrase_file)
            key_archive.lay(settings.data_dir, key_archive.read((keys_in or directory) / KEYS, key.identity))
        if not (settings.data_dir / SEALER).exists():
            raise Refusal(f"there are no keys in {settings.data_dir}: give --key to take them from {KEYS}.")
        present = KeyRing.open(settings.data_dir / "keys").sealer_key()
        source = directory / DATABASE
        body = restores.read_manifest(source, _sealers(settings, present.public_key()))
        if not set(body["files"]) <= set(FILES):
            raise Refusal("the backup holds a file that no backup has.")
        files = restores.files(source, body)
        left = _lay(settings.data_dir, files)
        with _database(settings, make=True) as url:
            found = restores.load(url, source, _sealers(settings, present.public_key()), present)
    _tell(found, left)


@contextmanager
def _told() -> Iterator[None]:
    """Whatever is refused is told in one line; nothing of the database's own text is shown."""
    try:
        yield
    except FileExistsError as error:
        raise Refusal(f"{error.filename} is there already; nothing is replaced.") from None
    except (Refused, DatabaseFailed) as error:
        raise Refusal(str(error)) from None
    except (SQLAlchemyError, psycopg.Error) as error:
        raise Refusal(f"the database cannot be asked ({type(error).__name__}).") from None
    except OSError as error:
        raise Refusal(f"{error.filename}: {error.strerror}") from None


def _recipients(settings: Settings, cards: Sequence[Path]) -> list[HybridRecipient]:
    own = settings.data_dir / CARD
    cards = cards or ([own] if own.is_file() else [])
    if cards:
        return [roster_draft.read_card(card.read_bytes())[1] for card in cards]
    if settings.practice:
        return [officer.recipient for officer in _roster(settings).officers]
    raise Refusal(
        f"nobody could open the keys: name cards with --to, or lay one at {own} (./run faro officer keygen makes them)."
    )


def _roster(settings: Settings) -> Roster:
    known = rosters.trust(settings)
    return Roster.load(settings.roster_file, known.directors, known.threshold)


def _sealers(settings: Settings, present: Ed25519PublicKey) -> list[Ed25519PublicKey]:
    """The backup, or the beginning of its chain, may be of a former one: of those that handed the chain on here, and of
    those that directors name. For that a roster does not expire."""
    found = [present, *rotation.former_sealers(settings.data_dir / "keys")]
    if settings.roster_file.is_file():
        known = rosters.trust(settings)
        found += Roster.load(settings.roster_file, known.directors, known.threshold, today=date.min).sealers
    return found


def _key_folders(settings: Settings) -> list[str]:
    """In practice the officers' keys lie on the server too."""
    return ["keys", *(["practice"] if settings.practice else [])]


@contextmanager
def _database(settings: Settings, *, make: bool = False) -> Iterator[str]:
    """An embedded database that does not run is started for as long as it takes; with `make` also a new one."""
    if settings.database_url:
        yield settings.database_url
        return
    if not make and not (settings.data_dir / "postgres").is_dir():
        raise Refusal(f"there is no database in {settings.data_dir}: set FARO_DATA_DIR or FARO_DATABASE_URL.")
    server = start_embedded(settings.data_dir)
    try:
        yield server.url
    finally:
        server.stop()


def _lay(data_dir: Path, files: dict[str, bytes]) -> list[str]:
    """Writes those that are not there yet. Gives the names of those that are, and differ: they stay."""
    for name, data in files.items():
        if not (data_dir / name).exists():
            folder((data_dir / name).parent)
            publish(data_dir / name, data)
    return [name for name, data in files.items() if (data_dir / name).read_bytes() != data]


def _tell(found: Restored, left: Sequence[str]) -> None:
    rows = {name: about["rows"] for name, about in found.body["tables"].items()}
    click.echo(f"Restored the backup of {found.body['taken']}: {_counts(rows)}")
    click.echo(f"The audit chain is whole: {counted(found.head.seq, 'row')}, head {found.head.hash.hex()}.")
    click.echo(f"Proved against the chain: {counted(rows['reports'], 'report')}.")
    if found.former:
        click.echo(f"It is of a former sealer: row {found.head.seq} of the chain says that the present one goes on.")
    for name in left:
        click.echo(f"Left as it is, though the backup has another one: {name}")
    click.echo(GONE.format(conversations=found.body["left"].get("conversations", 0)))


def _counts(rows: dict[str, int]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {number}" for name, number in rows.items() if number) or "no rows"
