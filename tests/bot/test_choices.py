from datetime import UTC, datetime

import pytest

from bot.channels import Incoming
from bot.choices import buttons, engine_message, typed
from bot.conversation import Talk

OFFERED = [("yes", "Sí"), ("no", "No"), ("not_sure", "No sé"), ("skipped", "Saltar")]


def a_talk() -> Talk:
    talk = Talk.begin("sms", Incoming("m1", "+57300", "text"), "es", datetime(2026, 1, 1, tzinfo=UTC))
    talk.offered, talk.offered_for = list(OFFERED), "Q3"
    return talk


@pytest.mark.parametrize(("text", "codes"), [
    ("1", ["yes"]), (" 2. ", ["no"]), ("1, 3", ["yes", "not_sure"]), ("1 y 2", ["yes", "no"]), ("3 3", ["not_sure"]),
    ("1-4", ["yes", "skipped"]), ("SI", ["yes"]), ("no se", ["not_sure"]),
    ("5", []), ("0", []), ("1 5", []), ("", []), ("tal vez", []), ("1 vez", []), ("12345678", []),
])  # fmt: skip
def test_digits_and_titles_become_codes(text: str, codes: list[str]) -> None:
    assert typed(OFFERED, text) == codes


def test_a_button_carries_its_question() -> None:
    assert [button.value for button in buttons("Q3", OFFERED)] == ["Q3=yes", "Q3=no", "Q3=not_sure", "Q3=skipped"]


def test_a_tap_answers_the_question_that_stands() -> None:
    tap = Incoming("m2", "+57300", "choice", choice="Q3=no")
    assert engine_message(a_talk(), tap) == {"choice": ["no"]}


@pytest.mark.parametrize("value", ["Q2=no", "Q3=armed", "nonsense", "", "=", "Q3="])
def test_an_old_or_foreign_tap_only_asks_the_question_again(value: str) -> None:
    tap = Incoming("m2", "+57300", "choice", choice=value)
    assert engine_message(a_talk(), tap) == {"intent": "resume"}


def test_free_words_go_to_the_engine_as_they_are() -> None:
    assert engine_message(a_talk(), Incoming("m2", "+57300", "text", text="creo que sí")) == {"text": "creo que sí"}
