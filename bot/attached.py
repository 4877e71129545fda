"""Pictures, voice and documents: fetched from the platform, cleaned, sealed; what can't be kept is said kindly."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from bot import log
from bot.channels import MEDIA_COUNT, Channel, Incoming
from bot.channels.media import Cleaned, clean
from bot.conversation import Kept, stamp
from bot.current import Turn
from bot.effects import Say
from bot.errors import FetchError, TooBig
from storage import attachments


@dataclass(frozen=True, slots=True)
class Fetched:
    """What could be had, and why the rest could not (codes of `bot.errors`)."""

    files: tuple[Cleaned, ...]
    refused: tuple[str, ...]


async def fetch(channel: Channel, incoming: Incoming, *, last_try: bool) -> Fetched:
    """Raises `MediaDown` when the platform should be asked again; every other refusal is told to the person."""
    files: list[Cleaned] = []
    refused: list[str] = []
    for media in incoming.media:
        try:
            # A large picture takes most of a second to make anew: not on the loop that everybody shares.
            files.append(await asyncio.to_thread(clean, await channel.fetch(media), media.media_type))
        except FetchError as error:
            if error.retry and not last_try:
                raise
            log.failure("attachment_refused", error, channel=channel.name)
            refused.append(error.code)
    return Fetched(tuple(files), tuple(refused))


async def keep(turn: Turn, fetched: Fetched) -> list[Say]:
    """Seals what was fetched into the conversation, and says what became of it."""
    keys: list[str] = []
    for file in fetched.files:
        if len(turn.talk.attachments) >= MEDIA_COUNT:
            keys.append("too_many")
            break
        name = f"{len(turn.talk.attachments) + 1}.{file.extension}"
        row = await attachments.put(turn.tx, turn.conversation, name, file.media_type, file.data)
        turn.talk.attachments.append(
            Kept(row, file.media_type, file.extension, len(file.data), stamp(turn.now), file.checked)
        )
        keys.append("attachment_ok")
    keys += ["too_big" if code == TooBig.code else "attachment_refused" for code in fetched.refused]
    return [turn.service.conduct.say(turn.talk, key) for key in dict.fromkeys(keys)]


async def discard(turn: Turn) -> None:
    """Everything that was told or sent so far."""
    await attachments.drop(turn.tx, turn.conversation, [kept.row for kept in turn.talk.attachments])
    turn.talk.discard()
