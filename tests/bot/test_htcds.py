"""HTCDS v2.0: codes as the mapping says, nothing lost with the extension, and what the standard drops is told."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from bot import htcds
from bot.draft import Draft
from bot.indicators import shipped
from bot.report import build
from tests.bot import drafts
from tests.bot.drafts import EXPLOITED, TRAVELLING_MINOR, answer

# The standard's own lists (HTCDS Field Standards 2.0).
CONTROLS = {
    "PhysicalThreats", "ThreatsLawEnforcement", "ThreatensChildrenFamily", "DebtBondage", "FalsePromises",
    "PhysicalAbuse", "SexualAbuse", "TakesEarnings", "RestrictsFinancialAccess", "RestrictsMedicalCare",
    "WithholdsNecessities", "PsychologicalAbuse", "PsychoactiveSubstance", "ExcessiveWorkingHours",
    "WithholdsDocuments", "Other",
}  # fmt: skip
TYPES = {
    "ForcedLabour", "SexualExploitation", "ChildLabour", "ForcedMarriage", "Servitude",
    "ForcedMilitaryByNonStateActors", "OrganRemoval", "ForcedBegging", "ForcedAdoption", "Surrogacy", "Other",
}  # fmt: skip


def of(situation: str, **codes: str | tuple[str, ...]) -> dict[str, Any]:
    given = {"situation": answer(situation)} | {question: answer(value) for question, value in codes.items()}
    section: dict[str, Any] = build(dataclasses.replace(EXPLOITED, answers=given)).body["htcds"]
    return section


@pytest.mark.parametrize(
    ("situation", "codes", "controls", "marks"),
    [
        ("there", {"Q2": "yes"}, ["DebtBondage"], []),
        ("there", {"Q3": "yes"}, ["WithholdsDocuments"], []),
        ("travelling", {"Q3": "yes"}, ["WithholdsDocuments"], []),
        ("travelling", {"Q4": "yes"}, ["FalsePromises"], []),
        ("there", {"Q4": "yes"}, ["Other"], ["x_control_made_to_lie"]),
        ("there", {"Q5": "yes"}, ["Other"], ["x_control_restricts_movement"]),
        ("travelling", {"Q5": "yes"}, ["Other"], ["x_control_restricts_movement"]),
        ("there", {"Q6_what": ("threat", "family", "law", "expose")},
         ["PhysicalThreats", "PsychologicalAbuse", "ThreatensChildrenFamily", "ThreatsLawEnforcement"], []),
        ("back", {"Q6_what": ("hurt",)}, ["PhysicalAbuse"], ["x_control_kind_of_harm_not_asked"]),
        ("there", {"Q7": "both"}, ["ExcessiveWorkingHours", "TakesEarnings"], []),
        ("there", {"Q8": "yes"}, ["FalsePromises"], []),
    ],
)  # fmt: skip
def test_an_answer_gives_its_controls(
    situation: str, codes: dict[str, str | tuple[str, ...]], controls: list[str], marks: list[str]
) -> None:
    section = of(situation, **codes)
    assert section["fields"]["vic_MethodsOfControl"] == controls
    assert sorted(section["extension"]) == marks
    assert set(marks) <= set(section["dropped"])


@pytest.mark.parametrize(
    ("purpose", "code", "marks"),
    [
        ("work", "ForcedLabour", []),
        ("home", "Servitude", []),
        ("sexual", "SexualExploitation", []),
        ("beg", "ForcedBegging", []),
        ("marry", "ForcedMarriage", []),
        ("organ", "OrganRemoval", []),
        ("armed", "ForcedMilitaryByNonStateActors", []),
        ("crime", "Other", ["x_exploitation_forced_criminality"]),
        ("other", "Other", ["x_exploitation_other_in_words"]),
    ],
)
def test_a_purpose_gives_its_type_of_exploitation(purpose: str, code: str, marks: list[str]) -> None:
    fields = of("there", Q9=(purpose,))
    assert fields["fields"]["vic_TypeOfExploitation"] == [code]
    assert sorted(fields["extension"]) == marks
    industry = "T_ActivitiesOfHouseholdsAsEmployers" if purpose == "home" else None
    assert fields["fields"].get("vic_ForcedLabourIndustry") == industry


def test_what_a_traveller_expects_is_marked_as_not_begun() -> None:
    assert "x_exploitation_expected_not_begun" in of("travelling", Q9=("work",))["extension"]
    assert "x_exploitation_expected_not_begun" not in of("there", Q9=("work",))["extension"]


def test_not_sure_no_and_skipped_state_nothing() -> None:
    section = of("there", Q2="not_sure", Q3="no", Q5="skipped", Q9=("not_sure",))
    assert not {"vic_MethodsOfControl", "vic_TypeOfExploitation"} & set(section["fields"])


def test_not_sure_beside_a_type_adds_none() -> None:
    body = build(
        dataclasses.replace(EXPLOITED, answers={**EXPLOITED.answers, "Q9": answer(("sexual", "not_sure"))})
    ).body
    unsure = dataclasses.replace(shipped(), not_sure_as=dict(shipped().not_sure_as) | {"Q9": "work"})
    assert htcds.derive(body, unsure)["fields"]["vic_TypeOfExploitation"] == ["SexualExploitation"]


def test_every_code_of_the_indicators_is_in_the_lists_of_the_standard() -> None:
    allowed = {"vic_MethodsOfControl": CONTROLS, "vic_TypeOfExploitation": TYPES,
               "vic_ForcedLabourIndustry": {"T_ActivitiesOfHouseholdsAsEmployers"}}  # fmt: skip
    checked = 0
    for indicator in shipped().indicators.values():
        for field, codes in indicator.htcds.items():
            checked += len(codes)
            assert all(c.startswith("x_") for c in codes) if field == "x" else set(codes) <= allowed[field]
    assert checked == 38


def test_nobody_is_called_a_victim_before_an_officer_decides() -> None:
    fields = of("there", Q2="yes", Q5="yes", Q9=("sexual",))["fields"]
    assert fields["vic_TraffickingStatus"] == "PossibleVictimOfTrafficking"
    assert "vic_TraffickingStatusDecisionMakingOrg" not in fields
    assert "prs_Birthdate" not in fields


@pytest.mark.parametrize(
    ("level", "agreed"), [("share", True), ("confidential", True), ("anonymous", True), ("none", False)]
)
def test_consent_is_one_checkbox_and_its_scope_an_extension(level: str, agreed: bool) -> None:
    body = build(dataclasses.replace(EXPLOITED, answers={"consent": answer(level)})).body
    assert body["htcds"]["fields"]["con_Consent"] is agreed
    assert htcds.export(body).extension["x_consent_scope"]["level"] == level


def test_citizenship_that_was_told_is_the_standards_own_field_and_the_rest_is_beside_it() -> None:
    body = build(drafts.SHARING).body
    exported = htcds.export(body)
    assert exported.rows["person"] == [{"prs_Citizenship": ["VE"]}]
    assert exported.extension["x_consent_scope"]["units"] == ["consulate", "prosecution"]
    assert exported.extension["x_safe_contact"]["if_another"] == ["que es de la panadería"]
    assert {"official_involved", "distress"} <= set(exported.extension["x_flags"])


@pytest.mark.parametrize("draft", drafts.ALL)
def test_a_report_is_the_same_after_htcds_rows_and_extension(draft: Draft) -> None:
    body = dict(build(draft).body)
    exported = htcds.export(body)
    through_json = json.loads(json.dumps({"rows": exported.rows, "extension": exported.extension}))
    assert htcds.restore(htcds.Export(**through_json), shipped()) == body


def test_places_and_citizenship_are_carried_by_the_rows_of_the_standard() -> None:
    rows = htcds.export(build(EXPLOITED).body).rows
    assert rows["event"] == [{
        "hte_Country": "ES", "hte_Type": "Exploitation", "hte_Latitude": "40.4168", "hte_Longitude": "-3.7038",
    }]  # fmt: skip
    assert [row["cco_CaseComment"] for row in rows["note"]] == ["llegué en octubre", "llegué en septiembre"]
    assert htcds.export(build(TRAVELLING_MINOR).body).rows["person"] == [{"prs_Citizenship": ["CO", "VE"]}]


@pytest.mark.parametrize("draft", drafts.ALL)
def test_an_export_without_extension_lists_everything_it_drops(draft: Draft) -> None:
    body = build(draft).body
    lost = {name for name, value in htcds.export(body).extension.items() if value not in (None, "", [], {})}
    assert set(body["htcds"]["dropped"]) == lost
    assert {"x_answers", "x_urgency", "x_channel", "x_consent_scope", "x_reporter", "x_safe_contact"} <= lost


def test_an_incomplete_extension_is_refused() -> None:
    exported = htcds.export(build(EXPLOITED).body)
    with pytest.raises(KeyError):
        htcds.restore(htcds.Export(exported.rows, {}), shipped())
