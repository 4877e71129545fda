"""How answers are understood: by a button, by its title, by its number, by other words, in both languages."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.engine import NLU, Engine, Person, keys

YES_NO = ["Q2", "Q3", "Q4", "Q5", "Q6", "Q8", "Q10", "arrival", "official"]
KNOWN = {
    "safe": "ready",
    "age": "adult",
    "situation": "there",
    "country": "CO",
    "consent": "confidential",
    "reentry": "skipped",
}
FITTING: dict[str, dict[str, Any]] = {"Q10": {"age": "minor"}, "arrival": {"situation": "travelling", "Q1": "no"}}
WORDS = {
    "es": {
        "yes": ["sí", "SI", "claro que sí", "pues sí señora"],
        "no": ["no", "para nada", "no señor"],
        "not_sure": ["no sé", "no estoy segura", "ni idea"],
        "skipped": ["saltar", "prefiero no responder esa", "siguiente pregunta"],
    },
    "en": {
        "yes": ["yes", "yeah", "yes of course"],
        "no": ["no", "not at all", "nope"],
        "not_sure": ["not sure", "I don't know", "no idea"],
        "skipped": ["skip", "next question", "i'd rather not answer that"],
    },
}


def at(engine: Engine, question: str, language: str = "es", **slots: Any) -> Person:
    """Somebody to whom this question was just put."""
    known = {**KNOWN, **FITTING.get(question, {}), **slots}
    state = {"slots": known, "active_loop": "talk", "requested_slot": question}
    return Person(engine, language, state=state)


def before(question: str) -> dict[str, Any]:
    """Answers to what comes before it."""
    order = [
        "arrival",
        "Q2",
        "Q3",
        "Q4",
        "Q5",
        "Q6",
        "Q7",
        "Q8",
        "Q9",
        "Q10",
        "official",
        "citizenship",
        "story",
        "N1",
        "N2",
    ]
    answered: dict[str, Any] = dict.fromkeys(order[: order.index(question)], "no")
    return {**answered, **({"Q9": ["none"], "Q9_more": "done"} if "Q9" in answered else {})}


def test_every_yes_no_question_takes_its_four_answers_by_choice(engine: Engine) -> None:
    assert len(YES_NO) == 9
    for question in YES_NO:
        for code in ("yes", "no", "not_sure", "skipped"):
            person = at(engine, question, **before(question))
            person.picks(code)
            assert person.slots[question] == code
            assert person.asked != question


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("code", ["yes", "no", "not_sure", "skipped"])
def test_every_yes_no_question_takes_its_four_answers_by_words(engine: Engine, language: str, code: str) -> None:
    for question in YES_NO:
        for words in WORDS[language][code]:
            person = at(engine, question, language, **before(question))
            person.says(words)
            assert (question, words, person.slots.get(question)) == (question, words, code)


@pytest.mark.parametrize("language", ["es", "en"])
def test_a_person_may_answer_in_the_other_language(engine: Engine, language: str) -> None:
    for words, code in (("yes", "yes"), ("sí", "yes"), ("not sure", "not_sure"), ("no sé", "not_sure")):
        person = at(engine, "Q3", language, **before("Q3"))
        person.says(words)
        assert person.slots["Q3"] == code


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_title_and_every_number_of_a_button_is_an_answer(engine: Engine, language: str) -> None:
    """Whatever is offered on a button may be typed, where a channel has no buttons."""
    tried = 0
    for question in ("safe", "age", "situation", "country", "consent", "Q7", "Q9", "N1", "N2"):
        slots = {one: code for one, code in KNOWN.items() if one == "safe" and question != "safe"}
        opened = at(engine, question, language, **(before(question) if question[0] in "QN" else {}))
        if question in KNOWN and opened.state:
            opened.state["slots"] = {**dict(list(KNOWN.items())[: list(KNOWN).index(question)]), **slots}
        state = opened.state
        buttons = Person(engine, language, state=state).comes("resume")["replies"][-1]["buttons"]
        for number, button in enumerate(buttons, start=1):
            for words in (button["title"], button["title"].upper(), str(number)):
                person = Person(engine, language, state=state)
                reply = person.says(words)
                assert reply["understood"]["entities"] == {question: button["value"]}, words
                tried += 1
    assert tried > 120


def test_a_page_that_will_be_closed_is_no_way_to_be_reached(engine: Engine) -> None:
    taken = {}
    for channel in ("telegram", "web"):
        person = at(engine, "N2", **before("N2"))
        person.channel = channel
        person.says("por este chat")
        taken[channel] = person.slots.get("N2")
    assert taken == {"telegram": "here", "web": None}
    assert [button["value"] for button in person.seen[-1]["replies"][-1]["buttons"]] == ["other", "none"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("México", "MX"),
        ("mexico", "MX"),
        ("estoy en los Estados Unidos", "US"),
        ("EEUU", "US"),
        ("voy para españa", "ES"),
        ("Spain", "ES"),
        ("Côte d’Ivoire", "CI"),
        ("Guinea Ecuatorial", "GQ"),
        ("en Níger", "NE"),
        ("nigeria", "NG"),
        ("Japón", "JP"),
    ],
)
def test_a_country_is_known_by_its_name(engine: Engine, text: str, code: str) -> None:
    person = Person(engine, state={"slots": {"safe": "ready", "age": "adult", "situation": "there"},
                                   "active_loop": "talk", "requested_slot": "country"})  # fmt: skip
    person.says(text)
    assert person.slots.get("country") == code


@pytest.mark.parametrize("text", ["Narnia", "de Colombia a México", "ZZ"])
def test_no_country_or_two_are_asked_again(engine: Engine, text: str) -> None:
    person = Person(engine, state={"slots": {"safe": "ready", "age": "adult", "situation": "there"},
                                   "active_loop": "talk", "requested_slot": "country"})  # fmt: skip
    person.says(text)
    assert person.asked == "country"


def test_every_country_of_the_list_may_be_chosen(engine: Engine) -> None:
    for code in ("CN", "AF", "ZW"):
        person = Person(engine, state={"slots": {"safe": "ready", "age": "adult", "situation": "there"},
                                       "active_loop": "talk", "requested_slot": "country"})  # fmt: skip
        person.picks(code)
        assert person.slots["country"] == code


@pytest.mark.parametrize(("text", "code"), [("16", "minor"), ("17", "minor"), ("18", "adult"), ("35", "adult")])
def test_an_age_in_figures_is_an_answer(engine: Engine, text: str, code: str) -> None:
    person = Person(engine, state={"slots": {"safe": "ready"}, "active_loop": "talk", "requested_slot": "age"})
    person.says(text)
    assert person.slots["age"] == code


def test_one_tap_of_several_is_followed_by_one_more_or_all(engine: Engine) -> None:
    person = at(engine, "Q9", **before("Q9"))
    person.picks("work")
    assert person.asked == "Q9_more"
    offered = [button["value"] for button in person.seen[-1]["replies"][-1]["buttons"]]
    assert offered == ["home", "sexual", "beg", "marry", "crime", "organ", "armed", "other", "done"]
    person.picks("sexual")
    assert person.asked == "Q9_more"
    person.picks("done")
    assert person.slots["Q9"] == ["work", "sexual"]
    assert person.asked == "official"


@pytest.mark.parametrize(
    "message",
    ["1 3", "1, 3", "1 y 3", "uno y tres", "la primera y la tercera", "me ponen a trabajar y a hacer algo sexual"],
)
def test_several_at_once_need_no_second_question(engine: Engine, message: str) -> None:
    person = at(engine, "Q9", **before("Q9"))
    person.says(message)
    assert person.slots["Q9"] == ["work", "sexual"]
    assert person.asked == "official"


@pytest.mark.parametrize("code", ["none", "not_sure", "skipped"])
def test_an_answer_that_excludes_the_others_needs_no_second_question(engine: Engine, code: str) -> None:
    person = at(engine, "Q9", **before("Q9"))
    person.picks(code)
    assert person.slots["Q9"] == [code]
    assert person.asked == "official"


def test_a_no_to_one_more_means_all(engine: Engine) -> None:
    for words in ("no", "eso es todo", "ya no más", "nada más", "saltar"):
        person = at(engine, "Q9_more", **{**before("Q9"), "Q9": ["work"]})
        person.says(words)
        assert (words, person.slots.get("Q9_more"), person.slots["Q9"]) == (words, "done", ["work"])


@pytest.mark.parametrize("question", ["story", "N2_when"])
def test_words_of_ones_own_are_noted_as_given_and_not_kept(engine: Engine, question: str) -> None:
    plan = {"story": "given", "N1": "person", "N2": "here"} if question != "story" else {}
    person = at(engine, question, **before("story"), **plan)
    person.says("no me dejan salir de la casa y me pegan cuando pido plata, en la calle 8 de Zarandeles")
    assert person.slots[question] == "given"
    assert "Zarandeles" not in str(person.seen[-1])


def test_words_of_ones_own_may_be_declined(engine: Engine) -> None:
    for words in ("saltar", "prefiero no contar eso", "no"):
        person = at(engine, "story", **before("story"))
        person.says(words)
        assert (words, person.slots.get("story")) == (words, "skipped")


@pytest.mark.parametrize(
    "question", [entry["id"] for entry in yaml.safe_load((NLU / "questions.yml").read_text())["questions"]][6:]
)
def test_every_question_from_the_first_on_may_be_skipped_and_left_unsure(engine: Engine, question: str) -> None:
    for code in ("skipped", "not_sure"):
        person = at(engine, question, **{"situation": "travelling", "Q6": "yes", "N2": "other", question: None})
        if question in ("Q7", "Q8"):
            person = at(engine, question)
        person.picks(code)
        taken = person.slots.get(question)
        kind = next(
            e["kind"] for e in yaml.safe_load((NLU / "questions.yml").read_text())["questions"] if e["id"] == question
        )
        if kind in ("text", "country"):
            assert taken == ("skipped" if code == "skipped" else None)
        else:
            assert taken == ([code] if kind == "multi" else code)


def test_two_skips_in_a_row_bring_the_offer_of_a_pause(engine: Engine) -> None:
    person = at(engine, "Q2")
    assert "utter_pause" not in keys(person.picks("skipped"))
    assert keys(person.picks("skipped"))[0] == "utter_pause"
    assert "utter_pause" not in keys(person.picks("skipped"))
    person.picks("yes")
    assert "skips" not in person.slots


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [("en", "I am 31", "adult"), ("en", "I'm 16 years old", "minor"), ("es", "tengo 31 años", "adult"),
     ("es", "31", "adult"), ("es", "ella tiene 12 añitos", "minor")],
)  # fmt: skip
def test_an_age_is_understood_in_a_short_sentence(engine: Engine, language: str, text: str, code: str) -> None:
    person = at(engine, "age", language, safe="ready")
    person.says(text)
    assert person.slots.get("age") == code


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("es", "quiero hablar con una persona", "person"),
        ("es", "quiero salir de aquí", "out"),
        ("es", "quisiera saber mis derechos", "information"),
        ("en", "i want to talk to someone", "person"),
    ],
)
def test_an_answer_is_not_taken_for_a_request(engine: Engine, language: str, text: str, code: str) -> None:
    person = at(engine, "N1", language, **before("N1"))
    person.says(text)
    assert person.slots.get("N1") == code


@pytest.mark.parametrize(
    "text", ["todavía no tengo 18", "I'm not 18 yet", "menos de 18", "me faltan meses para los 18"]
)
def test_a_minor_who_names_the_limit_is_not_taken_for_an_adult(engine: Engine, text: str) -> None:
    person = at(engine, "age", safe="ready", age=None)
    person.says(text)
    assert person.slots.get("age") != "adult"
