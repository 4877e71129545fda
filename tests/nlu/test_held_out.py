"""How well the trained model understands sentences that it never saw, and what remains unheard of a cry for help."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.safety import Safety, Sign
from bot.texts import Texts
from tests.engine import Engine, Person
from tests.nlu.test_examples import LANGUAGES, held_out

URGENT = {"danger_now", "self_harm"}
HEARD = {Sign.DANGER, Sign.SELF_HARM}
OPEN = {"slots": {"safe": "ready"}, "active_loop": "talk", "requested_slot": "consent"}


@pytest.fixture(scope="module", params=LANGUAGES)
def understood(request: pytest.FixtureRequest, engine: Engine) -> list[tuple[str, str, str]]:
    """(intent meant, sentence, intent understood) of every held-out sentence of a language."""
    return [
        (intent, sentence, understand(engine, request.param, sentence))
        for intent, sentences in held_out(request.param).items()
        for sentence in sentences
    ]


def understand(engine: Engine, language: str, sentence: str) -> str:
    return str(Person(engine, language, state=OPEN).says(sentence)["understood"]["intent"])


def test_nine_in_ten_sentences_are_understood(understood: list[tuple[str, str, str]]) -> None:
    wrong = [(meant, sentence, got) for meant, sentence, got in understood if meant != got]
    assert len(understood) > 750
    assert len(wrong) <= len(understood) / 10, wrong


def test_no_intent_is_understood_in_less_than_seven_of_ten_sentences(understood: list[tuple[str, str, str]]) -> None:
    right = Counter(meant for meant, _, got in understood if meant == got)
    asked = Counter(meant for meant, _, _ in understood)
    assert len(asked) == 25
    assert {intent: right[intent] / of for intent, of in asked.items() if right[intent] < 0.7 * of} == {}


def test_words_and_model_together_miss_at_most_one_cry_in_fifty(understood: list[tuple[str, str, str]]) -> None:
    safety = Safety.of(Texts.load().safety)
    cries = [(sentence, got) for meant, sentence, got in understood if meant in URGENT]
    missed = [sentence for sentence, got in cries if got not in URGENT and safety.look(sentence) not in HEARD]
    assert len(cries) > 80
    assert len(missed) <= len(cries) / 50, missed


def test_at_most_one_harmless_sentence_in_a_hundred_rings_the_alarm(understood: list[tuple[str, str, str]]) -> None:
    harmless = [(meant, sentence, got) for meant, sentence, got in understood if meant not in URGENT | {"disclosure"}]
    alarms = [(meant, sentence) for meant, sentence, got in harmless if got in URGENT]
    assert len(alarms) <= len(harmless) / 100, alarms
