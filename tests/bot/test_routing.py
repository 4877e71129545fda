"""Which units get a report, and which must not."""

from __future__ import annotations

import dataclasses
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bot.report import build
from bot.routing import AGENCIES, ALL, RULES, Facts, Routed, route, wanted
from storage.identity import new_key
from storage.roster import Officer, Roster, Unit
from tests.bot.drafts import BOUND, DANGER, EXPLOITED, TRAVELLING_MINOR, answer

TODAY = date(2026, 11, 25)
UNITS = {
    "coat": Unit("Coordination", "CO", None, "coordination", False),
    "fiscalia": Unit("Prosecutors", "CO", None, "prosecution", False),
    "icbf": Unit("Children", "CO", None, "child_protection", False),
    "es": Unit("Prosecutors of Spain", "ES", None, "prosecution", False),
    "pa": Unit("Prosecutors of Panama", "PA", None, "prosecution", False),
    "consulate": Unit("Consulates", "CO", None, "consulate", False),
    "consulate-ve": Unit("Consulates of Venezuela", "VE", None, "consulate", False),
    "ngo": Unit("A helping group", "CO", None, "support", False),
    "ngo-es": Unit("A helping group of Spain", "ES", None, "support", False),
    "ngo-pa": Unit("A helping group of Panama", "PA", None, "support", False),
}
FACTS = Facts(
    country="ES",
    citizenship=("CO",),
    situation="there",
    minor=False,
    tier="P1",
    official_involved=False,
    consent="share",
)


def officer(unit: str, until: date = date(2027, 1, 1)) -> Officer:
    key = new_key()
    return Officer(f"{unit}-1", unit, key.recipient, key.signing_public, date(2026, 1, 1), until)


def roster(*officers: Officer) -> Roster:
    sealer = Ed25519PrivateKey.generate().public_key()
    return Roster(1, False, TODAY, date(2027, 1, 1), (sealer,), UNITS, officers, b"")


ROSTER = roster(*(officer(unit) for unit in UNITS))


def to(facts: Facts) -> dict[str, str]:
    return {routed.unit: routed.reason for routed in route(facts, ROSTER, TODAY)}


def facts(**changes: object) -> Facts:
    return dataclasses.replace(FACTS, **changes)  # type: ignore[arg-type]


def test_agreed_sharing_abroad_reaches_home_and_the_country_where_it_happens() -> None:
    assert to(FACTS) == {"coat": "external_case", "fiscalia": "crime_at_home", "es": "crime_abroad"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"country": "CO"}, "internal_case"),
        ({"country": None}, "internal_case"),
        ({"citizenship": ("VE", "CO")}, "external_case"),
        ({"citizenship": ()}, "external_case"),
        ({"citizenship": ("VE",)}, "first_contact"),
    ],
)
def test_country_and_citizenship_say_which_route_the_centre_starts(changes: dict[str, object], reason: str) -> None:
    assert to(facts(**changes))["coat"] == reason


@pytest.mark.parametrize("consent", ["confidential", "anonymous"])
def test_without_agreement_to_share_only_the_centre_gets_it(consent: str) -> None:
    assert to(facts(consent=consent)) == {"coat": "external_case"}


def test_named_units_get_it_and_no_other_does() -> None:
    assert to(facts(units_named=("pa",))) == {"coat": "external_case", "pa": "named"}
    assert to(facts(units_named=("pa",), consent="confidential")) == {"coat": "external_case"}


@pytest.mark.parametrize(
    ("chosen", "units"),
    [
        (("coordination",), {"coat"}),
        (("prosecution",), {"coat", "fiscalia"}),
        (("child_protection",), {"coat", "icbf"}),
        (("prosecution_abroad",), {"coat", "es"}),
        (("consulate",), {"coat", "consulate"}),
        (("support",), {"coat", "ngo", "ngo-es"}),
        (("prosecution", "support"), {"coat", "fiscalia", "ngo", "ngo-es"}),
        (("all",), {"coat", "fiscalia", "es"}),
        (("all", "consulate"), {"coat", "fiscalia", "es", "consulate"}),
    ],
)
def test_who_chose_bodies_reaches_those_and_no_other(chosen: tuple[str, ...], units: set[str]) -> None:
    assert set(to(facts(units_named=chosen))) == units


def test_E39_a_consulate_or_a_helping_group_is_reached_by_the_persons_choice_alone() -> None:
    grown = {"consulate", "consulate-ve", "ngo", "ngo-es", "ngo-pa"}
    chosen_unagreed = {"consent": "confidential", "units_named": ("consulate", "support")}
    for case in ({}, {"consent": "none", "life_in_danger": True}, {"minor": True}, {"country": "CO"},
                 {"units_named": (ALL,)}, chosen_unagreed):  # fmt: skip
        assert grown & set(to(facts(**case))) == set()
    assert set(to(facts(units_named=("consulate",), citizenship=("VE",)))) == {"coat", "consulate-ve"}
    assert set(to(facts(units_named=("consulate",), citizenship=()))) == {"coat", "consulate"}


