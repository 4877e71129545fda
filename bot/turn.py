"""One turn: a person's message becomes effects, exactly once. Every step stands here in its order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import attached, filing
from bot.channels import Channel, Incoming, Outgoing
from bot.conversation import Talk
from bot.effects import Effect, File, Leave, Say, Withdraw
from bot.respond import is_silent
from bot.service import Service
from storage import conversations, inbox, outbox
from storage.conversations import Conversation


@dataclass(slots=True)
class Turn:
    """What the steps of one turn share."""

    service: Service
    tx: AsyncConnection
    conversation: Conversation
    channel: Channel
    talk: Talk
    now: datetime


async def take(service: Service, conversation_id: bytes, inbox_id: int, now: datetime) -> None:
    """Takes one message of the inbox. Whatever fails, nothing of the turn has happened, and it can be taken again.

    An attachment is fetched between two looks at the message, since a download must not hold a transaction open.
    """
    fetched: attached.Fetched | None = None
    while True:
        async with service.database.begin() as tx:
            conversation = await conversations.lock(tx, service.keys, conversation_id)
            message = await inbox.take(tx, conversation, inbox_id) if conversation else None
            if not conversation or not message:
                return  # done before, or the person left meanwhile
            incoming = Incoming.from_json(message)
            if not incoming.media or fetched is not None:
                await _steps(service, tx, conversation, incoming, fetched, inbox_id, now)
                return
        fetched = await attached.fetch(service.channels.on[conversation.channel], incoming)


async def _steps(service: Service, tx: AsyncConnection, conversation: Conversation, incoming: Incoming,
                 fetched: attached.Fetched | None, inbox_id: int, now: datetime) -> None:  # fmt: skip
    """Open state, keep what was sent, respond, perform, seal state, done."""
    talk, silent = _open(service, conversation, incoming, now)
    turn = Turn(service, tx, conversation, service.channels.on[conversation.channel], talk, now)
    said: list[Effect] = list(await attached.keep(turn, fetched)) if fetched else []
    said += await service.respond(talk, incoming, silent, now)
    if incoming.callback:
        await _put(turn, [{"do": "acknowledge", "callback": incoming.callback}])
    if not await _perform(turn, said):
        return
    conversation.state = talk.to_json()
    await conversations.save(tx, conversation, now)
    await inbox.done(tx, inbox_id)


def _open(service: Service, conversation: Conversation, incoming: Incoming, now: datetime) -> tuple[Talk, bool]:
    if conversation.state is None:
        language = service.texts.guess(incoming.text, incoming.language)
        talk, silent = Talk.begin(conversation.channel, incoming, language, now), False
    else:
        talk = Talk.from_json(conversation.state)
        silent = is_silent(talk, now)
    talk.arrived(incoming, now)
    return talk, silent


async def _perform(turn: Turn, effects: list[Effect]) -> bool:
    """Performs effects in their order. False when the person left: then there is no state to seal any more."""
    pending: list[Outgoing] = []
    for effect in effects:
        match effect:
            case Say(message):
                pending.append(message)
            case File(cause):
                pending += await filing.file(turn, cause)
            case Withdraw():
                await filing.withdraw(turn)
            case Leave(word):
                await _leave(turn, word)
                return False
    await say(turn, pending)
    return True


async def say(turn: Turn, messages: list[Outgoing]) -> None:
    """Into the outbox, one row for each call to the platform, so that a retry repeats no more than what failed."""
    pieces = [piece for message in messages for piece in turn.channel.compose(message)]
    await _put(turn, [{"do": "say", "piece": piece.to_json()} for piece in pieces])


async def _leave(turn: Turn, word: Outgoing | None) -> None:
    """The key, the state and all waiting messages go now; a fresh key holds no more than what wipes the chat."""
    ids = [*turn.talk.thread, *await outbox.platform_ids(turn.tx, turn.conversation)]
    await conversations.erase(turn.tx, turn.conversation.id)
    if word is None:
        return
    turn.conversation = await conversations.admit(
        turn.tx, turn.service.keys, turn.conversation.channel, turn.talk.address, turn.now
    )
    if turn.channel.erases and ids:
        await _put(turn, [{"do": "erase", "ids": ids}])
    await say(turn, [word])
    await _put(turn, [{"do": "forget"}])


async def _put(turn: Turn, bodies: list[dict[str, object]]) -> None:
    if bodies:
        addressed = [{**body, "address": turn.talk.address} for body in bodies]
        await outbox.put(turn.tx, turn.conversation, addressed, turn.now)
