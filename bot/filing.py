"""A report is due: built, addressed, signed, sealed, kept and announced, in the transaction of its turn."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot import floods, log
from bot.channels import Outgoing
from bot.conversation import Filed, stamp
from bot.current import Turn
from bot.draft import Attachment, Cause, Draft
from bot.effects import Say
from bot.errors import NoRecipient, TakenBack
from bot.memo import Memo
from bot.questions import shipped
from bot.receipts import Prepared, ReceiptDue
from bot.report import MANY, Report, build
from bot.routing import Facts, Routed, route
from storage import attachments, audit, deliveries, envelope, queue, receipt, reports
from storage.envelope import Part
from storage.roster import Roster, RosterRefused

OFFICER_LANGUAGE = "es"


@dataclass(frozen=True, slots=True)
class _Due:
    id: bytes
    cause: Cause
    report: Report
    roster: Roster
    routed: Sequence[Routed]
    receipt: Prepared | None


async def file(turn: Turn, cause: Cause) -> list[Outgoing]:
    """Files what is known. Returns what the person is told; a report that nobody could open is not accepted.

    Raises `ReceiptDue` when it is complete and the turn has no receipt yet.
    """
    try:
        due = await _due(turn, cause)
    except (NoRecipient, TakenBack, RosterRefused) as error:
        log.failure("report_not_accepted", error)
        return _texts(turn.service.conduct.not_accepted(turn.talk))
    await _keep(turn, due)
    turn.talk.file(Filed(due.id.hex(), cause, stamp(turn.now)))
    conduct = turn.service.conduct
    said = conduct.closing(turn.talk, receipt.shown(due.receipt.code)) if due.receipt else None
    return _texts(said or conduct.accepted(turn.talk, cause))


async def withdraw(turn: Turn) -> None:
    """No officer fetches the reports of this conversation and of those that it follows or is followed by any more; the
    audit chain says that it was taken back."""
    service = turn.service
    for report_id in await reports.withdraw(turn.tx, _digest(turn), day=turn.now.date()):
        await audit.append(turn.tx, "withdrawn", report_id, "reporter", None, service.keys.sealer_key())


async def _due(turn: Turn, cause: Cause) -> _Due:
    if turn.talk.case and cause != "danger" and await reports.newest(turn.tx, _digest(turn)) is None:
        raise TakenBack  # elsewhere; a life in danger needs no agreement
    draft = draft_of(turn, cause)
    draft = replace(draft, flags=(*draft.flags, *await floods.flags(turn, draft)))
    report = build(draft)
    roster = await turn.service.roster(turn.tx)
    routed = route(Facts.of(report), roster, turn.now.date())
    if not routed:
        raise NoRecipient
    if cause == "complete" and turn.receipt is None:
        raise ReceiptDue
    prepared = turn.receipt if cause == "complete" else None
    return _Due(bytes.fromhex(draft.report_id), cause, report, roster, routed, prepared)


def draft_of(turn: Turn, cause: Cause) -> Draft:
    """Everything that the conversation gave. What a person said before saying no to consent is not in it."""
    talk, card = turn.talk, turn.service.placements.by_code.get(turn.talk.placement)
    return Draft(
        report_id=secrets.token_hex(16), cause=cause, started=talk.first, filed=stamp(turn.now), channel=talk.channel,
        address=talk.address, language=talk.language, practice=turn.service.settings.practice, placement=talk.placement,
        place=card.place if card else "", route=card.route if card else "", destination=talk.destination,
        presumed=talk.presumed,
        answers=talk.answers, story=tuple(talk.story),
        attachments=tuple(Attachment(kept.name(number), kept.media_type, kept.size, kept.at, kept.checked)
                          for number, kept in enumerate(talk.attachments, 1)),
        urgent=tuple(talk.urgent), flags=tuple(talk.flags),
        follows=talk.filed[-1].report_id if talk.filed else None,
    )  # fmt: skip


async def _keep(turn: Turn, due: _Due) -> None:
    """Sealed, chained and announced; the parts exist in the clear only in this function."""
    service, tx, day, digest = turn.service, turn.tx, turn.now.date(), _digest(turn)
    units = [routed.unit for routed in due.routed]
    head = await audit.head(tx, hold=True)
    sealed = envelope.seal(
        await _parts(turn, due.report), report_id=due.id, seq=head.seq + 1, prev=head.hash, day=day,
        roster=due.roster.ref, recipients=due.roster.recipients(units, day),
        follow_up=due.receipt.receipt.recipient if due.receipt else None, sealer=service.keys.sealer_key(),
        practice=service.settings.practice,
    )  # fmt: skip
    await reports.file(
        tx, due.id, sealed.data, sealed.detached, units, due.report.tier, service.settings.practice, day,
        _receipt_row(turn, due), digest, kind=f"{due.cause}-{await reports.next_number(tx, digest)}",
        many=bool(MANY & due.report.flags),
    )  # fmt: skip
    await audit.append(tx, "sealed", due.id, "sealer", sealed.sha256, service.keys.sealer_key())
    for unit in units:
        await queue.enqueue_deliver(tx, await deliveries.plan(tx, due.id, unit, turn.now))


def _receipt_row(turn: Turn, due: _Due) -> reports.ReceiptRow | None:
    if due.receipt is None:
        return None
    found = due.receipt.receipt
    memo = Memo.of(turn.talk, due.id.hex(), shipped()).seal(turn.service.keys, found)
    return reports.ReceiptRow(found.lookup, found.recipient, memo)


def _digest(turn: Turn) -> bytes:
    """By which all reports of one conversation, and of those that follow by its receipt code, are found."""
    if turn.talk.case:
        return bytes.fromhex(turn.talk.case)
    return turn.service.keys.digest("conversation", turn.conversation.id.hex())


async def _parts(turn: Turn, report: Report) -> list[Part]:
    parts = [Part("report.json", report.json_bytes()), Part("report.txt", report.text(OFFICER_LANGUAGE).encode())]
    for number, kept in enumerate(turn.talk.attachments, 1):
        data = await attachments.get(turn.tx, turn.conversation, kept.row)
        parts.append(Part(kept.name(number), data))
    return parts


def _texts(said: Sequence[Say]) -> list[Outgoing]:
    return [one.message for one in said]