def test_E38_a_foreign_unit_gets_it_only_inside_consent_or_a_told_exception() -> None:
    foreign = {"es", "pa", "ngo-es", "ngo-pa", "consulate-ve"}
    for consent in ("none", "not_asked", "anonymous", "confidential"):
        for minor in (False, True):
            assert foreign & set(to(facts(consent=consent, minor=minor, units_named=tuple(AGENCIES)))) == set()
        assert foreign & set(to(facts(consent=consent, life_in_danger=True))) == {"es"}
    assert foreign & set(to(facts(units_named=("coordination", "prosecution")))) == set()
    assert foreign & set(to(facts(units_named=("prosecution_abroad",), country="CO"))) == set()
    assert foreign & set(to(FACTS)) == {"es"}


@pytest.mark.parametrize("consent", ["none", "not_asked"])
@pytest.mark.parametrize("tier", ["P0", "P1", "P4"])
def test_without_consent_nothing_goes_anywhere(consent: str, tier: str) -> None:
    assert to(facts(consent=consent, tier=tier)) == {}


@pytest.mark.parametrize("consent", ["none", "not_asked", "anonymous", "confidential"])
def test_a_life_in_danger_is_the_first_exception(consent: str) -> None:
    assert to(facts(consent=consent, tier="P0", life_in_danger=True)) == {
        "coat": "external_case", "fiscalia": "life_in_danger", "es": "life_in_danger_abroad",
    }  # fmt: skip


@pytest.mark.parametrize("consent", ["none", "anonymous", "confidential"])
def test_a_child_at_risk_is_the_second_exception_and_stays_in_the_country(consent: str) -> None:
    assert to(facts(consent=consent, minor=True)) == {"coat": "external_case", "icbf": "child"}


def test_a_minor_without_any_sign_is_no_exception() -> None:
    assert to(facts(minor=True, tier="P4", consent="none")) == {}
    assert "icbf" not in to(facts(minor=True, tier="P4", consent="confidential"))
    assert to(facts(minor=True, tier="P4"))["icbf"] == "maybe_a_child"


def test_an_age_not_said_is_protected_as_a_child_within_what_was_agreed() -> None:
    assert to(facts(age_not_said=True))["icbf"] == "maybe_a_child"
    assert "icbf" not in to(facts(age_not_said=True, consent="confidential"))
    assert "icbf" not in to(FACTS)


def test_where_an_official_is_involved_that_country_is_told_only_if_the_person_named_it() -> None:
    assert "es" not in to(facts(official_involved=True))
    assert "es" not in to(facts(official_involved=True, life_in_danger=True, consent="none"))
    assert to(facts(official_involved=True, units_named=("es",)))["es"] == "named"


def test_nothing_goes_abroad_while_the_person_has_not_left_or_said_where() -> None:
    assert "es" not in to(facts(situation="not_left"))
    assert "es" not in to(facts(country=None))
    assert {"es", "pa"} & set(to(facts(country="CO"))) == set()


def test_E38_the_destination_of_a_card_counts_only_where_the_consent_text_named_it() -> None:
    told = Facts.of(build(BOUND))
    assert (told.country, "es" in to(told)) == ("ES", True)
    unseen = Facts.of(build(dataclasses.replace(BOUND, presumed="")))
    assert (unseen.country, "es" in to(unseen)) == (None, False)
    assert "es" not in to(dataclasses.replace(unseen, life_in_danger=True))
    home = {**BOUND.answers, "country": answer("CO")}
    assert Facts.of(build(dataclasses.replace(BOUND, answers=home))).country == "CO"
    for level in ("anonymous", "confidential"):
        answers = {**BOUND.answers, "consent": answer(level)}
        assert set(to(Facts.of(build(dataclasses.replace(BOUND, answers=answers))))) == {"coat"}


def test_a_unit_without_a_valid_key_gets_nothing_and_none_left_means_not_accepted() -> None:
    partly = roster(officer("coat"), officer("fiscalia", until=date(2026, 11, 24)))
    assert [routed.unit for routed in route(FACTS, partly, TODAY)] == ["coat"]
    assert [routed.unit for routed in wanted(FACTS, partly)] == ["coat", "es", "fiscalia"]
    assert route(FACTS, roster(officer("pa")), TODAY) == []


def test_every_rule_can_apply_and_says_why() -> None:
    seen = {reason for case in (
        {}, {"country": "CO"}, {"citizenship": ("VE",)}, {"minor": True}, {"age_not_said": True},
        {"units_named": ("pa",)}, {"life_in_danger": True, "consent": "none"},
    ) for reason in to(facts(**case)).values()}  # fmt: skip
    assert seen == {rule.reason for rule in RULES}
    assert len(RULES) == 10
    assert all(rule.why.endswith(".") for rule in RULES)


def test_facts_are_read_from_a_report() -> None:
    assert Facts.of(build(EXPLOITED)) == Facts("ES", (), "there", False, "P1", False, "share")
    danger = Facts.of(build(DANGER))
    assert (danger.consent, danger.life_in_danger, danger.tier) == ("not_asked", True, "P0")
    child = Facts.of(build(dataclasses.replace(TRAVELLING_MINOR, flags=("official_involved",), units=("pa",))))
    assert child == Facts(None, ("CO", "VE"), "travelling", True, "P0", True, "anonymous", ("pa",))


def test_asking_to_get_out_is_urgent_and_no_exception_to_consent() -> None:
    answers = {**EXPLOITED.answers, "consent": answer("confidential"), "N1": answer("out")}
    report = build(dataclasses.replace(EXPLOITED, answers=answers))
    assert report.tier == "P0"
    assert route(Facts.of(report), ROSTER, TODAY) == [Routed("coat", "external_case")]
