"""`faro drill`: takes what a seizure of this host would take, tries to read it, and says what a reader learns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bot import plunder
from bot.counted import counted
from bot.errors import SettingsError
from bot.running import joined
from bot.settings import Settings, load
from storage import break_in, seizure
from storage.break_in import Opened
from storage.embedded import start_embedded
from storage.keys import KeyRing
from storage.seizure import Taken

FOLDER = click.Path(file_okay=False, path_type=Path)
CONTENT = ("conversations", "inbox", "outbox", "attachments")
ACCESS = {  # settings whose values open something elsewhere
    "FARO_TWILIO_AUTH_TOKEN": "Twilio's own log of all WhatsApp and SMS messages, as long as Twilio keeps it",
    "FARO_TELEGRAM_TOKEN": "to write as the bot, and to get what people write from then on",
    "FARO_DATABASE_URL": "the database server, if it is not this host",
    "FARO_SMTP_URL": "to send mail as this server",
}


@dataclass(slots=True)
class Loot:
    """What was taken and what came of each attempt. `facts`: open columns, counted."""

    tables: list[Taken]
    facts: dict[str, str]
    conversations: Opened
    reports: tuple[int, int]
    keys_tried: int
    people: int
    files: tuple[int, int]
    words: dict[str, list[str]] = field(default_factory=dict)  # word -> files that hold it
    told: dict[str, int] = field(default_factory=dict)  # word -> places in opened conversations


@click.command()
@click.option("--out", type=FOLDER, help="Keep what was taken in this new folder; default: it is looked at and erased.")
@click.option("--word", "words", multiple=True, help="Search for it everywhere. Say one that was written in a test.")
@click.option("--address", "addresses", multiple=True, help="A number or account that somebody suspects of writing.")
@click.option("--database-only", is_flag=True, help="Only the database, as a stolen backup without the keys.")
def drill(out: Path | None, words: tuple[str, ...], addresses: tuple[str, ...], database_only: bool) -> None:
    """Take what a seizure would take, try to read it, and tell what a reader learns."""
    settings = joined(load())
    with _database(settings) as url, _target(out, settings.data_dir) as folder:
        loot = take(settings, url, folder, words, addresses, database_only=database_only)
        for line in report(loot, settings, database_only=database_only):
            click.echo(line)
        if out:
            click.echo(f"\nIt lies in {out}, without the keys that are meant to vanish. Erase it: it holds the others.")


def take(settings: Settings, url: str, folder: Path, words: Sequence[str], addresses: Sequence[str], *,
         database_only: bool) -> Loot:  # fmt: skip
    """Fills `folder` and makes every attempt. The keys that are meant to vanish are erased from it again."""
    tables, host = seizure.dump(url, folder / "database"), folder / "data"
    ring, identities = None, []
    if not database_only:
        plunder.files(settings.data_dir, host)
        (folder / "settings.txt").write_text("\n".join(plunder.names_of_settings(settings)))
        (folder / "processes.txt").write_text("\n".join(plunder.processes()))
        identities = break_in.identities(host)
        ring = KeyRing.open(host / "keys") if (host / "keys").is_dir() else None
    opened = break_in.conversations(url, ring)
    loot = Loot(
        tables, seizure.facts(url), opened, break_in.reports(url, identities), len(identities),
        break_in.people(url, ring, addresses, datetime.now(UTC)), plunder.read(folder),
    )  # fmt: skip
    for word in words:
        loot.words[word] = plunder.with_word(folder, word)
        loot.told[word] = sum(word.lower() in text.decode(errors="ignore").lower() for text in opened.words)
    plunder.clean(host)
    return loot


def report(loot: Loot, settings: Settings, *, database_only: bool) -> Iterator[str]:
    """The table, in plain words."""
    yield f"What was taken: {'the database alone' if database_only else 'this host, switched off'}"
    yield f"  {counted(loot.files[0], 'file')}, {loot.files[1] / 1e6:.1f} MB; {counted(len(loot.tables), 'table')}"
    yield from (
        f"  {table.name:<24} {table.rows:>8} {'row ' if table.rows == 1 else 'rows'} {table.size:>12} bytes"
        for table in loot.tables
        if table.rows
    )
    yield "\nWhat a reader learns without opening anything"
    yield from (f"  {what}: {answer}" for what, answer in loot.facts.items())
    yield "\nWhat was tried"
    yield from _attempts(loot, database_only=database_only)
    yield from _words(loot)
    if not database_only:
        yield "\nWhat the settings open elsewhere (their values stand in .env or the environment)"
        given = plunder.names_of_settings(settings)
        yield from [f"  {name}: {what}" for name, what in ACCESS.items() if name in given] or ["  nothing"]
    yield "\nWhat a reader can't learn"
    yield from _closed(loot, database_only=database_only)


def _attempts(loot: Loot, *, database_only: bool) -> Iterator[str]:
    sealed, open_reports = loot.reports
    tried = counted(loot.keys_tried, "key")
    yield f"  sealed reports, parts and memos: {open_reports} of {sealed} opened, with {tried} tried"
    if open_reports:
        yield "    practice keys lie on this host, so that practice reports can be read; real officers' keys never do"
    living = loot.conversations
    yield f"  living conversations: {living.opened} of {living.total} opened"
    if living.opened:
        yield "    THEIR WORDS AND ADDRESSES CAN BE READ: their keys lie on this host until an exit, or for a day"
    elif database_only:
        yield "    the keys that would open them lie apart from the database"
    yield f"  suspected addresses: {loot.people} found to have a living conversation"
    if not database_only:
        yield "    with the keys every telephone number there is can be tried against the pseudonyms of living ones,"
        yield "    and against the digests by which more than three reports of one address in a day are noticed"


def _words(loot: Loot) -> Iterator[str]:
    for word, files in loot.words.items():
        told = loot.told[word]
        yield f"  the word {word!r}: in {counted(len(files), 'file')} as taken,"
        yield f"    and in {counted(told, 'piece')} of opened conversations"
        yield from (f"    {file}" for file in files[:20])


def _closed(loot: Loot, *, database_only: bool) -> Iterator[str]:
    yield "  any report: its words, its names, its pictures, and how long it is beyond steps of size"
    yield "  any conversation that ended by an exit word, or more than a day ago: key, state and messages are gone"
    yield "  receipt codes, and what pages that are written to have not seen: only the person holds what opens them"
    if database_only:
        yield "  any living conversation, and who has one"
    yield "  who wrote in a month before the last: the key of those pseudonyms is shredded"
    yield "Not looked at: memory of a host that runs, and what Telegram, WhatsApp and telephone companies keep."


@contextmanager
def _target(out: Path | None, data_dir: Path) -> Iterator[Path]:
    if out is None:
        with TemporaryDirectory(prefix="faro-drill-") as name:
            yield Path(name)
        return
    if out.exists() or out.resolve().is_relative_to(data_dir.resolve()):
        raise SettingsError("--out is there already, or lies in the data folder; name a new folder elsewhere.")
    out.mkdir(parents=True, mode=0o700)
    yield out


@contextmanager
def _database(settings: Settings) -> Iterator[str]:
    """That of the settings, of the running system, or the one in the data folder, started for this."""
    if settings.database_url:
        yield settings.database_url
        return
    if not (settings.data_dir / "postgres").is_dir():
        raise SettingsError("FARO_DATABASE_URL: none is given, and the data folder holds no database.")
    server = start_embedded(settings.data_dir)
    try:
        yield server.url
    finally:
        server.stop()
