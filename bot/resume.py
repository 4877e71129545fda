"""Coming back by receipt code: a new conversation that follows the report, begun by the server alone."""

from __future__ import annotations

import secrets

from sqlalchemy.ext.asyncio import AsyncConnection

from bot import log
from bot.channels import Incoming
from bot.conversation import Talk
from bot.errors import NoSuchCode
from bot.memo import Memo
from bot.questions import shipped
from bot.service import Service
from storage import conversations, inbox, receipt, reports
from storage.age import AgeError
from storage.errors import Tampered
from storage.receipt import Receipt


async def begin_again(service: Service, code: str, channel: str, address: str, language: str = "") -> None:
    """Begins a conversation at `address`, which nobody has written from yet, that follows the report of this code.
    Its first turn is queued, and the safety question comes as from any other. `language`: of the page, if it is
    offered; else that of the report.

    Raises `NoSuchCode` (404) and `Busy` (429, `after` in seconds). A mistyped code, one that was never given, and one
    whose report was taken back or deleted are one and the same to whoever asks: somebody who finds a code must not
    learn that there was a report, and after a withdrawal nothing is kept by which the server itself could tell.

    The seed is the sealed state itself: no field of a message can claim to follow a report.
    """
    if not receipt.valid(code):
        raise NoSuchCode
    candidates = await service.receipts.look_up(code)  # slow, and outside the transaction
    async with service.database.begin() as tx:
        for found in candidates:
            case = await reports.case_of(tx, found.lookup)
            memo = _opened(service, found, case) if case else None
            if case and memo:
                await _begin(service, tx, memo, case, channel, address, language)
                return
    service.receipts.missed()
    log.event("no_such_code", channel=channel)
    raise NoSuchCode


def _opened(service: Service, found: Receipt, case: reports.Case) -> Memo | None:
    """None for a row that somebody else wrote: then nothing of it is believed."""
    try:
        return Memo.open(service.keys, found, case.memo)
    except (AgeError, Tampered) as error:
        log.failure("memo_refused", error)
        return None


async def _begin(service: Service, tx: AsyncConnection, memo: Memo, case: reports.Case, channel: str, address: str,
                 language: str) -> None:  # fmt: skip
    now = service.clock()
    spoken = language if language in service.texts.say else memo.language
    conversation = await conversations.admit(tx, service.keys, channel, address, now)
    if not conversation.fresh:
        raise ValueError("somebody writes from this address already")
    talk: Talk = memo.talk(channel, address, spoken, case.digest, case.newest.hex(), shipped(), now)
    conversation.state = talk.to_json()
    await conversations.save(tx, conversation, now)
    first = Incoming(secrets.token_hex(16), address, "start", language=spoken)
    row = await inbox.accept(tx, service.keys, conversation, first.message_id, first.to_json(), now)
    assert row is not None  # its id is fresh
