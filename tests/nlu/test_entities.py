"""What is found in a text beside its intent: places, languages, ages, amounts of time, numbers to call, options."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine import Engine, Person

STATE = {"slots": {"safe": "ready", "age": "adult", "situation": "there", "country": "CO"}, "active_loop": "talk",
         "requested_slot": "consent"}  # fmt: skip


def found(engine: Engine, language: str, text: str) -> dict[str, Any]:
    entities: dict[str, Any] = Person(engine, language, state=dict(STATE)).says(text)["understood"]["entities"]
    return entities


@pytest.mark.parametrize(
    ("language", "text", "age"),
    [
        ("es", "tengo quince años", 15),
        ("es", "tengo 15", 15),
        ("es", "yo tengo apenas 16 y no sé qué hacer", 16),
        ("es", "mi hermana de 14 añitos sigue allá", 14),
        ("es", "tengo treinta y cinco años", 35),
        ("en", "I'm 16 and they took my phone", 16),
        ("en", "she is only fourteen", 14),
        ("en", "i am twenty five years old", 25),
        ("es", "tengo 3 hijos", None),
        ("es", "llevo 15 años trabajando aquí", None),
        ("es", "todavía no tengo 18", None),
        ("es", "hace 12 años vivo acá", None),
        ("en", "i have been here for 12 years", None),
        ("en", "not yet 18", None),
    ],
)
def test_an_age_is_a_number_of_years_that_somebody_has(engine: Engine, language: str, text: str, age: int) -> None:
    assert found(engine, language, text).get("age") == age


@pytest.mark.parametrize(
    ("language", "text", "value", "unit"),
    [
        ("es", "llevo 3 meses aquí sin que me paguen", 3, "month"),
        ("es", "hace dos semanas que llegué", 2, "week"),
        ("es", "llevo 2 años encerrada trabajando", 2, "year"),
        ("es", "trabajo 16 horas cada día", 16, "hour"),
        ("en", "i have been here for ten days", 10, "day"),
        ("en", "for 3 years they kept me", 3, "year"),
    ],
)
def test_an_amount_of_time_has_a_value_and_a_unit(
    engine: Engine, language: str, text: str, value: int, unit: str
) -> None:
    assert found(engine, language, text)["duration"] == {"value": value, "unit": unit}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("mi número es 300 123 4567 por si acaso", "+573001234567"),
        ("escríbame al +52 55 1234 5678", "+525512345678"),
        ("le debo 5000000 de pesos", None),
        ("el vuelo es el 25 a las 10 30", None),
    ],
)
def test_a_telephone_number_is_told_as_it_is_called_from_anywhere(
    engine: Engine, text: str, number: str | None
) -> None:
    assert found(engine, "es", text).get("phone_number") == number


@pytest.mark.parametrize(
    ("text", "country", "city"),
    [
        ("me tienen en un apartamento en Guangzhou", "CN", "Guangzhou"),
        ("estoy en dubái con unas muchachas", "AE", "Dubai"),
        ("vamos para puerto príncipe mañana", "HT", "Port-au-Prince"),
        ("de bogota me llevaron a otra parte", "CO", "Bogotá"),
        ("todo pasó en la República Dominicana", "DO", None),
        ("de Colombia a México", None, None),
    ],
)
def test_a_place_is_told_by_its_country_and_city(engine: Engine, text: str, country: str, city: str) -> None:
    entities = found(engine, "es", text)
    assert (entities.get("country"), entities.get("city")) == (country, city)


@pytest.mark.parametrize(
    ("language", "text", "options"),
    [
        ("es", "9 y 11", [9, 11]),
        ("es", "la novena y la décima", [9, 10]),
        ("en", "numbers nine, ten and eleven", [9, 10, 11]),
        ("es", "me deben 9 semanas", None),
    ],
)
def test_a_choice_by_numbers_is_a_list(engine: Engine, language: str, text: str, options: list[int]) -> None:
    assert found(engine, language, text).get("option") == options


def test_a_language_is_told_by_its_code(engine: Engine) -> None:
    assert found(engine, "es", "mejor hablemos en english por favor")["language"] == "en"


def test_nothing_is_told_of_a_word_to_remember(engine: Engine) -> None:
    slots = {**STATE["slots"], "consent": "confidential"}  # type: ignore[dict-item]
    for word in ("Cartagena", "mi palabra es Lima 15", "300 123 4567", "policía", "trabajo"):
        person = Person(engine, state={"slots": slots, "active_loop": "talk", "requested_slot": "reentry"})
        reply = person.says(word)
        assert reply["understood"]["entities"] == {"reentry": "given"}
        assert person.slots["reentry"] == "given"
    for word in ("no", "saltar", "prefiero no", "no quiero"):
        person = Person(engine, state={"slots": slots, "active_loop": "talk", "requested_slot": "reentry"})
        person.says(word)
        assert (word, person.slots["reentry"]) == (word, "skipped")
