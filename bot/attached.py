"""Pictures, voice and documents: fetched from the platform, cleaned, sealed; what can't be kept is said kindly."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bot import log
from bot.channels import MEDIA_COUNT, Channel, Incoming
from bot.channels.media import Cleaned, clean
from bot.conversation import Kept, stamp
from bot.current import Turn
from bot.effects import Say
from bot.errors import FetchError, TooBig
from storage import attachments

TOO_MANY = "too_many"
AT_ONCE = 2  # pictures made anew by a worker: each takes up to 450 MB, whatever came
_CLEANERS = ThreadPoolExecutor(AT_ONCE, "clean")


@dataclass(frozen=True, slots=True)
class Fetched:
    """What could be had, and why the rest could not (codes of `bot.errors`)."""

    files: tuple[Cleaned, ...]
    refused: tuple[str, ...]


async def fetch(channel: Channel, incoming: Incoming, *, last_try: bool, room: int = MEDIA_COUNT) -> Fetched:
    """`room`: how many may still be kept; more are not even fetched. Raises `MediaDown` when the platform should be
    asked again; every other refusal is told to the person."""
    loop = asyncio.get_running_loop()
    files: list[Cleaned] = []
    refused = [TOO_MANY] if len(incoming.media) > room else []
    for media in incoming.media[:room]:
        try:
            # A large picture takes most of a second to make anew: not on the loop that everybody shares.
            files.append(await loop.run_in_executor(_CLEANERS, clean, await channel.fetch(media), media.media_type))
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
            keys.append(TOO_MANY)
            break
        name = f"{len(turn.talk.attachments) + 1}.{file.extension}"
        row = await attachments.put(turn.tx, turn.conversation, name, file.media_type, file.data)
        turn.talk.attachments.append(
            Kept(row, file.media_type, file.extension, len(file.data), stamp(turn.now), file.checked)
        )
        keys.append("attachment_ok")
    keys += [code if code in {TooBig.code, TOO_MANY} else "attachment_refused" for code in fetched.refused]
    return [turn.service.conduct.say(turn.talk, key) for key in dict.fromkeys(keys)]


async def discard(turn: Turn) -> None:
    """Everything that was told or sent so far."""
    await attachments.drop(turn.tx, turn.conversation, [kept.row for kept in turn.talk.attachments])
    turn.talk.discard()
