"""Somebody who writes far faster than people do is answered more slowly. Nothing is blocked, and danger never waits.

By conversation, never by network address: a whole aircraft may write from one. The count lies in the sealed state, so
that nobody else waits for it. Words that belong to the account are kept up to the bounds of `bot.conversation`.
"""

from __future__ import annotations

from bot import asides
from bot.channels import Incoming
from bot.conduct import note
from bot.conversation import Talk
from bot.current import Turn
from bot.effects import Effect
from bot.exchange import DANGER
from bot.report import FLOOD
from bot.safety import Sign

EVERY = 10  # of the messages that came too fast, one is answered, with a bland line that says what never waits
A_FEW = 3  # words that may tell of danger although no list has them
# What these ask for would itself be a way to make us work; they are met once the person slows down.
MAY_WAIT = frozenset({None, Sign.RESUME})


async def slowed(turn: Turn, incoming: Incoming) -> list[Effect] | None:
    """What is done instead of the usual answer to a message that came too fast; None if it is answered as usual."""
    talk = turn.talk
    fast = talk.pace.counts(turn.now.timestamp(), turn.service.settings.pace)
    if not fast or await _never_waits(turn, incoming):
        return None
    talk.pace.slowed += 1
    if talk.pace.slowed >= EVERY:
        note(talk.flags, FLOOD)
    _keep(turn, incoming)
    if talk.mode == "cover" or talk.pace.slowed % EVERY != 1:
        return []
    return [turn.service.conduct.say(talk, "slower")]


def full(turn: Turn) -> list[Effect]:
    """Once, when more was said than is kept: that, and who can be talked to instead; before it is safe to write, by
    lines whose names tell nothing. Nothing where somebody may read along."""
    talk, conduct = turn.talk, turn.service.conduct
    if not talk.overflown or talk.overflown_told or talk.mode == "cover" or talk.shut:
        return []
    talk.overflown_told = True
    note(talk.flags, FLOOD)
    safe = talk.slots.get("safe") == "ready"
    return [conduct.say(talk, "full"), *(conduct.numbers(talk, "human") if safe else conduct.reachable(talk))]


async def _never_waits(turn: Turn, incoming: Incoming) -> bool:
    """Danger, exits and watchers, whether a list, the model or the open question tells of them."""
    talk, respond = turn.talk, turn.service.respond
    asked = talk.aside is not None and talk.aside.name == asides.DANGER
    if talk.mode in {"new", "danger"} or asked or incoming.kind in {"opted_out", "unreachable"}:
        return True
    if respond.safety.look(incoming.text) not in MAY_WAIT:
        return True
    if incoming.kind != "text" or len(incoming.text.split()) < A_FEW or _said_before(talk, incoming.text):
        return False
    heard = await respond.exchange.hear(talk, incoming.text)
    return heard is not None and heard.intent in DANGER | {"watched"}


def _keep(turn: Turn, incoming: Incoming) -> None:
    talk = turn.talk
    known = talk.mode == "closed" and not talk.done  # no report comes of it
    if talk.mode != "cover" and not known and not _said_before(talk, incoming.text):
        turn.service.respond.keep(talk, incoming, turn.now)


def _said_before(talk: Talk, text: str) -> bool:
    return bool(talk.story) and talk.story[-1].text == text
