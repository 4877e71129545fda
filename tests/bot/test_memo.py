"""What a receipt code opens: codes alone, the same size for everybody, and what a conversation is made of it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.channels import Incoming
from bot.conversation import Talk
from bot.draft import Answer, Said
from bot.memo import LEFT_OUT, Memo
from bot.questions import shipped
from bot.reentry import Entrance
from bot.respond import Respond
from storage import age, receipt
from storage.errors import Tampered
from storage.keys import KeyRing
from tests.bot.somebody import with_engine
from tests.engine import Engine

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
REPORT, NEWEST = "11" * 16, "22" * 16
AT = "2026-11-25T12:00:00+00:00"
PEPPER = bytes(range(32))
SECRET = "Girasol"
WORDS = ("sí, lo guarda Quintopelo", "Zarzamora")


@pytest.fixture(scope="module")
def found() -> receipt.Receipt:
    return receipt.derive(receipt.new_code(), PEPPER)


def told() -> Talk:
    talk = Talk.begin("telegram", Incoming("1", "50", "start", placement="7K3M9"), "pt", NOW)
    talk.answers = {
        "safe": Answer("ready", AT, "pt"), "age": Answer("minor", AT, "pt"), "situation": Answer("there", AT, "pt"),
        "country": Answer("ES", AT, "pt", WORDS), "consent": Answer("share", AT, "pt"),
        "agencies": Answer(("prosecution",), AT, "pt"), "reentry": Answer("given", AT, "pt"),
        "Q3": Answer("yes", AT, "pt", WORDS, ("+573001112233",)), "Q9": Answer(("work", "organ"), AT, "pt"),
        "story": Answer("given", AT, "pt", WORDS), "N2": Answer("here", AT, "pt"),
        "N2_when": Answer("given", AT, "pt", WORDS),
    }  # fmt: skip
    talk.story, talk.urgent, talk.flags = [Said(WORDS[0], AT, "pt")], ["danger_now"], ["distress"]
    talk.entrance, talk.presumed = Entrance.of(SECRET), "MX"
    return talk


def test_it_holds_codes_and_no_word_address_or_plan(tmp_path: Path, found: receipt.Receipt) -> None:
    sealed = Memo.of(told(), REPORT, shipped()).seal(KeyRing.open(tmp_path), found)
    plain = receipt.open_memo(sealed, found.identity).decode()
    held = json.loads(json.loads(plain)["body"])
    assert set(held["answers"]) == {"age", "situation", "country", "consent", "agencies", "Q3", "Q9"}
    assert {"safe", "N2"} <= LEFT_OUT
    for word in (*WORDS, SECRET, "573001112233", "telegram", '"50"'):
        assert word.casefold() not in plain.casefold(), word


def test_without_the_code_it_is_noise(tmp_path: Path, found: receipt.Receipt) -> None:
    memo = Memo.of(told(), REPORT, shipped())
    keys = KeyRing.open(tmp_path)
    one, two = memo.seal(keys, found), memo.seal(keys, found)
    held = [*memo.answers, memo.report, memo.placement, *memo.urgent, *(memo.word or ())]
    longer = [part for part in held if len(part) > 5]  # shorter ones stand somewhere in any noise
    assert len(longer) > 5
    assert not any(part.encode() in one for part in longer)
    assert one[-200:] != two[-200:]
    with pytest.raises(age.NoMatch):
        receipt.open_memo(one, receipt.derive(receipt.new_code(), PEPPER).identity)


def test_the_longest_is_as_long_as_the_shortest(tmp_path: Path, found: receipt.Receipt) -> None:
    questions, keys = shipped(), KeyRing.open(tmp_path)
    longest, shortest = told(), Talk.begin("sms", Incoming("1", "5", "text"), "es", NOW)
    codes = ("not_sure_of_that", "prosecution_abroad", "child_protection", "coordination", "consulate", "support")
    longest.answers = {name: Answer(codes if name in questions.several else codes[0], AT, "es", WORDS)
                       for name in questions.ids}  # fmt: skip
    longest.urgent = ["danger_now", "self_harm", "captor_present", "weapon", "injury", "danger_unconfirmed"] * 2
    sizes = {len(Memo.of(talk, REPORT, questions).seal(keys, found)) for talk in (longest, shortest)}
    assert len(sizes) == 1


def test_what_is_opened_is_what_was_sealed_and_only_here_and_for_this_code(
    tmp_path: Path, found: receipt.Receipt
) -> None:
    keys, memo = KeyRing.open(tmp_path / "here"), Memo.of(told(), REPORT, shipped())
    assert Memo.open(keys, found, memo.seal(keys, found)) == memo
    with pytest.raises(Tampered):
        Memo.open(keys, found, memo.seal(KeyRing.open(tmp_path / "elsewhere"), found))
    moved = receipt.Receipt(bytes(32), found.identity)
    with pytest.raises(Tampered):
        Memo.open(keys, found, memo.seal(keys, moved))


def test_the_conversation_made_of_it_stands_behind_the_gate_and_the_word() -> None:
    talk = Memo.of(told(), REPORT, shipped()).talk("web", "handle", "en", b"case", NEWEST, shipped(), NOW)
    assert (talk.mode, talk.channel, talk.address, talk.language) == ("paused", "web", "handle", "en")
    assert (talk.case, [filed.report_id for filed in talk.filed]) == (b"case".hex(), [REPORT, NEWEST])
    assert (talk.done, talk.adds, talk.shut, talk.consent) == (True, False, True, "share")
    assert talk.entrance
    assert talk.entrance.fits(SECRET)
    assert (talk.urgent, talk.flags, talk.placement) == (["danger_now"], ["distress", "by_code"], "7K3M9")
    assert talk.presumed == "MX"
    assert talk.slots.get("safe") is None
    assert Talk.from_json(json.loads(json.dumps(talk.to_json()))) == talk


def test_a_second_return_names_the_report_once_and_bears_one_flag() -> None:
    memo = Memo.of(told(), REPORT, shipped())
    first = memo.talk("web", "a", "en", b"case", REPORT, shipped(), NOW)
    assert [filed.report_id for filed in first.filed] == [REPORT]
    again = Memo.of(first, REPORT, shipped()).talk("web", "b", "en", b"case", NEWEST, shipped(), NOW)
    assert again.flags.count("by_code") == 1


def test_nothing_is_left_to_ask_whatever_was_answered() -> None:
    """What a derived slot looks at stays open: a skip there would mean something."""
    questions = shipped()
    bare = Memo(REPORT, "es", "", "", {}, (), (), None)
    slots = bare.talk("web", "a", "es", b"case", NEWEST, questions, NOW).slots
    derived = {"age", "situation", "their_situation"}
    assert set(questions.ids) - set(slots) == derived | {"safe"}
    assert len(questions.several) == 3
    assert all(slots[name] == ["skipped"] and slots[f"{name}_more"] == "done" for name in questions.several)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_the_engine_asks_nothing_but_whether_it_is_safe(engine: Engine, channel: str) -> None:
    """Also where the first channel left a question out that the second would ask."""
    async with with_engine(engine, channel=channel) as one:
        await one.reaches("", Q6="1", Q6_what="saltar", reentry="saltar")
        assert ("Q6_what" in one.talk.answers) == (channel == "telegram")
        one.talk = Memo.of(one.talk, REPORT, shipped()).talk("web", "a", "es", b"case", NEWEST, shipped(), NOW)
        assert isinstance(one.respond, Respond)
        assert await one.sends(Incoming("1", "a", "start")) == ["welcome_back", "ask_safe"]
        assert await one.says("1") == ["after", "consent_withdraw"]
        assert await one.says("se llama Juan") == ["file more"]
        assert one.told == ["se llama Juan"]
        assert re.fullmatch("[0-9a-f]+", one.talk.case)
