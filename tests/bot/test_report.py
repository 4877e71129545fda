"""What a report holds, byte by byte and field by field."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot import report
from bot.draft import Answer, Draft, Said
from bot.questions import shipped as questions
from bot.report import FLAGS, Report, build
from bot.screening import rebuild
from tests.bot import drafts
from tests.bot.drafts import AT, BOUND, DANGER, EXPLOITED, TRAVELLING_MINOR, answer

SCHEMA = json.loads((Path(report.__file__).parent / "data" / "report.schema.json").read_text(encoding="utf-8"))


def answers_of(draft: Draft) -> dict[str, dict[str, Any]]:
    return {entry["question"]: entry for entry in build(draft).body["answers"]}


@pytest.mark.parametrize("draft", drafts.ALL)
def test_a_report_fits_its_schema_and_survives_its_bytes(draft: Draft) -> None:
    made = build(draft)
    jsonschema.Draft202012Validator(SCHEMA).validate(json.loads(made.json_bytes()))
    assert Report.from_bytes(made.json_bytes()) == made


def test_the_schema_knows_the_flags_and_refuses_a_report_with_less_or_more() -> None:
    assert set(SCHEMA["properties"]["flags"]["items"]["enum"]) == set(FLAGS)
    body = dict(build(EXPLOITED).body)
    for wrong in ({**body, "name": "x"}, {k: v for k, v in body.items() if k != "consent"}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.Draft202012Validator(SCHEMA).validate(wrong)


def test_the_bytes_are_canonical() -> None:
    data = build(EXPLOITED).json_bytes()
    again = json.dumps(json.loads(data), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert data == again.encode()
    fractions: list[str] = []
    json.loads(data, parse_float=fractions.append)
    assert fractions == []


def test_an_answer_says_what_was_asked_what_was_said_and_when() -> None:
    found = answers_of(EXPLOITED)
    assert list(found) == list(questions().ids)
    assert found["Q2"] == {
        "question": "Q2", "version": "faro-screen/1", "value": "yes", "state": "answered", "language": "es",
        "at": "2026-11-25T14:03Z", "words": ["si, todo lo del pasaje"],
    }  # fmt: skip
    assert found["Q9"]["value"] == ["other", "sexual"]


@pytest.mark.parametrize(("question", "state"), [("Q4", "not_sure"), ("Q5", "skipped"), ("Q1", "not_asked")])
def test_no_answer_not_sure_and_never_asked_are_three_things(question: str, state: str) -> None:
    assert (answers_of(EXPLOITED)[question]["state"], answers_of(EXPLOITED)[question]["value"]) == (state, None)


def test_times_are_utc_and_only_to_the_minute() -> None:
    body = build(EXPLOITED).body
    assert (body["started"], body["filed"]) == ("2026-11-25T14:01Z", "2026-11-25T14:20Z")


def test_words_keep_their_order_and_a_place_becomes_a_point() -> None:
    body = build(EXPLOITED).body
    assert [(s["text"], s["kind"]) for s in body["story"]] == [
        ("llegué en octubre", "text"), ("llegué en septiembre", "edited"),
    ]  # fmt: skip
    assert body["place"] == {
        "country": "ES", "points": [{"latitude": "40.4168", "longitude": "-3.7038", "at": "2026-11-25T14:03Z"}]
    }  # fmt: skip


def test_a_place_that_cannot_be_read_stays_as_words() -> None:
    body = build(dataclasses.replace(EXPLOITED, story=(Said("cerca del puente", AT, "es", "", "location"),))).body
    assert [said["text"] for said in body["story"]] == ["cerca del puente"]


def test_a_card_tells_where_it_hung_and_where_its_holders_go_and_that_is_not_what_the_person_told() -> None:
    body = build(BOUND).body
    assert body["source"] == {
        "channel": "telegram", "language": "es", "placement": "7K3M9", "place": "Avianca A320", "route": "BOG-MAD",
        "destination": "ES",
    }  # fmt: skip
    assert (body["place"]["country"], body["contact"]["time_zone"]) == (None, None)
    assert (body["consent"]["destination"], build(EXPLOITED).body["consent"]["destination"]) == ("ES", None)
    unknown = build(DANGER).body["source"]
    assert [unknown[name] for name in ("placement", "place", "route", "destination")] == [None] * 4


def test_danger_before_any_question_is_a_partial_p0_without_consent() -> None:
    body = build(DANGER).body
    assert (body["tier"], body["partial"], body["practice"]) == ("P0", {"cause": "danger"}, True)
    assert (body["flags"], body["consent"]["level"]) == (["without_consent"], "not_asked")
    assert {entry["state"] for entry in body["answers"]} == {"not_asked"}


def test_a_report_about_another_person_says_so_and_keeps_its_flags() -> None:
    body = build(dataclasses.replace(TRAVELLING_MINOR, flags=("official_involved",))).body
    assert (body["reporter"], body["phase"], body["tier"]) == ("other", "travelling", "P0")
    assert body["flags"] == ["minor", "official_involved"]
    assert body["screening"]["urgent"] == ["minor_unknown_adult"]


@pytest.mark.parametrize(
    ("codes", "flag"),
    [
        ({"age": "rather_not"}, "age_not_said"),
        ({"Q6_what": ("hurt",)}, "serious_harm"),
        ({"Q9": ("armed",)}, "armed_group"),
        ({"consent": "none"}, "without_consent"),
        ({"official": "yes"}, "official_involved"),
    ],
)
def test_an_answer_raises_its_flag(codes: dict[str, str | tuple[str, ...]], flag: str) -> None:
    plain = {"age": answer("adult"), "consent": answer("share")}
    given = {question: answer(value) for question, value in codes.items()}
    assert build(dataclasses.replace(EXPLOITED, answers=plain)).flags == frozenset()
    assert build(dataclasses.replace(EXPLOITED, answers=plain | given)).flags == {flag}


def test_an_unknown_flag_is_refused_without_repeating_it() -> None:
    with pytest.raises(ValueError, match=r"^unknown flag$"):
        build(dataclasses.replace(EXPLOITED, flags=("su hermano",)))


@pytest.mark.parametrize(
    ("consent", "choice", "address"),
    [
        ("share", "here", "777001"),
        ("confidential", "here", "777001"),
        ("anonymous", "here", None),
        ("none", "here", None),
        ("share", "other", None),
        ("share", "none", None),
    ],
)
def test_the_address_is_there_only_if_the_person_agreed_to_be_written_to(
    consent: str, choice: str, address: str | None
) -> None:
    answers = {**EXPLOITED.answers, "consent": answer(consent), "N2": answer(choice)}
    made = build(dataclasses.replace(EXPLOITED, answers=answers))
    assert made.body["contact"]["address"] == address
    assert (b"777001" in made.json_bytes()) == (address is not None)


def test_the_contact_plan_is_in_the_words_of_the_person() -> None:
    assert build(EXPLOITED).body["contact"] == {
        "choice": "here", "address": "777001", "how": [], "phones": [], "when": ["de nueve a once, hora de Madrid"],
        "time_zone": None, "words": ["hola, por lo de la entrega"], "if_another": [],
    }  # fmt: skip


def test_the_plan_says_whose_clock_counts_and_what_to_say_to_another() -> None:
    plan = {"N2": answer("other"), "N2_how": Answer("given", AT, "es", ("300 123 4567",), ("+573001234567",)),
            "N2_other": answer("given", "que es de la panadería"), "country": answer("DO")}  # fmt: skip
    contact = build(dataclasses.replace(EXPLOITED, answers={**EXPLOITED.answers, **plan})).body["contact"]
    assert (contact["how"], contact["phones"]) == (["300 123 4567"], ["+573001234567"])
    assert contact["time_zone"] == "America/Santo_Domingo"
    assert contact["if_another"] == ["que es de la panadería"]


def test_a_person_who_wants_no_contact_has_no_contact_plan_even_if_one_was_begun() -> None:
    answers = {**EXPLOITED.answers, "N2": answer("none")}
    assert build(dataclasses.replace(EXPLOITED, answers=answers)).body["contact"] == {
        "choice": "none", "address": None, "how": [], "phones": [], "when": [], "time_zone": None, "words": [],
        "if_another": [],
    }  # fmt: skip


def test_citizenship_is_an_answer_and_skipping_it_is_none() -> None:
    for told, known in (("VE", ["VE"]), ("skipped", [])):
        made = build(dataclasses.replace(EXPLOITED, answers={**EXPLOITED.answers, "citizenship": answer(told)}))
        assert made.body["person"]["citizenship"] == known


@pytest.mark.parametrize(
    ("consent", "agencies", "units"),
    [
        ("share", ("prosecution", "consulate"), ["consulate", "prosecution"]),
        ("share", ("all",), ["all"]),
        ("share", ("skipped",), ["coordination"]),
        ("share", ("not_sure",), ["coordination"]),
        ("confidential", ("prosecution",), []),
    ],
)
def test_who_may_read_it_is_what_the_person_chose(consent: str, agencies: tuple[str, ...], units: list[str]) -> None:
    answers = {**EXPLOITED.answers, "consent": answer(consent), "agencies": answer(agencies)}
    assert build(dataclasses.replace(EXPLOITED, answers=answers)).body["consent"]["units"] == units


def test_an_arrival_today_or_tomorrow_makes_signs_urgent() -> None:
    answers = {**TRAVELLING_MINOR.answers, "age": answer("adult"), "Q10": answer("skipped")}
    for told, urgent in (("yes", ["landing_soon"]), ("no", []), ("not_sure", [])):
        made = build(dataclasses.replace(TRAVELLING_MINOR, answers={**answers, "arrival": answer(told)}))
        assert made.body["screening"]["urgent"] == urgent


def test_the_word_for_coming_back_is_in_no_report() -> None:
    made = build(dataclasses.replace(EXPLOITED, answers={**EXPLOITED.answers, "reentry": answer("given")}))
    (entry,) = [entry for entry in made.body["answers"] if entry["question"] == "reentry"]
    assert (entry["value"], entry["words"]) == ("given", [])


def test_the_stored_screening_rebuilds_the_tier() -> None:
    for draft in drafts.ALL:
        stored = json.loads(build(draft).json_bytes())
        assert rebuild(stored["screening"]).tier == stored["tier"]


def test_half_a_character_does_not_lose_the_report() -> None:
    body = build(dataclasses.replace(EXPLOITED, story=(Said("me dij\ud83d", AT, "es"),))).body
    assert body["story"][0]["text"] == "me dij\ufffd"
    assert Report(body).json_bytes()


def test_bytes_that_are_no_report_are_refused_without_repeating_them() -> None:
    for data in (b'{"schema": "faro-report/2", "w": "secreto"}', b"secreto", b"[]"):
        with pytest.raises(ValueError, match="not") as refused:
            Report.from_bytes(data)
        assert "secreto" not in str(refused.value)
        assert refused.value.__cause__ is None
