"""Signs of a prank or a flood, as flags for officers. Nobody is blocked: behind each may be many people in need.

Looked at by placement and by account, never by network address. Nothing is locked: rows are put in and counted.
"""

from __future__ import annotations

from datetime import datetime

from bot.current import Turn
from bot.draft import Draft
from bot.placements import Placement
from bot.report import FLOOD, REPEATED
from bot.texts import plain
from storage import tallies

LEAST, SHARE = 50, 10  # conversations of a placement in an hour that are usual: so many, or one in so many of its cards
USUAL_REPORTS = 3  # complete ones of one address in a day
USUAL_ACCOUNTS = 2  # conversations of a day that tell the same in the same words
ACCOUNT = 80  # characters from which an account is long enough not to be the same by chance

type Thing = tuple[str, ...]


async def begun(turn: Turn) -> None:
    """Notes this turn's conversation if it is its first one, and came by a card that is known."""
    if turn.conversation.fresh and turn.talk.placement in turn.service.placements.by_code:
        thing = _placement(turn.talk.placement, turn.now)
        await tallies.add(turn.tx, turn.service.keys, thing, turn.conversation.id.hex(), turn.now)


async def flags(turn: Turn, draft: Draft) -> tuple[str, ...]:
    """What officers should know of the report beside what it says, of `bot.report.FLAGS`."""
    found = [FLOOD] if await _placement_floods(turn, draft) else []
    again = [
        draft.cause == "complete" and await _more(turn, _reports(draft), draft.report_id, USUAL_REPORTS),
        len(account(draft)) >= ACCOUNT
        and await _more(turn, _account(draft), turn.conversation.id.hex(), USUAL_ACCOUNTS),
    ]
    return (*found, REPEATED) if any(again) else tuple(found)


def usual(card: Placement) -> int:
    """Conversations of an hour that begin by it without being a flood."""
    return max(LEAST, card.cards // SHARE)


def account(draft: Draft) -> str:
    """Everything in own words, without accents, case and punctuation."""
    answers = [words for answer in draft.answers.values() for words in answer.words]
    return plain(" ".join([*answers, *(said.text for said in draft.story)]))


async def _placement_floods(turn: Turn, draft: Draft) -> bool:
    card = turn.service.placements.by_code.get(draft.placement)
    if card is None:
        return False
    thing = _placement(card.code, datetime.fromisoformat(draft.started))
    return await tallies.count(turn.tx, turn.service.keys, thing, usual(card) + 1) > usual(card)


async def _more(turn: Turn, thing: Thing, by: str, usually: int) -> bool:
    """Notes it, and tells whether it came more often than usual."""
    await tallies.add(turn.tx, turn.service.keys, thing, by, turn.now)
    return await tallies.count(turn.tx, turn.service.keys, thing, usually + 1) > usually


def _placement(code: str, now: datetime) -> Thing:
    return ("placement", code, f"{now:%Y-%m-%dT%H}")


def _reports(draft: Draft) -> Thing:
    return ("reports", draft.channel, draft.address, draft.filed[:10])


def _account(draft: Draft) -> Thing:
    return ("account", account(draft), draft.filed[:10])
