"""SAFETY.md E36 to E40: how somebody is reached, who is told, and who can read what."""

from __future__ import annotations

import ast
import io
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.routing import AGENCIES, ALL, ROLES, wanted
from storage import audit, reports
from storage.roster import Unit
from tests import test_promises as promises
from tests.behaviours.states import States, everything, visiting
from tests.bot.office import OFFICER, UNIT, Office
from tests.bot.test_routing import FACTS, UNITS
from tests.engine import Engine
from tests.house import House
from tests.nlu.wording import LANGUAGES, offered, say
from tests.promises import QUESTIONS, ROOT, TO_CONSENT, tell

PLAN = ["2", "correo Bajamar", "lunes de 8 a 9, hora de Bogotá", "soy Tolondro del curso", "que se equivocó de número"]


async def contacted(house: House, choice: str = "2") -> dict[str, Any]:
    phone = await house.phone("telegram")
    await tell(house, phone, [*TO_CONSENT, "2", *QUESTIONS])
    while "prefiere" not in phone.seen[-1].text:
        await tell(house, phone, ["saltar"])
    await tell(house, phone, PLAN if choice == "2" else [choice])
    return (await house.bodies("coat"))[-1]


def test_E36_no_contact_is_an_equal_choice_and_the_plan_asks_for_way_hours_words_and_who_else_may_answer() -> None:
    assert offered()["N2"] == ("here", "other", "none")
    for language in LANGUAGES:
        questions = say(language)["questions"]
        assert {"N2_how", "N2_when", "N2_words", "N2_other"} <= set(questions), language
        city = {"es": "ciudad", "en": "city", "pt": "cidade", "fr": "ville", "ht": "vil"}[language]
        assert city in questions["N2_when"]["ask"].casefold(), language


async def test_E36_the_plan_stands_in_the_report_and_nothing_is_sent_by_it(house: House) -> None:
    contact = (await contacted(house))["contact"]
    assert contact["choice"] == "other"
    assert contact["time_zone"] == "America/Bogota"
    assert "correo Bajamar" in str(contact)
    assert "hora de Bogotá" in str(contact)
    assert "Tolondro" in str(contact)
    assert "se equivocó" in str(contact)


async def test_E36_whoever_wants_no_contact_leaves_none(house: House) -> None:
    contact = (await contacted(house, "3"))["contact"]
    assert contact["choice"] == "none"
    assert (contact["address"], contact["phones"]) == (None, [])


async def test_E37_how_to_reach_somebody_is_nowhere_but_in_the_sealed_file(house: House) -> None:
    await contacted(house)
    async with house.service.database.begin() as tx:
        (listed, *_) = await reports.listing(tx, "coat")
        row = await reports.fetch(tx, listed.id, unit="coat")
        assert row
        assert b"Bajamar" not in row.sealed
        assert await reports.fetch(tx, listed.id, unit="icbf") is None
    known = ("id", "kind", "tier", "practice", "day", "size", "officer", "many")
    shown = {field: getattr(listed, field) for field in known}
    assert "Bajamar" not in str(shown)
    assert tuple(field.name for field in fields(listed)) == tuple(shown)


def test_E37_every_fetch_of_a_report_is_in_the_audit_chain_with_who_did_it(office: Office, tmp_path: Path) -> None:
    report_id = office.file()
    code, output = office.run("fetch", report_id.hex(), "--unit", UNIT, "--out", tmp_path)
    assert code == 0, output
    rows = office.within(audit.rows)
    fetched = [row for row in rows if b"fetched" in row.body]
    assert len(fetched) == 1
    assert OFFICER.encode() in fetched[0].body


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E38_the_receiving_country_and_the_two_exceptions_are_told_before_consent(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        person.talk = states[language]["country"].talking()
        names = await person.taps("country=ES")
        assert names[-1] == "ask_consent"
        assert "consent_exceptions" in names
        spain = {"es": "España", "en": "Spain", "pt": "Espanha", "fr": "Espagne", "ht": "Espagne"}[language]
        assert spain in everything(person)


def roster(units: Mapping[str, Unit]) -> Any:
    return type("AsARoster", (), {"units": units})()


@given(
    consent=st.sampled_from(["none", "anonymous", "confidential", "share"]),
    country=st.sampled_from(["CO", "ES", "PA", None]), tier=st.sampled_from(["P0", "P1", "P2", "P3", "P4"]),
    named=st.lists(st.sampled_from([*AGENCIES, ALL]), max_size=3), minor=st.booleans(), life=st.booleans(),
)  # fmt: skip
def test_E38_beyond_what_was_agreed_only_a_life_or_a_child_reaches_anybody(
    consent: str, country: str | None, tier: str, named: list[str], minor: bool, life: bool
) -> None:
    facts = replace(FACTS, consent=consent, country=country, tier=tier, units_named=tuple(named), minor=minor,
                    life_in_danger=life)  # fmt: skip
    routed = wanted(facts, roster(UNITS))
    excepted = life or (minor and tier != "P4")
    if consent == "none" and not excepted:
        assert routed == []
    abroad = [one for one in routed if UNITS[one.unit].country not in {"CO"} and UNITS[one.unit].role == "prosecution"]
    if consent != "share" and not life:
        assert abroad == []


@given(
    consent=st.sampled_from(["none", "anonymous", "confidential", "share"]), life=st.booleans(), minor=st.booleans(),
    country=st.sampled_from(["CO", "ES", "PA", None]),
    named=st.lists(st.sampled_from(sorted({*AGENCIES, ALL} - {"consulate", "support"})), max_size=3),
)  # fmt: skip
def test_E39_no_consulate_or_group_is_told_unless_it_was_chosen(
    consent: str, life: bool, minor: bool, country: str | None, named: list[str]
) -> None:
    facts = replace(FACTS, consent=consent, country=country, units_named=tuple(named), life_in_danger=life, minor=minor)
    told = {UNITS[one.unit].role for one in wanted(facts, roster(UNITS))}
    assert told & {"consulate", "support"} == set()


def test_E39_who_chose_a_consulate_reaches_it_and_no_airline_employer_or_migration_office_can_be_in_a_roster() -> None:
    facts = replace(FACTS, units_named=("consulate",))
    assert "consulate" in {UNITS[one.unit].role for one in wanted(facts, roster(UNITS))}
    assert set(ROLES) == {"coordination", "prosecution", "child_protection", "consulate", "support"}


async def test_E40_no_word_is_in_any_file_or_log(engine: Engine, capfd: Any, logged: io.StringIO) -> None:
    await promises.test_S2_no_word_is_in_any_file_or_log(engine, capfd, logged)


def test_E40_a_log_line_takes_codes_and_never_a_text_of_a_person() -> None:
    logging_calls = [
        (path.relative_to(ROOT).as_posix(), ast.unparse(node))
        for path in [*(ROOT / "bot").rglob("*.py"), *(ROOT / "storage").rglob("*.py")]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"log.event", "log.failure"}
    ]
    assert len(logging_calls) > 10
    telling = (".text", ".caption", ".words", ".story", "address", ".choice")
    assert [call for call in logging_calls if any(part in call[1] for part in telling)] == []
