"""SAFETY.md E23 to E30: nothing is echoed, nothing must be answered, and a child is spoken to as one."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from bot.effects import File
from bot.safety import Sign
from tests.behaviours.states import MARKS, TEARS, States, asked_in, everything, visiting
from tests.engine import Engine
from tests.house import House
from tests.nlu.wording import LANGUAGES, asks, found, hits, offered, say
from tests.promises import shown as screen
from tests.promises import tell

TOLD = {
    "es": "sí, don {} me llevó con {} a {} y me quitó los papeles en {} con {}",
    "en": "yes, mister {} took me with {} to {} and kept my papers in {} with {}",
    "pt": "sim, o {} me levou com {} para {} e tirou meus papéis em {} com {}",
    "fr": "oui, monsieur {} m'a emmené avec {} à {} et a pris mes papiers à {} avec {}",
    "ht": "wi, mesye {} te mennen m ak {} nan {} epi li pran papye m nan {} ak {}",
}
SKIP = {"es": "saltar", "en": "skip", "pt": "pular", "fr": "passer", "ht": "sote"}
NO_SKIP = {"safe"}  # without that answer nothing may be asked at all


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E23_no_word_of_a_person_comes_back_in_any_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        for state in states[language]:
            for text in (TOLD[language].format(*MARKS), " ".join(MARKS), MARKS[0]):
                person.talk = state.talking()
                await person.says(text)
                said = everything(person).casefold()
                assert [mark for mark in MARKS if mark.casefold() in said] == [], state.name


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E24_every_question_can_be_skipped(engine: Engine, states: Mapping[str, States], language: str) -> None:
    async with visiting(engine, language) as person:
        for state in states[language].open:
            person.talk = state.talking()
            names = await person.says(SKIP[language])
            assert person.talk.asked != state.name or person.talk.mode == "closed", state.name
            assert "rephrase" not in names, state.name
    assert {state.name for state in states[language].open} == set(offered()) - NO_SKIP


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E24_the_second_skip_in_a_row_brings_the_offer_of_a_pause(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        person.talk = states[language]["Q3"].talking()
        assert "pause" not in await person.says(SKIP[language])
        assert "pause" in await person.says(SKIP[language])
        assert "pause" not in await person.says(SKIP[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_E25_no_question_asks_for_intimate_detail_injuries_or_who_did_it(language: str) -> None:
    questions = dict(asks(language))
    assert len(questions) > 100
    held = {name: hit for name, text in questions.items() if (hit := found(language, "prying", text))}
    assert held == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E26_the_end_offers_calm_a_next_step_and_a_choice_and_asks_nothing(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        talk = states[language]["closed"].talking()
        said = [one.message for one in person.respond.conduct.closing(talk, "AAAA-BBBB")]
        assert [one.key for one in said] == [
            "received", "receipt", "receipt_why", "next_steps", "numbers_intro", "delete",
        ]  # fmt: skip
        assert "?" not in " ".join(one.text for one in said)
        assert found(language, "promises", " ".join(one.text for one in said)) == []
        assert all(not one.buttons for one in said)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E27_distress_slows_down_offers_a_person_and_asks_nothing_more(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        assert person.respond.safety.look(TEARS) is Sign.DISTRESS
        for state in states[language].open:
            person.talk = state.talking()
            assert await person.says(TEARS) == ["distress", "aside_calm"], state.name
            assert [code for code, _ in person.talk.offered] == ["go_on", "person", "pause"]
            assert person.talk.slots == state.talking().slots, state.name
            assert not any(isinstance(effect, File) for effect in person.did)
            names = await person.taps("aside:calm=person")
            assert names[0] == "human", state.name
            assert asked_in(names) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E28_that_it_is_not_their_fault_is_said_once_in_one_line_and_only_after_they_told(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    told = {"es": "me quitaron el pasaporte y no me pagan desde hace meses",
            "en": "they took my passport and they never paid me", "pt": "tiraram meu passaporte e nunca me pagaram",
            "fr": "ils ont pris mon passeport et on ne m'a jamais payé",
            "ht": "yo pran paspò m epi yo pa janm peye m"}[language]  # fmt: skip
    assert len(say(language)["messages"]["not_your_fault"]) <= 120
    async with visiting(engine, language) as person:
        person.talk = states[language]["consent"].talking()
        for harmless in ("2", "xyz", {"es": "gracias"}.get(language, "ok")):
            fresh = states[language]["situation"].talking()
            person.talk = fresh
            assert "not_your_fault" not in await person.says(harmless)
        person.talk = states[language]["consent"].talking()
        assert "not_your_fault" in await person.says(told)
        assert "not_your_fault" not in await person.says(told)
    assert "not_your_fault" not in {one.key.removeprefix("utter_") for one in states[language].said}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E29_a_minor_has_a_shorter_path_in_simpler_words_and_the_line_for_children(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    counts: dict[str, int] = {}
    for age in ("minor", "adult"):
        async with visiting(engine, language) as person:
            names = await person.says("hola")
            seen: list[str] = []
            while person.talk.asked and person.talk.mode == "open" and len(seen) < 40:
                codes = {"safe": "ready", "age": age, "situation": "there", "country": "CO", "consent": "anonymous"}
                asked = person.talk.asked
                seen.append(asked)
                code = codes.get(asked) or {"Q9": "none", "N1": "nothing"}.get(asked) or (
                    "no" if "no" in dict(person.talk.offered) else "skipped")  # fmt: skip
                names += await person.taps(f"{asked}={code}")
                if asked == "country":
                    assert ("141" in everything(person)) is (age == "minor")
            counts[age] = len(seen)
            assert ("minor_line" in names) is (age == "minor")
            assert ("numbers_children" in names) is (age == "minor")
    assert counts["minor"] < counts["adult"]
    minor = {key.split(".")[0] for key, _ in asks(language) if key.endswith(".minor")}
    assert {"Q3", "Q5", "Q6", "Q7", "Q9"} <= minor


async def test_E29_whatever_a_minor_answers_the_report_is_urgent_and_child_protection_has_it(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, ["hola", "1", "2", "3", "1", "1", "saltar", "1"])
    await tell(house, phone, ["auxilio me pegan"])
    bodies = await house.bodies("icbf")
    assert bodies
    assert {body["tier"] for body in bodies} <= {"P0", "P1"}
    assert "141" in screen(phone)


@pytest.mark.parametrize("language", LANGUAGES)
def test_E30_no_minor_is_sent_to_an_adult_who_must_agree(language: str) -> None:
    assert hits(language, "permission") == {}
    no_need = {
        "es": "no hace falta pedirle permiso",
        "en": "permission",
        "pt": "pedir licença",
        "fr": "pas besoin",
        "ht": "pèmisyon",
    }
    said = re.sub(r"\s+", " ", say(language)["messages"]["minor_line"]).casefold()
    assert no_need[language] in said
