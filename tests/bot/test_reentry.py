"""The word for coming back, with the real engine: kept as a digest, asked for before anything of the case is shown."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from bot.channels import Incoming
from bot.reentry import MOST_MISSES, Entrance
from tests.bot.somebody import Person, with_engine
from tests.engine import Engine

WORD = "Girasol azúl"
TOLD = "sí, todo el pasaje lo pagó don Aurelio"


@pytest.fixture
async def person(engine: Engine) -> AsyncIterator[Person]:
    """Who chose a word, and told something after it."""
    async with with_engine(engine) as one:
        await one.reaches("Q3", reentry=WORD, Q2=TOLD)
        yield one


def test_a_word_fits_in_any_dress_and_no_other_does() -> None:
    entrance = Entrance.of(WORD)
    assert all(entrance.fits(said) for said in ("girasol azul", "GIRASOL  AZUL!", " Girasol azúl"))
    assert not any(entrance.fits(said) for said in ("", "girasol", "girasol azul 2", "🌻"))
    assert Entrance.of("🌻").fits(" 🌻 ")
    assert not Entrance.of("🌻").fits("🌹")
    assert Entrance.of(WORD).digest != entrance.digest


def test_of_the_word_nothing_but_a_digest_is_kept(person: Person) -> None:
    state = json.dumps(person.talk.to_json(), ensure_ascii=False).casefold()
    assert "girasol" not in state
    assert TOLD.casefold() in state
    assert person.talk.answers["reentry"].value == "given"


async def test_whoever_skips_it_is_never_asked_for_it(engine: Engine) -> None:
    async with with_engine(engine) as one:
        await one.reaches("Q3")
        assert one.talk.entrance is None
        await one.says("hola", silent=True)
        assert await one.says("1") == ["ask_Q3"]


async def test_setting_it_is_answered_and_an_account_there_is_no_word(engine: Engine) -> None:
    async with with_engine(engine) as one:
        await one.reaches("reentry")
        assert (await one.sends(Incoming("1", "5", "location", "4.6,-74.1")))[-1] == "ask_reentry"
        assert one.talk.entrance is None
        assert (await one.says(WORD))[0] == "word_set"


async def test_an_account_in_its_place_is_no_word_and_is_kept(engine: Engine) -> None:
    account = "es que no me pagan hace dos meses y duermo en la bodega con otras cuatro"
    async with with_engine(engine) as one:
        await one.reaches("reentry")
        await one.says(account)
        assert (one.talk.entrance, one.told) == (None, [account])
        assert one.talk.answers["reentry"].value == "skipped"


GAPS = {
    "a silence": [("hola", True)], "a pause": [("pausa", False), ("seguir", False)],
    "somebody who watched": [("me miran", False), ("seguir", False)],
    "danger": [("auxilio, me pegan", False), ("seguir", False)],
}  # fmt: skip


@pytest.mark.parametrize("gap", GAPS)
async def test_E31_after_a_gap_the_word_comes_before_anything_of_the_case(person: Person, gap: str) -> None:
    for line, silent in GAPS[gap]:
        await person.says(line, silent=silent)
    assert [effect.message.key for effect in person.did] == ["utter_welcome_back", "utter_ask_safe"]
    assert await person.says("1") == ["word_ask"]
    assert person.talk.asked == "safe"
    assert await person.says(" girasol AZUL ") == ["ask_Q3"]
    assert await person.says("2") == ["ask_Q5"] or person.talk.asked == "Q4"


async def test_E34_whoever_does_not_know_it_gets_what_everybody_may_know_and_nothing_else(person: Person) -> None:
    await person.says("hola", silent=True)
    await person.says("1")
    shown = []
    for tries in range(1, MOST_MISSES):
        assert await person.says(f"rosa {tries}") == ["word_again"]
        shown.append(person.shown)
    assert await person.says("rosa roja") == ["word_locked", "human"]
    shown.append(person.shown)
    assert await person.says(WORD) == ["word_locked", "human"]
    assert await person.says("¿cuánto cuesta esto?") == ["cost", "word_locked", "human"]
    assert (await person.says("quiero hablar con una persona"))[0] == "human"
    shown.append(person.shown)
    assert not any(told in "".join(shown) for told in ("Aurelio", "pasaje", "que dijo", "141"))
    assert "123" in shown[-1]
    assert await person.says("SALIR") == ["leave exit"]


async def test_what_anybody_may_ask_is_no_try(person: Person) -> None:
    await person.says("hola", silent=True)
    await person.says("1")
    for _ in range(MOST_MISSES + 1):
        assert await person.says("¿cuánto cuesta esto?") == ["cost", "word_ask"]
    assert await person.says("english") == ["language_changed", "word_ask"]
    assert await person.sends(Incoming("1", "5", "unsupported")) == ["word_ask"]
    assert await person.says(WORD) == ["ask_Q3"]


async def test_a_silence_does_not_open_what_was_locked(person: Person) -> None:
    await person.says("hola", silent=True)
    await person.walks(["1", *["rosa roja"] * MOST_MISSES])
    await person.says("hola", silent=True)
    assert await person.says("1") == ["word_locked", "human"]


async def test_danger_helps_without_the_word_and_tells_nothing_of_the_case(person: Person) -> None:
    await person.says("hola", silent=True)
    await person.says("1")
    assert await person.says("auxilio, me pegan") == ["danger_call", "danger_helpers", "file danger"]
    conduct = person.respond.conduct
    assert [said.message.key for said in conduct.accepted(person.talk, "danger")] == ["danger_place"]
    assert conduct.not_accepted(person.talk) == []
    assert person.told[-1] == "auxilio, me pegan"


async def test_E32_what_was_said_before_the_word_counts_only_after_it_and_a_misspelt_word_never(person: Person) -> None:
    await person.says("la panadería queda en la esquina", silent=True)
    assert person.told == []
    await person.says("girasol asul mio", silent=True)
    await person.walks(["1", "girasol asul", WORD])
    assert person.told == ["la panadería queda en la esquina"]


async def test_what_a_stranger_writes_and_sends_is_in_no_report(person: Person) -> None:
    await person.says("aquí no pasa nada, todo está bien con ella", silent=True)
    await person.walks(["1", *["rosa roja"] * MOST_MISSES])
    assert person.told == []
    assert not person.talk.takes_files(silent=False)


async def test_an_edit_of_the_word_is_no_part_of_the_account(engine: Engine) -> None:
    async with with_engine(engine) as one:
        await one.reaches("reentry")
        await one.sends(Incoming("1", "5", "text", WORD, thread=("77",)))
        await one.sends(Incoming("2", "5", "text", "girasol verde", edited=True, thread=("77",)))
        assert one.told == []
        await one.sends(Incoming("3", "5", "text", "no es en la casa, es en la finca", edited=True, thread=("78",)))
        assert one.told == ["no es en la casa, es en la finca"]


async def test_after_the_report_too_nothing_is_shown_before_the_word(person: Person) -> None:
    await person.reaches("N1")
    assert await person.says("5") == ["file complete"]
    await person.says("hola", silent=True)
    assert await person.says("1") == ["word_ask"]
    assert await person.says(WORD) == ["after"]
