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


def bound(destination: str, **slots: Any) -> Talk:
    """Who came by a card of people who go there."""
    return replace(talk(**slots), destination=destination)


def test_who_told_no_country_is_shown_where_the_card_leads_to_and_home_each_by_its_name() -> None:
    for person in (bound("ES"), bound("ES", country="skipped"), replace(bound("ES", country="ES"), presumed="ES")):
        (said,) = numbers.shown(TEXTS, DIRECTORY, person, "numbers_intro")
        assert said.message.key == "numbers_way"
        shown = said.message.text
        assert (
            shown.index("ES: Emergencias: 112") < shown.index("ES: Trata: 900 10") < shown.index("CO: Emergencia: 123")
        )


def test_a_country_that_was_told_counts_before_the_card() -> None:
    (said,) = numbers.shown(TEXTS, DIRECTORY, bound("ES", country="CO"), "numbers_intro")
    assert (said.message.key, "112" in said.message.text) == ("numbers_intro", False)


def test_home_keeps_its_place_beside_a_long_list() -> None:
    many = replace(DIRECTORY, rows=(*DIRECTORY.rows[:3], *(line("ES", f"Línea {n}", f"900 {n}") for n in range(9))))
    for urgent, away in ((False, 4), (True, 2)):
        (shown,) = texts(numbers.shown(TEXTS, many, bound("ES"), "human", urgent=urgent))
        assert (shown.count("ES: "), shown.count("CO: ")) == (away, away // 2)


def test_a_card_of_a_place_without_a_line_or_of_home_gives_those_of_home() -> None:
    for destination in ("BO", "CO", ""):
        (said,) = numbers.shown(TEXTS, DIRECTORY, bound(destination), "numbers_intro")
        assert (said.message.key, "CO: Emergencia: 123" in said.message.text) == ("numbers_home", True)


def test_before_it_is_safe_the_emergency_lines_of_both_are_shown_and_nothing_else() -> None:
    (shown,) = texts(numbers.emergency(TEXTS, DIRECTORY, bound("ES")))
    assert ("ES: Emergencias: 112" in shown, "CO: Emergencia: 123" in shown, "Trata" in shown) == (True, True, False)


def test_who_has_not_given_the_word_is_not_shown_where_the_card_leads_to_but_in_danger() -> None:
    person = replace(talk(shut=True), destination="ES")
    for said in (numbers.shown(TEXTS, DIRECTORY, person, "human"), numbers.emergency(TEXTS, DIRECTORY, person)):
        assert "112" not in texts(said)[0]
    assert "112" in texts(numbers.shown(TEXTS, DIRECTORY, person, "danger_call", urgent=True))[0]


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
