"""What the commands of officers and directors share: keys, passphrases, the roster, and errors in one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from bot import settings as configured
from bot.errors import FaroError
from storage import identity, roster
from storage.identity import OfficerKey
from storage.refused import Refused
from storage.roster import Roster
from storage.trust import Trust

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(file_okay=False, path_type=Path)


class Refusal(click.ClickException):
    """One line for the officer and exit code 2."""

    exit_code = 2


class Commands(click.Group):
    """A group whose commands end in one clear line for whatever was refused, never in a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refused, FaroError) as error:
            raise Refusal(str(error)) from None
        except FileExistsError as error:
            raise Refusal(f"{error.filename} is there already; nothing is replaced.") from None
        except OSError as error:
            raise Refusal(f"{error.filename}: {error.strerror}") from None


def key_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--key` and `--passphrase-file`."""
    passphrase = click.option("--passphrase-file", type=FILE, help="File that holds the passphrase in its first line.")
    key = click.option("--key", "key_file", type=FILE, required=True, help="Your key file.")
    return key(passphrase(command))


def roster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--roster`, `--director` and `--threshold`; without them, those of the settings."""
    for option in (
        click.option("--threshold", type=click.IntRange(1), help="How many directors must have signed the roster."),
        click.option("--director", "directors", multiple=True, help="A director's public key; once for each."),
        click.option("--roster", "roster_file", type=FILE, help="The signed roster; else that of the settings."),
    ):
        command = option(command)
    return command


def load_key(key_file: Path, passphrase_file: Path | None) -> OfficerKey:
    """The officer's key; asks for the passphrase if it needs one and no file gives it."""
    passphrase = ""
    if identity.needs_passphrase(key_file):
        passphrase = first_line(passphrase_file) if passphrase_file else click.prompt("Passphrase", hide_input=True)
    return identity.read_key_file(key_file, passphrase)


def first_line(path: Path) -> str:
    """A passphrase out of a file, without its line end."""
    try:
        text = path.read_text("utf-8").splitlines()
    except UnicodeDecodeError:
        raise Refusal(f"{path} is not UTF-8.") from None
    if not text or not text[0]:
        raise Refusal(f"{path} holds no passphrase in its first line.")
    return text[0]


def find_roster(roster_file: Path | None, directors: tuple[str, ...], threshold: int | None) -> Roster | None:
    """The roster of the options or of the settings; None if there is none at either place."""
    path = roster_file or configured.load().roster_file
    if not path.exists():
        return None
    trust = find_trust(path, directors, threshold)
    return roster.read(path.read_bytes(), trust.directors, trust.threshold)


def find_trust(roster_file: Path, directors: tuple[str, ...], threshold: int | None) -> Trust:
    """The directors of the options, else of the settings, else of the file that lies beside the roster."""
    settings = configured.load()
    if directors:
        return Trust.of(directors, threshold or min(2, len(directors)))
    if settings.roster_keys:
        return Trust.of(settings.roster_keys, threshold or settings.roster_threshold)
    if beside := Trust.beside(roster_file):
        return beside
    raise Refusal("no director is known: name them with --director, or set FARO_ROSTER_KEYS.")
