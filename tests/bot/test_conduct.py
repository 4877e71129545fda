"""What is said and done about signs and wishes, and which numbers stand in it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot import texts
from bot.channels import Incoming
from bot.conduct import COVERS, Conduct
from bot.conversation import Filed, Talk
from bot.directory import Directory
from bot.effects import Discard, File, Leave, Say
from bot.numbers import MOST_LINES, MOST_URGENT
from bot.safety import Sign

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXTS = texts.shipped()
CONDUCT = Conduct(TEXTS, Directory.load(today=NOW.date(), allow_unchecked=True), practice=False)
EMPTY = Conduct(TEXTS, Directory.load(today=NOW.date()), practice=False)


def talk(language: str = "es", **slots: Any) -> Talk:
    begun = Talk.begin("telegram", Incoming("1", "5", "text"), language, NOW)
    begun.engine = {"slots": slots}
    return begun


def text(effect: object) -> str:
    assert isinstance(effect, Say)
    return effect.message.text


def test_cover_lines_come_in_turn_and_name_nothing() -> None:
    somebody = talk()
    lines = [text(CONDUCT.cover(somebody)[0]) for _ in range(COVERS + 1)]
    assert len(set(lines)) == COVERS
    assert lines[0] == lines[COVERS]
    assert somebody.mode == "cover"


def test_an_exit_word_leaves_and_a_guess_of_the_model_only_pauses() -> None:
    somebody = talk()
    (effect,) = CONDUCT.leave(somebody)
    assert isinstance(effect, Leave)
    assert effect.word is not None
    (said,) = CONDUCT.seems_to_leave(somebody)
    assert text(said) == effect.word.text
    assert somebody.mode == "paused"


def test_in_danger_the_number_comes_first_and_is_one_that_somebody_answers() -> None:
    numbers, helpers, filed = CONDUCT.danger(talk(country="CO"), Sign.DANGER)
    lines = text(numbers).splitlines()
    assert lines[1].endswith(": 123")
    assert len(lines) <= 1 + MOST_URGENT + 1
    assert "LibertApp" not in text(numbers)
    assert "@" not in text(numbers)
    assert isinstance(helpers, Say)
    assert filed == File("danger")


def test_whoever_can_not_speak_is_told_to_write_only_where_a_line_takes_it() -> None:
    silent = {row.iso2 for row in CONDUCT.directory.rows if row.line.kind in {"sms", "whatsapp"}}
    quiet = TEXTS("danger_quiet", "es")
    told = {country for country in {row.iso2 for row in CONDUCT.directory.rows}
            if quiet in text(CONDUCT.danger(talk(country=country), Sign.DANGER)[0])}  # fmt: skip
    assert told <= silent
    assert quiet not in text(CONDUCT.danger(talk(country="CO"), Sign.DANGER)[0])


def test_a_line_for_messages_says_so() -> None:
    country = next(row.iso2 for row in CONDUCT.directory.rows if row.line.kind == "whatsapp")
    assert f"({TEXTS('line_kind_whatsapp', 'es')})" in text(CONDUCT.numbers(talk(country=country))[0])


def test_a_minor_gets_the_line_for_children() -> None:
    for age in ("minor", "rather_not"):
        assert ": 141" in text(CONDUCT.numbers(talk(country="CO", age=age))[0])
    assert ": 141" not in text(CONDUCT.numbers(talk(country="CO", age="adult"))[0])


@pytest.mark.parametrize("slots", [{}, {"country": "skipped"}])
def test_where_the_country_is_not_known_home_is_named(slots: dict[str, str]) -> None:
    shown = text(CONDUCT.numbers(talk(**slots))[0])
    assert "Colombia: " in shown
    assert "que dijo" not in shown
    assert len(shown.splitlines()) <= 1 + MOST_LINES


def test_where_nothing_was_checked_no_number_is_shown_and_that_is_said() -> None:
    for effects in (EMPTY.numbers(talk(country="CO")), EMPTY.danger(talk(), Sign.DANGER), EMPTY.engine_down(talk())):
        assert TEXTS("no_number", "es") in text(effects[0])
        assert not any(character.isdigit() for character in text(effects[0]))


def test_refused_consent_discards_and_closes() -> None:
    somebody = talk(country="CO")
    effects = CONDUCT.refused_consent(somebody)
    assert effects[0] == Discard()
    assert "123" in text(effects[2])
    assert somebody.mode == "closed"


def test_a_receipt_looks_like_a_booking() -> None:
    said = [text(one) for one in CONDUCT.closing(talk(country="CO"), "1234 5678 9012 3456")]
    assert "Reserva 1234 5678 9012 3456" in said
    assert sum("1234 5678" in one for one in said) == 1
    practice = Conduct(TEXTS, CONDUCT.directory, practice=True)
    assert text(practice.closing(talk(country="CO"), "1")[0]) == TEXTS("received_practice", "es")


def test_a_relative_is_told_once_more_not_to_confront_anybody() -> None:
    keys = [one.message.key for one in CONDUCT.closing(talk(country="CO", situation="other"), "1")]
    assert "not_alone_no_confront" in keys


@pytest.mark.parametrize(
    ("cause", "mode", "keys"),
    [("danger", "danger", ["danger_sent", "danger_place"]), ("more", "danger", ["danger_more"]),
     ("more", "closed", ["added"]), ("more", "open", []), ("urgent", "open", [])],
)  # fmt: skip
def test_what_is_told_of_a_partial_report(cause: Any, mode: Any, keys: list[str]) -> None:
    somebody = talk()
    somebody.mode = mode
    assert [one.message.key for one in CONDUCT.accepted(somebody, cause)] == keys


def test_after_the_questions_who_reported_may_add_and_who_did_not_gets_the_numbers() -> None:
    somebody = talk(country="CO")
    assert "123" in text(CONDUCT.after(somebody)[0])
    somebody.file(Filed("00", "complete", ""))
    assert text(CONDUCT.after(somebody)[0]) == TEXTS("after", "es")


def test_an_urgent_cause_is_noted_once() -> None:
    somebody = talk(country="CO")
    CONDUCT.urgent(somebody, ["organ_removal"], whole=False)
    CONDUCT.urgent(somebody, ["organ_removal", "asks_to_get_out"], whole=False)
    assert somebody.urgent == ["organ_removal", "asks_to_get_out"]
