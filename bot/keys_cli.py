"""`faro keys`: which secrets there are and how old, and another in the place of one."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import click
from sqlalchemy.exc import SQLAlchemyError

from bot import engine_token, practice, rosters, secrets_known
from bot.counted import counted
from bot.officer_options import Commands, Refusal
from bot.running import find, joined
from bot.secrets_known import BY_NAME, SECRETS, Seen
from bot.settings import Settings, load
from storage import rotation, signing
from storage.database import Database
from storage.keys import KeyRing
from storage.roster import Roster

type Change = Callable[[Settings, datetime], None]


@click.group(cls=Commands)
def keys() -> None:
    """Secrets: how old they are, and another in the place of one."""


@keys.command("list")
def list_() -> None:
    """Print each secret with its age, never with its value, and what is due."""
    settings, now = joined(load()), datetime.now(UTC)
    for seen in secrets_known.look(settings):
        click.echo(f"{seen.secret.name:<16} {_age(seen, now):<34} {seen.secret.what}")
    click.echo("\nAnother in the place of one: ./run faro keys rotate NAME. SECURITY.md says what that changes.")


@keys.command()
@click.argument("name", type=click.Choice([secret.name for secret in SECRETS]))
def rotate(name: str) -> None:
    """Put another in the place of the secret NAME, or print how that is done. Safe while everything runs."""
    settings, now = load(), datetime.now(UTC)
    secret = BY_NAME[name]
    if name in CHANGES and not (secret.setting and getattr(settings, secret.setting)):
        with rotation.one_at_a_time(settings.data_dir / "keys"):
            CHANGES[name](settings, now)
        return
    for number, step in enumerate(secret.steps, 1):
        click.echo(f"{number}. {step}" if secret.setting else step)


def _age(seen: Seen, now: datetime) -> str:
    if not seen.there:
        return "none"
    if seen.made is None:
        return "set; its age is known elsewhere"
    due = "  DUE" if seen.overdue(now) else f" of {seen.secret.due.days}" if seen.secret.due else ""
    former = f", {seen.former} former" if seen.former else ""
    return f"{counted((now - seen.made).days, 'day')}{due}{former}"


def _pepper(settings: Settings, _: datetime) -> None:
    rotation.pepper(settings.data_dir / "keys")
    click.echo("New receipt codes come of a new pepper; old codes are still found. Back the keys up again.")


def _handles(settings: Settings, _: datetime) -> None:
    rotation.handles(settings.data_dir / "keys")
    click.echo("New pages get handles under a new key; those that are open go on for 24 hours after it.")


def _month(settings: Settings, now: datetime) -> None:
    rotation.month(settings.data_dir / "keys", now)
    click.echo("Whoever writes gets a new pseudonym; conversations under way move with their next message.")


def _epoch(settings: Settings, now: datetime) -> None:
    folder = settings.data_dir / "keys"
    moved = _within(settings, lambda base: rotation.epoch(base, KeyRing.open(folder), folder, now))
    click.echo(f"Under a new key: {counted(moved, 'conversation')}. The former goes when its six hours are over.")


def _engine_token(settings: Settings, _: datetime) -> None:
    engine_token.replace(settings)
    click.echo("There is a new engine token. It counts when engines and workers start again: restart them together.")
    if find(settings.data_dir):
        click.echo("Faro runs here, and goes on with the former until then.")


def _sealer(settings: Settings, _: datetime) -> None:
    folder = settings.data_dir / "keys"
    if not (folder / rotation.NEXT).exists() and rotation.finish_sealer(folder):
        click.echo("The change that was cut off is complete.")
        return
    following = rotation.next_sealer(folder)
    if settings.practice:
        practice.accept_sealer(settings.data_dir, following)
    if not _within(settings, lambda base: _in_force(base, settings)).knows_sealer(following):
        click.echo(f"Not changed yet: the next sealer is not in the roster.\n{signing.public_text(following)}")
        click.echo(
            "Directors: ./run faro roster add-sealer FILE KEY, sign it, and lay it in place. Then do this again."
        )
        sys.exit(1)
    _within(settings, lambda base: rotation.sealer(base, folder))
    click.echo("Reports are sealed under the new key, and the audit chain says so. Back the keys up again.")


async def _in_force(base: Database, settings: Settings) -> Roster:
    async with base.begin() as tx:
        return await rosters.load(tx, settings)


def _within[T](settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    url = joined(settings).database_url
    if not url:
        raise Refusal("no database runs: start ./run, or set FARO_DATABASE_URL.")

    async def run() -> T:
        base = Database(url, pool=1)
        try:
            return await work(base)
        finally:
            await base.close()

    try:
        return asyncio.run(run())
    except SQLAlchemyError as error:
        raise Refusal(f"the database cannot be asked ({type(error).__name__}).") from None


CHANGES: Mapping[str, Change] = {
    "sealer": _sealer, "pepper": _pepper, "handles": _handles, "month": _month, "epoch": _epoch,
    "engine-token": _engine_token,
}  # fmt: skip
