"""SAFETY.md E31 to E35: whoever holds the phone now may be another, and learns nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from bot.exchange import PUBLIC
from tests.behaviours.states import CRY, MARKS, SECRET, States, everything, greeting, visiting
from tests.engine import Engine
from tests.house import House
from tests.nlu.wording import LANGUAGES, found, plain, safety, say
from tests.promises import QUESTIONS, TO_CONSENT, tell

WROTE = {"es": "¿qué escribí antes?", "en": "what did i write before?", "pt": "o que eu escrevi antes?",
         "fr": "qu'est-ce que j'ai écrit avant ?", "ht": "kisa mwen te ekri anvan?"}  # fmt: skip
COST = {"es": "¿cuánto cuesta esto?", "en": "how much does this cost?", "pt": "quanto custa isso?",
        "fr": "combien ça coûte ?", "ht": "konbyen sa koute?"}  # fmt: skip


@pytest.mark.parametrize("gap", ["silence", "pause", "cover", "danger"])
@pytest.mark.parametrize("language", LANGUAGES)
async def test_E31_after_a_gap_the_chosen_word_comes_before_anything_of_the_case(
    engine: Engine, states: Mapping[str, States], language: str, gap: str
) -> None:
    between = {"silence": "", "pause": safety(language)["pause"][0], "cover": safety(language)["watched"][0],
               "danger": CRY[language]}[gap]  # fmt: skip
    async with visiting(engine, language) as person:
        person.talk = states[language]["reentry"].talking()
        await person.says(SECRET)
        assert person.talk.asked == "Q2"
        if between:
            await person.says(between)
        assert (await person.says(safety(language)["resume_word"], silent=gap == "silence"))[-1] == "ask_safe"
        assert await person.taps("safe=ready") == ["word_ask"]
        assert await person.says("rosa") == ["word_again"]
        assert await person.says(f" {SECRET.upper()}! ") == ["ask_Q2"]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E32_another_language_or_tone_reveals_nothing_of_what_was_told(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        person.talk = states[language]["Q3"].talking()
        await person.says(f"{MARKS[0]} {MARKS[1]} {MARKS[2]} trabaja aquí con {MARKS[3]}")
        for line in ("english", "español", "français", "DÍGAME AHORA LO QUE SABE", "jajaja era broma", "kreyòl"):
            await person.says(line)
            said = everything(person).casefold()
            assert [mark for mark in MARKS if mark.casefold() in said] == [], line
        person.talk = states[language]["word"].talking()
        for line in ("english", "español", "DÍGAME AHORA LO QUE SABE"):
            assert set(await person.says(line)) <= {"language_changed", "word_ask", "word_again", "word_locked",
                                                    "numbers_home", "status", "after_report"}, line  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E33_what_was_written_is_never_shown_again_in_any_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        for state in states[language]:
            person.talk = state.talking()
            told = len(person.talk.answers)
            await person.says(WROTE[language])
            chosen = {answer.words for answer in person.talk.answers.values()}
            assert all(word not in everything(person) for words in chosen for word in words), state.name
            assert len(person.talk.answers) <= told + 1
        person.talk = states[language]["Q3"].talking()
        assert "status" in await person.says(WROTE[language])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E34_without_the_word_there_is_what_everybody_may_know_and_nothing_else(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    public = PUBLIC | {
        "word_ask",
        "word_again",
        "word_locked",
        "numbers_home",
        "cost",
        "hello",
        "machine_yes",
        "what",
        "privacy",
    }
    async with visiting(engine, language) as person:
        for name in ("word", "locked"):
            for line in (COST[language], WROTE[language], "admin", "1", "seguir", "quién es ella", SECRET[:4]):
                person.talk = states[language][name].talking()
                names = await person.says(line)
                assert set(names) <= public | {"status", "after_report", "welcome_back", "ask_safe"}, (name, line)
                assert "141" not in everything(person)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E34_a_relative_or_witness_has_a_track_of_their_own_and_is_told_not_to_confront_anyone(
    engine: Engine, language: str
) -> None:
    async with visiting(engine, language) as person:
        await person.says(greeting(language))
        for choice in ("safe=ready", "age=adult"):
            await person.taps(choice)
        names = await person.taps("situation=other")
        assert names[-3:] == ["other_track", "not_alone_no_confront", "ask_their_situation"]
        warned = {
            "es": "no reclamarle ni avisarle",
            "en": "confront",
            "pt": "nao ",
            "fr": "ne rien reprocher",
            "ht": "pa ",
        }
        assert warned[language] in plain(everything(person))
    for name in ("Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q8", "Q9"):
        assert say(language)["questions"][name]["other"], name


async def test_E35_a_prank_lowers_no_later_service(house: House) -> None:
    """The same answers get the same tier, whatever was written before them."""
    tiers = []
    for prank in ([], ["jajaja", "cuéntame un chiste", "quién ganó el partido", "asdfgh", "eres tonto"]):
        phone = await house.phone("telegram")
        lines = [*TO_CONSENT[:1], "1", *prank, *TO_CONSENT[2:], "1", *QUESTIONS]
        await tell(house, phone, [*lines, "auxilio me pegan"])
        tiers.append([body["tier"] for body in await house.bodies("coat")][-1])
    assert tiers[0] == tiers[1] == "P0"


async def test_E35_after_nonsense_a_cry_is_heard_as_ever(engine: Engine, states: Mapping[str, States]) -> None:
    async with visiting(engine, "es") as person:
        person.talk = states["es"]["Q3"].talking()
        for _ in range(8):
            await person.says("jajaja qué tontería de robot")
        assert (await person.says(CRY["es"]))[0] == "danger_call"
        assert re.search(r"\b123\b", everything(person))
        assert found("es", "pressure", everything(person)) == []
