"""One turn: a person's message becomes effects, exactly once. Every step stands here in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import attached, card_text, filing, floods, pace, statistics
from bot.channels import MEDIA_COUNT, Incoming, Outgoing
from bot.conversation import SILENCE, Talk
from bot.current import Turn
from bot.effects import Discard, Effect, File, Leave, Say, Withdraw
from bot.post import LEASE, Posting
from bot.receipts import Prepared, ReceiptDue
from bot.service import Service
from storage import conversations, copies, inbox, outbox, queue, turns
from storage.conversations import Conversation
from storage.outbox import Handed


async def take(service: Service, conversation_id: bytes, inbox_id: int, *, last_try: bool = False) -> Posting | None:
    """Takes one message of the inbox and returns what is to be sent now. Whatever fails, nothing of it has happened.

    An attachment is fetched, and a receipt prepared, between two looks at the message: nothing slow may hold a
    transaction open.
    """
    fetched: attached.Fetched | None = None
    prepared: Prepared | None = None
    while True:
        try:
            async with service.database.begin() as tx:
                turn, incoming = await _look(service, tx, conversation_id, inbox_id)
                if turn is None or incoming is None:
                    return None  # done before, or the person left meanwhile
                turn.receipt = prepared
                silent = turn.talk.silent_since(turn.now) > SILENCE
                if fetched is not None or not incoming.media or not turn.talk.takes_files(silent):
                    return await _steps(turn, incoming, fetched, inbox_id)
        except ReceiptDue:
            prepared = await service.receipts.prepare()
        else:
            room = max(0, MEDIA_COUNT - len(turn.talk.attachments))
            fetched = await attached.fetch(turn.channel, incoming, last_try=last_try, room=room)


async def _steps(turn: Turn, incoming: Incoming, fetched: attached.Fetched | None, inbox_id: int) -> Posting | None:
    """Keep what was sent, respond, perform, seal the state, done; then the outbox is posted."""
    silent = turn.talk.silent_since(turn.now) > SILENCE
    turn.talk.arrived(incoming, turn.now)
    kept = await attached.keep(turn, fetched) if fetched else []
    effects = await pace.slowed(turn, incoming)
    if effects is None:
        effects = await turn.service.respond(turn.talk, incoming, silent, turn.now)
        effects = _with_kept(turn.talk, [*effects, *pace.full(turn)], kept)
    stays = await _perform(turn, effects, incoming.callback)
    if stays:
        turn.conversation.state = turn.talk.to_json()
    spare = () if turn.channel.erases else incoming.thread  # the platform's copies; nothing of them is needed any more
    handed = await turns.end(turn.tx, turn.conversation, inbox_id, turn.replies, turn.now, LEASE, spare)
    if stays:
        await floods.begun(turn)
        await statistics.begun(turn)
    return await _posting(turn, handed)


def _with_kept(talk: Talk, effects: Sequence[Effect], kept: Sequence[Say]) -> list[Effect]:
    """What is said of an attachment: nothing beside a last or a bland word, and a number to call comes before it."""
    if talk.mode == "cover" or any(isinstance(effect, Leave) for effect in effects):
        return list(effects)
    return [*effects, *kept] if talk.mode == "danger" else [*kept, *effects]


async def give_up(service: Service, conversation_id: bytes, inbox_id: int, reason: str) -> Posting | None:
    """After the last try: the message is parked, sealed as it is, and the person gets the numbers, not silence."""
    async with service.database.begin() as tx:
        turn, incoming = await _look(service, tx, conversation_id, inbox_id)
        if turn is None or incoming is None:
            return None
        turn.talk.arrived(incoming, turn.now)
        turn.talk.keep_words(incoming.text, turn.now)  # for the report: nothing takes up a parked message by itself
        await _perform(turn, turn.service.conduct.engine_down(turn.talk), incoming.callback)
        turn.conversation.state = turn.talk.to_json()
        await conversations.save(tx, turn.conversation, turn.now)
        handed = await outbox.hand(tx, turn.conversation, turn.replies, turn.now, LEASE)
        await floods.begun(turn)
        await statistics.begun(turn)
        await inbox.park(tx, inbox_id, reason)
        await _copies_of_parked(turn, incoming)
        return await _posting(turn, handed)


async def _copies_of_parked(turn: Turn, incoming: Incoming) -> None:
    """Its words lie sealed in the inbox, so the platform's copy may go; its files lie at the platform alone, and are
    left there for as long as the message is kept here."""
    if incoming.thread and not turn.channel.erases:
        due = turn.now + conversations.LIFE if incoming.media else turn.now
        await copies.note(turn.tx, turn.channel.name, incoming.thread, due)


async def _look(service: Service, tx: AsyncConnection, conversation_id: bytes,
                inbox_id: int) -> tuple[Turn, Incoming] | tuple[None, None]:  # fmt: skip
    conversation = await conversations.lock(tx, service.keys, conversation_id)
    message = await inbox.take(tx, conversation, inbox_id) if conversation else None
    if not conversation or not message:
        return None, None
    incoming, now = Incoming.from_json(message), service.clock()
    if conversation.fresh:
        incoming = card_text.opened(incoming, service.placements.by_code)
    else:
        incoming = replace(incoming, placement=card_text.sound(incoming.placement))
    talk = _talk(service, conversation, incoming, now)
    talk.destination = service.placements.destination(talk.placement or incoming.placement)
    return Turn(service, tx, conversation, service.channels.on[conversation.channel], talk, now), incoming


def _talk(service: Service, conversation: Conversation, incoming: Incoming, now: datetime) -> Talk:
    if conversation.state is not None:
        return Talk.from_json(conversation.state)
    hints = [incoming.language, *service.placements.languages(incoming.placement)]
    language = service.first_words.guess(incoming.text, hints)
    return Talk.begin(conversation.channel, incoming, language, now)


async def _perform(turn: Turn, effects: Sequence[Effect], callback: str = "") -> bool:
    """Performs effects in their order. False when the person left: then there is no state to seal any more."""
    said: list[Outgoing] = []
    for effect in effects:
        match effect:
            case Say(message):
                said.append(message)
            case File(cause):
                said += await filing.file(turn, cause)
            case Discard():
                await attached.discard(turn)
            case Withdraw():
                await filing.withdraw(turn)
            case Leave(word):
                await _leave(turn, said, word, callback)
                return False
    _put(turn, [*_acknowledged(callback), *_said(turn, said)])
    return True


def _said(turn: Turn, messages: Sequence[Outgoing]) -> list[dict[str, object]]:
    """One row for each call to the platform, so that a retry repeats no more than what failed."""
    pieces = [piece for message in messages for piece in turn.channel.compose(message)]
    return [{"do": "say", "piece": piece.to_json()} for piece in pieces]


async def _leave(turn: Turn, said: Sequence[Outgoing], word: Outgoing | None, callback: str) -> None:
    """The key, the state and all waiting messages go now; a fresh key holds no more than what wipes the chat."""
    ids = [*turn.talk.thread, *await outbox.platform_ids(turn.tx, turn.conversation)]
    await conversations.erase(turn.tx, turn.conversation.id)
    if word is None:
        return
    turn.conversation = await conversations.admit(
        turn.tx, turn.service.keys, turn.conversation.channel, turn.talk.address, turn.now
    )
    wipe = [{"do": "erase", "ids": ids}] if turn.channel.erases and ids else []
    _put(turn, [*_acknowledged(callback), *wipe, *_said(turn, [*said, word]), {"do": "forget"}])


def _acknowledged(callback: str) -> list[dict[str, object]]:
    return [{"do": "acknowledge", "callback": callback}] if callback else []


def _put(turn: Turn, bodies: Sequence[Mapping[str, object]]) -> None:
    turn.replies = [{**body, "address": turn.talk.address} for body in bodies]


async def _posting(turn: Turn, handed: Handed) -> Posting | None:
    """Earlier messages may still wait for the platform: then these wait behind them."""
    if not handed.rows:
        return None
    if not handed.mine:
        await queue.enqueue_send(turn.tx, turn.conversation.id)
        return None
    return Posting(turn.conversation.id, turn.channel.name, handed.rows)
