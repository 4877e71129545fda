"""Answers within longer texts: what they begin with, words that belong together, and what is no answer but a wish."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import yaml

from tests.engine import NLU, Engine, Person, keys
from tests.nlu.test_answers import KNOWN, at, before

PLAN = {**before("N1"), "N1": "person", "N2": "other", "N2_how": "given"}


def opening(engine: Engine, question: str, language: str) -> Person:
    """Somebody at one of the first questions."""
    order = ["safe", "age", "situation", "their_situation", "country", "consent"]
    known: dict[str, Any] = {one: KNOWN[one] for one in order[: order.index(question)] if one in KNOWN}
    if question == "their_situation":
        known["situation"] = "other"
    return Person(engine, language, state={"slots": known, "active_loop": "talk", "requested_slot": question})


@pytest.mark.parametrize(
    ("language", "question", "text", "code"),
    [
        ("en", "Q5", "yes, nobody can leave, there are guards at the gate", "yes"),
        ("es", "Q5", "sí, no quiere que le cuente a mis amigas", "yes"),
        ("fr", "Q5", "oui il décide de tout", "yes"),
        ("pt", "Q5", "sim, ele decide tudo", "yes"),
        ("pt", "Q5", "sim ele controla com quem eu falo", "yes"),
        ("ht", "Q5", "wi, se li ki deside tout bagay", "yes"),
        ("es", "official", "sí, un policía nos cuida la puerta", "yes"),
        ("en", "Q3", "no, I keep it", "no"),
        ("es", "Q3", "no yo lo tengo", "no"),
        ("pt", "Q3", "nao, fica comigo", "no"),
        ("fr", "Q3", "non, je l'ai", "no"),
        ("ht", "Q3", "non, se mwen ki genyen l", "no"),
        ("es", "Q5", "No sé, me controlan los turnos", "not_sure"),
        ("en", "Q5", "not sure, they control the shifts", "not_sure"),
    ],
)
def test_an_answer_means_what_it_begins_with(
    engine: Engine, language: str, question: str, text: str, code: str
) -> None:
    person = at(engine, question, language, **before(question))
    person.says(text)
    assert person.slots.get(question) == code


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "no me dejan salir"), ("es", "no, no me dejan salir"), ("pt", "não me deixam sair"),
     ("fr", "non je peux pas sortir"), ("en", "no one lets me leave"), ("ht", "yo pa kite m soti")],
)  # fmt: skip
def test_a_no_of_somebody_else_is_not_the_no_of_the_person(engine: Engine, language: str, text: str) -> None:
    person = at(engine, "Q5", language, **before("Q5"))
    person.says(text)
    assert person.slots.get("Q5") == "yes"


@pytest.mark.parametrize(
    ("language", "text"),
    [("es", "si me voy me matan"), ("fr", "si je pars ils me tuent"), ("ht", "si m pati y ap touye m")],
)
def test_an_if_is_no_yes(engine: Engine, language: str, text: str) -> None:
    person = at(engine, "Q3", language, **before("Q3"))
    person.says(text)
    assert person.slots.get("Q3") is None


@pytest.mark.parametrize("text", ["si, ella lo tiene", "si si ella lo tiene", "sí ella lo tiene", "si me lo quitaron"])
def test_a_yes_without_its_accent_is_one(engine: Engine, text: str) -> None:
    person = at(engine, "Q3", **before("Q3"))
    person.says(text)
    assert person.slots.get("Q3") == "yes"


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "both, no salary for 4 months and I sleep 5 hours only", "both"),
        ("es", "las dos, catorce horas y no me dan plata", "both"),
        ("es", "no pagan y son veinte horas", "both"),
        ("en", "no pay and too many hours", "both"),
        ("es", "no pagan nada", "pay"),
        ("en", "no, the pay is fine", "no"),
    ],
)
def test_pay_and_hours_together_are_both(engine: Engine, language: str, text: str, code: str) -> None:
    person = at(engine, "Q7", language, **before("Q7"))
    person.says(text)
    assert person.slots.get("Q7") == code


@pytest.mark.parametrize(
    ("language", "question", "text", "code"),
    [
        ("es", "safe", "sí, ya estoy sola", "ready"),
        ("pt", "age", "elas são maiores de idade", "adult"),
        ("es", "age", "son mayores de edad", "adult"),
        ("en", "age", "they are all over 18", "adult"),
        ("fr", "age", "elles sont majeures toutes les deux", "adult"),
        ("es", "situation", "estoy aquí trabajando", "there"),
        ("es", "situation", "trabajo aqui en medellin", "there"),
        ("es", "situation", "Estoy en el barco donde trabajo", "there"),
        ("en", "situation", "I am here now, working in the house", "there"),
        ("pt", "their_situation", "estão lá no hotel", "there"),
        ("es", "consent", "compartir, que me ayude quien pueda", "share"),
        ("es", "consent", "anónimo, no quiero que sepan quien soy", "anonymous"),
    ],
)
def test_the_first_questions_take_what_people_say(
    engine: Engine, language: str, question: str, text: str, code: str
) -> None:
    person = opening(engine, question, language)
    person.says(text)
    assert person.slots.get(question) == code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Dominikani", "DO"), ("Venezwela", "VE"), ("Ekwatè", "EC"), ("Pewou", "PE"), ("Giyàn", "GY"),
        ("m nan Lachin", "CN"),
        ("Jamayik", "JM"), ("Kiba", "CU"), ("Gwadloup", "GP"), ("Matinik", "MQ"), ("Doubay", "AE"), ("Kostarika", "CR"),
        ("Gwatemala", "GT"), ("Ondiras", "HN"), ("Nikaragwa", "NI"), ("Myanmar", "MM"),
        ("Saint-Martin", "MF"), ("Hong Kong", "HK"),
    ],
)  # fmt: skip
def test_a_country_is_known_by_what_people_call_it(engine: Engine, name: str, code: str) -> None:
    person = opening(engine, "country", "ht")
    person.says(name)
    assert person.slots.get("country") == code


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("pt", "brasileira", "BR"), ("pt", "acho que são brasileiras", "BR"), ("es", "colombiano", "CO"),
        ("fr", "haïtienne", "HT"),
        ("es", "somos venezolanas", "VE"), ("en", "i am haitian", "HT"), ("fr", "camerounaise", "CM"),
        ("pt", "angolanos", "AO"),
        ("ht", "mwen se ayisyen", "HT"), ("en", "guatemalan", "GT"), ("es", "Myanmar", "MM"),
    ],
)  # fmt: skip
def test_a_people_tells_the_country_of_a_passport(engine: Engine, language: str, text: str, code: str) -> None:
    person = at(engine, "citizenship", language, **before("citizenship"))
    person.says(text)
    assert person.slots.get("citizenship") == code


@pytest.mark.parametrize(
    ("language", "question", "text", "code"),
    [
        ("es", "Q3", "no tengo papeles", "no"),
        ("ht", "Q3", "non, mwen pa gen papye", "no"),
        ("fr", "N2", "ici dans ce chat", "here"),
        ("pt", "story", "Conheci o rapaz no Instagram, a passagem é para sábado", "given"),
        ("es", "story", "me ofrecieron trabajo de mesera y cuando llegué era otra cosa, en un bar", "given"),
    ],
)
def test_an_answer_that_is_no_question_gets_no_explanation(
    engine: Engine, language: str, question: str, text: str, code: str
) -> None:
    person = at(engine, question, language, **before(question))
    person.says(text)
    assert person.slots.get(question) == code


def test_a_no_that_goes_on_about_an_offer_is_a_no(engine: Engine) -> None:
    person = at(engine, "Q1", situation="travelling")
    person.says("no pude, solo sé que es una agencia de modelos")
    assert person.slots.get("Q1") == "no"


@pytest.mark.parametrize(
    ("question", "text", "key"),
    [
        ("Q3", "¿me van a deportar?", "utter_papers"),
        ("Q3", "me van a deportar si no tengo papeles?", "utter_papers"),
        ("Q3", "no, quiero hablar con una persona", "human"),
        ("Q5", "no, espera un momento", "later"),
        ("Q5", "me están pegando ahora mismo", "danger"),
        ("story", "¿quién lee esto?", "utter_privacy"),
        ("story", "quiero hablar con una persona", "human"),
        ("story", "¿cómo sé si una oferta es de verdad?", "utter_offer"),
    ],
)
def test_a_question_a_wish_and_a_cry_are_none(engine: Engine, question: str, text: str, key: str) -> None:
    person = at(engine, question, **before(question))
    assert keys(person.says(text))[0] == key
    assert question not in person.slots


@pytest.mark.parametrize(
    ("language", "question", "text"),
    [
        ("pt", "N2_words", "oi, sobre a aula de inglês"),
        ("es", "N2_words", "hola, ¿cómo va la clase de inglés?"),
        ("es", "N2_words", "soy de la tienda, quiere trabajo de niñera?"),
        ("es", "N2_other", "que se equivocaron de número, perdón"),
        ("en", "N2_other", "wrong number, sorry, bye"),
        ("es", "N2_when", "cuando él no está en la casa, de 9 a 11, hora de Bogotá"),
        ("en", "N2_when", "not when he is here, mornings only, london time"),
    ],
)
def test_a_plan_for_a_contact_is_no_command(engine: Engine, language: str, question: str, text: str) -> None:
    person = at(engine, question, language, **plan(question))
    person.says(text)
    assert person.slots.get(question) == "given"


@pytest.mark.parametrize(
    ("question", "text", "key"),
    [("N2_words", "salir", "exit"), ("N2_words", "pausa", "later"), ("N2_words", "english please", "language"),
     ("N2_words", "me está mirando", "cover"), ("N2_when", "me están pegando ahora mismo", "danger")],
)  # fmt: skip
def test_a_command_and_a_cry_are_heard_within_a_plan(engine: Engine, question: str, text: str, key: str) -> None:
    assert keys(at(engine, question, **plan(question)).says(text)) == [key]


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [("pt", "kkk não", "no"), ("ht", "lol non", "no"), ("ht", "mèsi bondye non", "no"),
     ("en", "thats my own matter, go on to next", "skipped")],
)  # fmt: skip
def test_small_talk_that_may_be_an_answer_is_one(engine: Engine, language: str, text: str, code: str) -> None:
    person = at(engine, "Q5", language, **before("Q5"))
    person.says(text)
    assert person.slots.get("Q5") == code


@pytest.mark.parametrize("text", ["jaja", "sigamos", "hola", "gracias"])
def test_small_talk_is_no_answer(engine: Engine, text: str) -> None:
    person = at(engine, "Q5", **before("Q5"))
    person.says(text)
    assert "Q5" not in person.slots


@pytest.mark.parametrize(
    ("language", "text"), [("pt", "encerre o atendimento agora"), ("es", "quíteme de aquí esta ventana")]
)
def test_who_wants_to_leave_is_not_shown_numbers_on_a_guess(engine: Engine, language: str, text: str) -> None:
    assert keys(at(engine, "Q5", language, **before("Q5")).says(text)) == ["exit"]


@pytest.mark.parametrize(
    ("language", "question", "text", "code"),
    [
        ("es", "Q2", "me pagaron el pasaje y lo debo", "yes"),
        ("en", "Q2", "they paid my ticket and I have to work it off", "yes"),
        ("fr", "Q2", "il a payé le billet, je dois rembourser", "yes"),
        ("es", "Q2", "no le debo nada a nadie", "no"),
        ("es", "Q3", "el jefe lo tiene", "yes"),
        ("en", "Q3", "my boss keeps it in the office", "yes"),
        ("pt", "Q3", "a patroa guarda", "yes"),
        ("fr", "Q3", "la patronne le garde", "yes"),
        ("ht", "Q3", "se patwon an ki kenbe l", "yes"),
        ("es", "Q3", "nadie lo tiene", "no"),
        ("en", "Q3", "no one keeps my passport", "no"),
        ("en", "Q4", "they told me to say i am a tourist", "yes"),
        ("es", "Q5", "solo salgo con ellos", "yes"),
        ("es", "Q6", "que le hagan algo a mi mamá", "yes"),
        ("es", "Q6", "no tengo miedo", "no"),
        ("es", "Q8", "nada que ver con lo que me dijeron", "yes"),
        ("es", "Q8", "no es lo mismo", "yes"),
        ("en", "Q8", "it is the same", "no"),
        ("pt", "Q7", "a gente trabalha na obra dele até de noite e não paga nada", "both"),
        ("ht", "N1", "mwen vle soti la", "out"),
    ],
)
def test_a_statement_says_yes_or_no_without_the_word(
    engine: Engine, language: str, question: str, text: str, code: str
) -> None:
    person = at(engine, question, language, **before(question))
    person.says(text)
    assert person.slots.get(question) == code


@pytest.mark.parametrize(("text", "code"), [("llego mañana", "yes"), ("i land tonight", "yes"), ("mañana no", "no")])
def test_a_day_says_how_soon_somebody_arrives(engine: Engine, text: str, code: str) -> None:
    person = at(engine, "arrival", situation="travelling", Q1="no")
    person.says(text)
    assert person.slots.get("arrival") == code


@pytest.mark.parametrize(("text", "code"), [("estoy sola", "no"), ("no estoy sola, está mi mamá", "yes")])
def test_a_child_that_is_alone_is_not_taken_for_watched(engine: Engine, text: str, code: str) -> None:
    person = at(engine, "Q10", age="minor", **before("Q10"))
    person.says(text)
    assert person.slots.get("Q10") == code


@pytest.mark.parametrize("text", ["¿para qué?", "no entiendo"])
def test_who_asks_back_has_not_told_a_secret_word(engine: Engine, text: str) -> None:
    person = at(engine, "reentry", reentry=None)
    assert keys(person.says(text))[-1] == "utter_ask_reentry"
    person.says("girasol")
    assert person.slots["reentry"] == "given"


def test_no_words_of_a_question_mean_two_answers() -> None:
    questions = yaml.safe_load((NLU / "questions.yml").read_text())["questions"]
    tried = 0
    for question in questions:
        given = question.get("words", [])
        codes = [code for words in ([given] if isinstance(given, dict) else given) for code, names in words.items()
                 for name in names for code in [f"{code} {name.casefold()}"]]  # fmt: skip
        names = Counter(code.split(" ", 1)[1] for code in dict.fromkeys(codes))
        assert [name for name, times in names.items() if times > 1] == [], question["id"]
        tried += bool(names)
    assert tried == 11


def plan(question: str) -> dict[str, Any]:
    """Answers to what comes before a question of the plan."""
    order = ["N2_when", "N2_words", "N2_other"]
    return {**PLAN, **dict.fromkeys(order[: order.index(question)], "given")}


@pytest.mark.parametrize(
    ("language", "text", "code"),
    [
        ("en", "they say they will call the police", "law"),
        ("en", "they will call the police and deport me", "law"),
        ("es", "dicen que me denuncian con migración", "law"),
        ("es", "que le hagan algo a mi mamá", "family"),
    ],
)
def test_what_somebody_is_threatened_with_is_the_answer_and_no_cry(
    engine: Engine, language: str, text: str, code: str
) -> None:
    state = {"slots": {"safe": "ready", "consent": "anonymous", "Q6": "yes"}, "active_loop": "talk",
             "requested_slot": "Q6_what"}  # fmt: skip
    turn = Person(engine, language, state=state).says(text)
    assert code in turn["state"]["slots"]["Q6_what"]
    assert [reply for reply in turn["replies"] if "effect" in reply] == []
