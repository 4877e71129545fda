"""What happens beside the questions: leaving, danger, questions people ask, and words that are not understood."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.engine import NLU, Engine, Person, effects, keys

KNOWN = {"safe": "ready", "age": "adult", "situation": "there", "country": "CO", "consent": "confidential",
         "reentry": "skipped", "Q2": "yes"}  # fmt: skip


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
    ("words", "said"),
    [
        ({"es": "¿eres un robot?", "en": "are you a robot?"}, ["machine_yes", "what"]),
        ({"es": "¿para qué sirve esto?", "en": "what is this for?"}, ["machine_yes", "what"]),
        ({"es": "¿quién lee lo que escribo?", "en": "who can read this?"}, ["privacy"]),
        ({"es": "¿cuánto cuesta?", "en": "how much does it cost?"}, ["cost"]),
        ({"es": "¿qué derechos tengo?", "en": "what are my rights?"}, ["rights", "rights_law"]),
        (
            {"es": "¿el consulado me puede ayudar?", "en": "can the consulate help me?"},
            ["rights", "rights_law", "abroad"],
        ),
        ({"es": "¿me van a deportar?", "en": "will they deport me?"}, ["papers", "deportation"]),
        ({"es": "¿qué es la trata de personas?", "en": "what is human trafficking?"}, ["trafficking"]),
        ({"es": "¿ya leyeron mi reporte?", "en": "did anyone read my report?"}, ["status", "after_report"]),
        ({"es": "¿cómo sé si una oferta es de verdad?", "en": "how can i check if an offer is real?"}, ["offer"]),
        ({"es": "me ofrecen trabajo en Dubái, ¿será de verdad?", "en": "they offer me a job in dubai, is it real?"},
         ["offer_job"]),
    ],
)  # fmt: skip
def test_a_question_is_answered_and_the_open_one_put_again(
    engine: Engine, language: str, words: dict[str, str], said: list[str]
) -> None:
    person = asked(engine, language)
    assert keys(person.says(words[language])) == [*(f"utter_{key}" for key in said), "utter_ask_Q3"]
    assert person.asked == "Q3"
    assert "misses" not in person.slots


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ({"es": "¿cómo borro este chat?", "en": "how do i delete this chat?"}, "delete_help"),
        ({"es": "quiero hablar con una persona", "en": "i want to talk to a human"}, "human"),
    ],
)
def test_a_wish_is_handed_on_and_the_open_question_put_again(
    engine: Engine, language: str, words: dict[str, str], key: str
) -> None:
    person = asked(engine, language)
    assert keys(person.says(words[language])) == [key, "utter_ask_Q3"]
    assert person.asked == "Q3"
    assert "misses" not in person.slots


def test_who_asks_for_a_person_abroad_is_shown_those_of_that_country(engine: Engine, language: str) -> None:
    words = {"es": "quiero hablar con una persona en México", "en": "can i talk to a real person in mexico"}[language]
    assert effects(asked(engine, language).says(words)) == [{"effect": "human", "country": "MX"}]


def test_rights_abroad_are_told_to_who_is_abroad(engine: Engine) -> None:
    words = "¿qué derechos tengo?"
    assert "utter_abroad" in keys(asked(engine, country="CN").says(words))
    assert "utter_abroad" in keys(asked(engine).says("¿qué derechos tengo en China?"))
    assert "utter_abroad" not in keys(asked(engine, country="skipped").says(words))


def test_who_reads_is_told_for_the_channel(engine: Engine) -> None:
    messages = yaml.safe_load((NLU / "data" / "es" / "say.yml").read_text())["messages"]
    for channel in ("telegram", "whatsapp", "sms", "terminal", "web"):
        person = asked(engine)
        person.channel = channel
        assert person.says("¿quién lee esto?")["replies"][0]["text"] == messages[f"privacy_{channel}"]


@pytest.mark.parametrize(("word", "kind"), [("TRABAJO", "job"), ("estudio", "study"), ("Pareja.", "marriage")])
def test_a_kind_of_offer_may_be_told_by_one_word_right_after(engine: Engine, word: str, kind: str) -> None:
    person = asked(engine)
    assert keys(person.says("¿cómo sé si una oferta es de verdad?")) == ["utter_offer", "utter_ask_Q3"]
    assert keys(person.says(word)) == [f"utter_offer_{kind}", "utter_ask_Q3"]
    assert "offered" not in person.slots


def test_who_is_under_18_is_taken_for_it_when_no_age_was_told(engine: Engine) -> None:
    reply = asked(engine, age="rather_not").says("tengo quince años")
    assert keys(reply) == ["utter_minor_line", "utter_ask_Q3"]
    assert reply["state"]["slots"]["age"] == "minor"
    assert asked(engine).says("tengo quince años")["state"]["slots"]["age"] == "adult"


def test_what_is_told_of_another_is_no_miss(engine: Engine) -> None:
    person = asked(engine)
    assert keys(person.says("es mi hermana la que está allá")) == ["utter_ask_Q3"]
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
    replies = [keys(person.says(words)) for words in ("xqzt wplk", "grmpf zzz", "blorb", "wqx", "pfff trk", "qrtz")]
    first = {reply[0] for reply in replies[::2]}
    assert first <= {"utter_rephrase", "utter_off_topic"}
    assert [reply[1:] for reply in replies] == [["utter_ask_Q3"]] * 6
    assert [reply[0] for reply in replies[1::2]] == ["human"] * 3
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
            "Q9_more": "done", "official": "no", "citizenship": "CO", "story": "skipped", "N1": "nothing",
            "N2": "none"}  # fmt: skip
    state = {"slots": done, "active_loop": None, "requested_slot": None}
    for words, key in (("gracias", "utter_thanks"), ("xqzt wplk", "numbers"), ("¿cuánto cuesta?", "utter_cost"),
                       ("salir", "exit"), ("me están pegando ahora mismo", "danger")):  # fmt: skip
        person = Person(engine, state=dict(state))
        assert keys(person.says(words)) == [key]
        assert person.slots["N1"] == "nothing"
