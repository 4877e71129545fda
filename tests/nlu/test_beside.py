"""What happens beside the questions: leaving, danger, questions people ask, and words that are not understood."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import Engine, Person, effects, keys

KNOWN = {"safe": "ready", "age": "adult", "situation": "there", "country": "CO", "consent": "share", "Q2": "yes"}


@pytest.fixture(params=["es", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def asked(engine: Engine, language: str = "es", **slots: Any) -> Person:
    """Somebody who was just asked Q3."""
    return Person(engine, language, state={"slots": {**KNOWN, **slots}, "active_loop": "talk", "requested_slot": "Q3"})


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ({"es": "me están mirando", "en": "someone is watching me"}, "cover"),
        ({"es": "salir", "en": "exit"}, "exit"),
        ({"es": "pausa", "en": "pause"}, "later"),
        ({"es": "me están pegando ahora mismo", "en": "he is beating me right now"}, "danger"),
        ({"es": "me quiero morir", "en": "i want to kill myself"}, "danger"),
        ({"es": "quiero retirar mi consentimiento", "en": "i withdraw my consent"}, "withdraw"),
        ({"es": "english please", "en": "en español por favor"}, "language"),
    ],
)
def test_what_leaves_the_questions_asks_nothing(
    engine: Engine, language: str, words: dict[str, str], effect: str
) -> None:
    person = asked(engine, language)
    reply = person.says(words[language])
    assert keys(reply) == [effect]
    assert (person.asked, person.state and person.state["active_loop"]) == (None, None)
    assert person.slots["Q2"] == "yes"


def test_danger_says_which_and_where(engine: Engine) -> None:
    assert effects(asked(engine).says("me quiero matar")) == [
        {"effect": "danger", "reason": "self_harm", "country": "CO"}
    ]


def test_the_language_that_is_named_is_told(engine: Engine) -> None:
    assert effects(asked(engine).says("english please")) == [{"effect": "language", "language": "en"}]
    assert effects(asked(engine, "en").says("hablo español")) == [{"effect": "language", "language": "es"}]
    assert effects(asked(engine).says("quiero cambiar de idioma")) == [{"effect": "language", "language": None}]


@pytest.mark.parametrize("code", ["watched", "not_now"])
def test_the_gate_closes_without_a_question(person: Person, code: str) -> None:
    reply = person.picks(code)
    assert keys(reply) == ["cover" if code == "watched" else "later"]
    assert person.state == {"slots": {}, "active_loop": None, "requested_slot": None}


@pytest.mark.parametrize("words", ["me están mirando", "pausa"])
def test_who_comes_back_is_asked_whether_it_is_safe_and_then_goes_on(engine: Engine, words: str) -> None:
    person = asked(engine)
    person.says(words)
    assert keys(person.comes("resume")) == ["utter_welcome_back", "utter_ask_safe"]
    assert keys(person.picks("ready")) == ["utter_ask_Q3"]
    assert person.slots["Q2"] == "yes"


def test_who_comes_back_by_any_words_is_asked_whether_it_is_safe(engine: Engine) -> None:
    person = asked(engine)
    person.says("me están mirando")
    assert keys(person.says("ya estoy aquí otra vez")) == ["utter_welcome_back", "utter_ask_safe"]


def test_the_worker_clears_the_gate_and_the_questions_go_on(engine: Engine) -> None:
    person = asked(engine)
    assert person.state
    del person.state["slots"]["safe"]
    assert keys(person.comes("resume"))[-1] == "utter_ask_safe"
    assert keys(person.picks("ready")) == ["utter_ask_Q3"]


@pytest.mark.parametrize(
    "words", ["¿qué es esto?", "quién lee esto", "quiero hablar con una persona", "mi jefe me quitó el pasaporte"]
)
def test_before_it_is_safe_nothing_is_told_of_what_this_is(person: Person, words: str) -> None:
    """Whoever holds the phone may ask."""
    reply = person.says(words)
    assert person.asked == "safe"
    assert keys(reply) == ["utter_rephrase", "utter_ask_safe"]
    assert keys(person.says("xqzt wplk")) == ["utter_rephrase", "utter_ask_safe"]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ({"es": "¿eres un robot?", "en": "are you a robot?"}, "utter_machine_yes"),
        ({"es": "¿quién lee lo que escribo?", "en": "who can read this?"}, "utter_privacy"),
        ({"es": "¿cuánto cuesta?", "en": "how much does it cost?"}, "utter_cost"),
        ({"es": "¿qué derechos tengo?", "en": "what are my rights?"}, "utter_rights"),
        ({"es": "¿para qué sirve esto?", "en": "what is this for?"}, "utter_what"),
        ({"es": "¿cómo borro este chat?", "en": "how do i delete this chat?"}, "delete_help"),
        ({"es": "quiero hablar con una persona", "en": "i want to talk to a human"}, "human"),
    ],
)
def test_a_question_is_answered_and_the_open_one_put_again(
    engine: Engine, language: str, words: dict[str, str], key: str
) -> None:
    person = asked(engine, language)
    assert keys(person.says(words[language])) == [key, "utter_ask_Q3"]
    assert person.asked == "Q3"
    assert "misses" not in person.slots


def test_a_request_to_repeat_repeats(engine: Engine, language: str) -> None:
    person = asked(engine, language)
    assert keys(person.says({"es": "¿puede repetir?", "en": "can you repeat?"}[language])) == ["utter_ask_Q3"]


def test_a_greeting_and_thanks_do_not_count_as_not_understood(engine: Engine) -> None:
    person = asked(engine)
    assert keys(person.says("hola")) == ["utter_ask_Q3"]
    assert keys(person.says("gracias")) == ["utter_thanks", "utter_ask_Q3"]
    assert "misses" not in person.slots


def test_who_tells_is_told_once_that_it_is_not_their_fault(engine: Engine) -> None:
    person = asked(engine)
    story = "mi jefe me encierra con llave y me quita todo lo que gano"
    assert keys(person.says(story)) == ["utter_not_your_fault", "utter_ask_Q3"]
    assert keys(person.says(story)) == ["utter_ask_Q3"]


def test_words_that_are_not_understood_never_end_in_a_loop(engine: Engine, language: str) -> None:
    """Once in other words, then a person to talk to, and the question stays with its buttons."""
    person = asked(engine, language)
    replies = [keys(person.says(words)) for words in ("xqzt wplk", "grmpf zzz", "blorb", "wqx", "pfff trk", "hnn")]
    assert replies == [["utter_rephrase", "utter_ask_Q3"], ["human", "utter_ask_Q3"]] * 3
    assert all(reply["replies"][-1]["buttons"] for reply in person.seen)
    person.picks("yes")
    assert "misses" not in person.slots


def test_answers_are_handed_over_once(engine: Engine) -> None:
    person = Person(
        engine, state={"slots": {**KNOWN, "consent": None}, "active_loop": "talk", "requested_slot": "consent"}
    )
    assert keys(person.picks("none")) == ["information"]
    for again in (person.comes, lambda: person.comes("resume"), lambda: person.says("hola")):
        assert keys(again()) == ["numbers"]
        assert person.asked is None


def test_after_the_end_thanks_are_answered_and_other_words_bring_numbers(engine: Engine) -> None:
    done = {**KNOWN, "Q3": "no", "Q4": "no", "Q5": "no", "Q6": "no", "Q7": "no", "Q8": "no", "Q9": ["none"],
            "Q9_more": "done", "story": "skipped", "N1": "nothing", "N2": "none"}  # fmt: skip
    state = {"slots": done, "active_loop": None, "requested_slot": None}
    for words, key in (("gracias", "utter_thanks"), ("xqzt wplk", "numbers"), ("¿eres un robot?", "utter_machine_yes"),
                       ("salir", "exit"), ("me están pegando ahora mismo", "danger")):  # fmt: skip
        person = Person(engine, state=dict(state))
        assert keys(person.says(words)) == [key]
        assert person.slots["N1"] == "nothing"
