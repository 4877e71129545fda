"""What the engine wishes, and what is done about it: `bot.exchange` with an engine that wishes one thing."""

from __future__ import annotations

import re

import pytest

from bot.effects import Discard, Leave, Withdraw
from bot.errors import EngineRefused
from tests.bot.talker import ACCOUNT, BEFORE, NOW, a_talk, causes, keys, wishing
from tests.engine import NLU

WISHES: dict[str, list[str]] = {
    "submit": ["File"],
    "information": ["Discard", "refused_consent", "numbers_home", "delete"],
    "numbers": ["numbers_home"],
    "human": ["human"],
    "cover": ["cover_1"],
    "later": ["later"],
    "exit": ["exit"],
    "danger": ["danger_call", "danger_helpers", "aside_danger"],
    "delete_help": ["delete"],
    "withdraw": ["Withdraw", "withdraw_done", "Leave"],
    "language": ["language_ask"],
}


def test_every_wish_that_the_engine_has_is_known() -> None:
    code = "".join(path.read_text() for path in NLU.glob("*.py"))
    wished = set(re.findall(r'effect(?:": | = )"(\w+)"', code)) | set(re.findall(r'"(\w+)" if (?:safe|consent)', code))
    assert len(WISHES) == 11
    assert wished - set(WISHES) == set()
    assert set(WISHES) - wished <= {"later", "submit", "information"}  # chosen between two in one line


@pytest.mark.parametrize("wish", WISHES)
async def test_a_wish_becomes_what_is_to_be_done(wish: str) -> None:
    async with wishing({"effect": wish}) as exchange:
        assert keys(await exchange(a_talk(), {"text": "x"}, "", NOW)) == WISHES[wish]


async def test_a_guess_that_somebody_leaves_destroys_nothing() -> None:
    talk = a_talk()
    talk.keep_words(ACCOUNT, NOW)
    async with wishing({"effect": "exit"}) as exchange:
        did = await exchange(talk, {"text": "x"}, "", NOW)
    assert not any(isinstance(one, Leave | Discard | Withdraw) for one in did)
    assert (talk.mode, len(talk.story)) == ("paused", 1)


async def test_an_answer_that_is_no_turn_changes_nothing() -> None:
    talk = a_talk()
    async with wishing({"effect": "human"}, model=None) as exchange:
        with pytest.raises(EngineRefused):
            await exchange(talk, {"text": ACCOUNT}, ACCOUNT, NOW)
    assert talk == a_talk()


@pytest.mark.parametrize(("effect", "consent", "due"), [
    ("danger", None, []), ("danger", "none", []), ("danger", "share", []), ("withdraw", "share", []),
])  # fmt: skip
async def test_what_the_model_alone_hears_sends_nothing_and_takes_nothing_back(
    effect: str, consent: str | None, due: list[str]
) -> None:
    async with wishing({"effect": effect}, slots={**BEFORE, "consent": consent}, confidence=0.84) as exchange:
        did = await exchange(a_talk(), {"text": "x"}, "x", NOW)
    assert causes(did) == due
    assert not any(isinstance(effect, Leave | Withdraw) for effect in did)


async def test_a_guess_that_somebody_watches_asks_whether_it_is_safe() -> None:
    talk = a_talk()
    async with wishing({"effect": "cover"}, slots={**BEFORE}, confidence=0.84) as exchange:
        assert await exchange(talk, {"text": "x"}, "x", NOW) == []
    assert (talk.mode, talk.covers) == ("open", 0)
