"""A turn costs what it costs, however long the conversation is."""

from __future__ import annotations

import time

import pytest

from tests.engine import Engine, Person

pytestmark = pytest.mark.alone


def cost(person: Person, text: str) -> float:
    began = time.perf_counter()
    person.says(text)
    return time.perf_counter() - began


def test_turn_200_costs_what_turn_5_does(engine: Engine) -> None:
    """The quickest of ten neighbours, so that a busy machine does not decide."""
    state = {"slots": {"safe": "ready", "age": "adult"}, "active_loop": "talk", "requested_slot": "situation"}
    person = Person(engine, state=state)
    texts = ("eso no lo sé bien, señora", "¿eres un robot?", "hola", "xqzt wplk")
    costs = [cost(person, texts[turn % 4]) for turn in range(204)]
    assert min(costs[192:204]) <= 1.5 * min(costs[4:16])


def test_the_state_does_not_grow_with_the_number_of_turns(engine: Engine) -> None:
    person = Person(engine)
    person.comes()
    person.says("xqzt wplk")
    early = person.state
    for _ in range(40):
        person.says("xqzt wplk")
    assert person.state == early


def test_buttons_and_words_take_milliseconds(engine: Engine) -> None:
    """Generous bounds: ten times what was measured on a quiet machine (2.5 and 6.5 ms)."""
    state = {"slots": {"safe": "ready", "age": "adult"}, "active_loop": "talk", "requested_slot": "situation"}
    buttons, words = [], []
    for _ in range(30):
        began = time.perf_counter()
        Person(engine, state=state).picks("there")
        buttons.append(time.perf_counter() - began)
        words.append(cost(Person(engine, state=state), "pues ahorita ya estoy allá hace como un mes"))
    assert min(buttons) < 0.025
    assert min(words) < 0.065
