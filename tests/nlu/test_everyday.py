"""Messages as people send them, by another hand than the held-out sentences, against what the issue asks for."""

from __future__ import annotations

import pytest

from tests.nlu.measure import ANSWERS, everyday
from tests.nlu.test_examples import LANGUAGES

RIGHT = {"es": 0.92, "en": 0.92, "pt": 0.92, "fr": 0.90, "ht": 0.85}


@pytest.mark.parametrize("language", LANGUAGES)
def test_messages_are_understood_as_well_as_they_must_be(language: str) -> None:
    of = everyday(language)
    assert len(of.sentences) == 527
    assert of.accuracy >= RIGHT[language]


@pytest.mark.parametrize("language", LANGUAGES)
def test_cries_are_heard_and_little_else_rings_the_alarm(language: str) -> None:
    assert everyday(language).alarms_heard >= 0.97
    assert everyday(language).false_alarms <= 0.03


@pytest.mark.parametrize("language", LANGUAGES)
def test_leaving_watchers_and_plain_answers_are_heard(language: str) -> None:
    of = everyday(language)
    assert of.heard("exit") >= 0.95
    assert of.heard("watched") >= 0.95
    assert of.recall(*ANSWERS) >= 0.97
