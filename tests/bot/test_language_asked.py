"""Somebody whose first words tell no language."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels import Incoming
from tests.bot.somebody import TEXTS, Person, with_engine
from tests.engine import Engine


@pytest.fixture
async def person(engine: Engine) -> AsyncIterator[Person]:
    async with with_engine(engine, None) as one:
        yield one


async def test_is_shown_the_names_of_the_languages_and_nothing_else(person: Person) -> None:
    assert await person.says("7K2P") == ["aside_language"]
    assert person.shown == "English · español · français · kreyòl ayisyen · português"
    assert person.talk.mode == "new"


@pytest.mark.parametrize(("said", "language"), [
    ("5", "pt"), ("português", "pt"), ("FRANÇAIS", "fr"), ("mwen pale kreyol", "ht"), ("hello", "en"), ("???", "es"),
])  # fmt: skip
async def test_is_met_in_the_language_that_was_chosen_or_written_in(person: Person, said: str, language: str) -> None:
    await person.says("7K2P")
    assert await person.says(said) == ["hello", "ask_safe"]
    assert TEXTS("hello", language) in person.shown


async def test_taps_a_name(person: Person) -> None:
    await person.says("7K2P")
    assert await person.taps("aside:language=ht") == ["hello", "ask_safe"]
    assert person.talk.language == "ht"


async def test_is_asked_once(person: Person) -> None:
    await person.says("7K2P")
    await person.says("???")
    assert await person.says("1") == ["about", "machine", "readers", "ask_age"]


async def test_keeps_what_the_first_words_told(person: Person) -> None:
    await person.says("7K2P 88 Q4Z")
    await person.says("1")
    assert person.told == ["7K2P 88 Q4Z"]


async def test_in_danger_gets_numbers_before_any_question_of_language(person: Person) -> None:
    assert (await person.says("auxilio, me pegan"))[0] == "danger_call"


async def test_leaves_with_an_exit_word(person: Person) -> None:
    await person.says("7K2P")
    assert await person.says("0") == ["leave exit"]


async def test_is_guessed_by_the_telephone_otherwise(engine: Engine) -> None:
    async with with_engine(engine, "fr") as person:
        assert await person.sends(Incoming("1", "5", "text", "7K2P")) == ["hello", "ask_safe"]
