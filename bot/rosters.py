"""The roster in force, as this server knows it: whose signature counts, and that no older one comes back."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import practice
from bot.settings import Settings
from storage import roster_seen
from storage.roster import Roster, RosterRefused
from storage.trust import Trust, TrustRefused


def trust(settings: Settings) -> Trust:
    """The directors' keys from the settings; in practice mode those made with the practice units.

    Raises `TrustRefused`."""
    if settings.practice:
        return Trust(tuple(practice.directors(settings.data_dir)), practice.DIRECTORS)
    return Trust.of(settings.roster_keys, settings.roster_threshold)


async def load(tx: AsyncConnection, settings: Settings) -> Roster:
    """Reads, checks and remembers the version. Raises `RosterRefused`, also for a missing file and unusable keys."""
    name = "practice" if settings.practice else "roster"
    seen = await roster_seen.seen(tx, name)
    try:
        known = trust(settings)
        roster = Roster.load(settings.roster_file, known.directors, known.threshold, seen)
    except OSError:
        mode = "practice mode, since FARO_ROSTER_KEYS is empty" if settings.practice else "set FARO_ROSTER"
        raise RosterRefused(f"no roster file at {settings.roster_file} ({mode})") from None
    except TrustRefused as error:
        raise RosterRefused(str(error)) from None
    if roster.practice != settings.practice:
        raise RosterRefused("a practice roster for real reports, or a real one for practice")
    if roster.version > seen:
        await roster_seen.remember(tx, roster.version, name)
    return roster
