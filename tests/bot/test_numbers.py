"""Which lines a person is shown, and in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bot import numbers, texts
from bot.channels import Incoming
from bot.conversation import Talk
from bot.directory import Directory, Line, Row
from bot.effects import Say
from bot.reentry import Entrance

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXTS = texts.shipped()


def line(country: str, service: str, number: str, role: str = "emergency", audience: str = "anyone",
         kind: str = "phone") -> Row:  # fmt: skip
    return Row(country, Line(service, number, kind, role, date(2026, 11, 1), audience, "", country), True)


DIRECTORY = Directory(
    (line("CO", "Emergencia", "123"), line("CO", "ICBF", "141", "support", "children"),
     line("CO", "COAT", "+57 1 0000", "trafficking"), line("ES", "Emergencias", "112"),
     line("ES", "Trata", "900 10", "trafficking"), line("ES", "Trata", "x@example.org", "trafficking", kind="email")),
    lambda: NOW.date(), 90, allow_unchecked=False,
)  # fmt: skip


def talk(shut: bool = False, **slots: Any) -> Talk:
    begun = Talk.begin("telegram", Incoming("1", "5", "text"), "es", NOW)
    begun.engine = {"slots": slots}
    if shut:
        begun.entrance = replace(Entrance.of("girasol"), shut=True)
    return begun


def texts(said: list[Say]) -> list[str]:
    return [one.message.text for one in said]


def test_a_country_that_the_message_names_counts_before_the_persons_own() -> None:
    (shown,) = texts(numbers.shown(TEXTS, DIRECTORY, talk(country="CO"), "human", "ES"))
    assert "Emergencias: 112" in shown
    assert "123" not in shown


def test_a_place_without_a_line_says_so_and_gives_the_line_of_home_that_works_from_there() -> None:
    for urgent in (False, True):
        said = numbers.shown(TEXTS, DIRECTORY, talk(country="BO"), "numbers_intro", urgent=urgent)
        assert [one.message.key for one in said] == ["numbers_intro", "numbers_abroad"]
        assert TEXTS("no_number", "es") in texts(said)[0]
        assert texts(said)[1].endswith("COAT: +57 1 0000\nComprobado el 1 nov 2026.")
        assert "123" not in "".join(texts(said))


def test_where_home_has_no_line_that_works_from_there_nothing_is_made_up() -> None:
    local = replace(DIRECTORY, rows=DIRECTORY.rows[:2])
    assert len(numbers.shown(TEXTS, local, talk(country="BO"), "human")) == 1


def test_in_danger_only_what_somebody_answers_now_is_shown() -> None:
    (shown,) = texts(numbers.shown(TEXTS, DIRECTORY, talk(country="ES"), "danger_call", urgent=True))
    assert "@" not in shown
    assert shown.index("112") < shown.index("900 10")


def test_before_it_is_safe_a_person_is_reached_by_a_name_that_tells_nothing() -> None:
    (shown,) = texts(numbers.emergency(TEXTS, DIRECTORY, talk(country="ES")))
    assert "112" in shown
    assert "Trata" not in shown
    (home,) = texts(numbers.emergency(TEXTS, DIRECTORY, talk()))
    assert "123" in home


def test_a_minor_is_shown_the_lines_for_children_and_where_there_are_none_all() -> None:
    (home,) = numbers.for_children(TEXTS, DIRECTORY, talk(country="CO", age="minor"))
    assert home.message.key == "numbers_children"
    assert "141" in home.message.text
    assert "123" not in home.message.text
    (abroad,) = numbers.for_children(TEXTS, DIRECTORY, talk(country="ES", age="minor"))
    assert "112" in abroad.message.text


@pytest.mark.parametrize("intro", ["numbers_intro", "human", "engine_down"])
def test_who_has_not_given_the_word_is_shown_nothing_of_the_country_or_the_age(intro: str) -> None:
    (shown,) = texts(numbers.shown(TEXTS, DIRECTORY, talk(shut=True, country="ES", age="minor"), intro))
    assert "123" in shown
    assert "112" not in shown
    assert "141" not in shown
    assert "que dijo" not in shown


def test_in_danger_the_number_that_helps_counts_more() -> None:
    (shown,) = texts(numbers.shown(TEXTS, DIRECTORY, talk(shut=True, country="ES"), "danger_call", urgent=True))
    assert "112" in shown


def test_the_date_is_that_of_the_line_that_was_called_longest_ago_in_the_persons_language() -> None:
    first = replace(DIRECTORY.rows[3], line=replace(DIRECTORY.rows[3].line, checked_on=date(2026, 10, 9)))
    older = replace(DIRECTORY, rows=(first, *DIRECTORY.rows[4:]))
    for language, told in (("en", "Checked on Oct 9, 2026."), ("pt", "Conferido em 9 de out. de 2026.")):
        person = replace(talk(country="ES"), language=language)
        (shown,) = texts(numbers.shown(TEXTS, older, person, "human"))
        assert shown.endswith(told)


def test_no_date_is_told_where_a_line_was_never_called() -> None:
    never = replace(DIRECTORY.rows[3], line=replace(DIRECTORY.rows[3].line, checked_on=None))
    practice = replace(DIRECTORY, rows=(never, *DIRECTORY.rows[4:]), allow_unchecked=True)
    (shown,) = texts(numbers.shown(TEXTS, practice, talk(country="ES"), "human"))
    assert "Comprobado" not in shown


def test_on_sms_the_date_gives_way_to_the_numbers() -> None:
    many = replace(DIRECTORY, rows=tuple(line("ES", f"Línea número {n} de atención", f"900 10 {n}") for n in range(9)))
    person = replace(talk(country="ES"), channel="sms")
    (long,) = texts(numbers.shown(TEXTS, many, person, "human"))
    (short,) = texts(numbers.shown(TEXTS, DIRECTORY, person, "human"))
    assert ("Comprobado" in long, "Comprobado" in short) == (False, True)
