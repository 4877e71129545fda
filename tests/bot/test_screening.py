"""The scoring rule: golden figures, one answer alone, overrides, and the properties that must hold for all answers."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.indicators import Strength, shipped
from bot.screening import TIERS, Reason, Screening, dimensions_of, rebuild, screen

BRANCHES = ("travelling", "in_exploitation")
FEARS = ("fear", "threat", "law", "family", "expose", "hurt")
PURPOSES = ("sexual", "work", "home", "beg", "marry", "crime", "organ", "armed")
ONE_OF = {
    "travelling": {
        "Q1": (None, "no", "false"), "Q2": (None, "yes"), "Q3": (None, "yes"), "Q4": (None, "yes"), "Q5": (None, "yes"),
        "Q6": (None, *FEARS), "Q9": (None, *PURPOSES),
    },
    "in_exploitation": {
        "Q2": (None, "yes"), "Q3": (None, "yes"), "Q4": (None, "yes"), "Q5": (None, "yes"), "Q6": (None, *FEARS),
        "Q7": (None, "pay", "hours"), "Q8": (None, "yes"), "Q9": (None, *PURPOSES),
    },
}  # fmt: skip


def put(given: dict[str, str | None]) -> dict[str, str]:
    """Answers as slots hold them: fear is the plain yes of Q6, the rest are answers to what is feared."""
    answers = {question: code for question, code in given.items() if code is not None}
    fear = answers.pop("Q6", None)
    if fear is not None:
        answers["Q6" if fear == "fear" else "Q6_what"] = "yes" if fear == "fear" else fear
    return answers


def urgency(screening: Screening) -> int:
    return -TIERS.index(screening.tier)


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        ("travelling", {"P1": 2883, "P2": 114, "P3": 26, "P4": 1}),
        ("in_exploitation", {"P1": 5780, "P2": 260, "P3": 7, "P4": 1}),
    ],
)
def test_all_combinations_of_one_answer_per_question_give_the_golden_figures(
    branch: str, expected: dict[str, int]
) -> None:
    questions = ONE_OF[branch]
    combinations = [dict(zip(questions, codes, strict=True)) for codes in itertools.product(*questions.values())]
    assert len(combinations) == {"travelling": 3024, "in_exploitation": 6048}[branch]
    assert Counter(screen(put(c), branch=branch, age="adult").scored_tier for c in combinations) == expected


ALONE = {
    "travelling": {
        "P1": {"Q1 false", "Q6 hurt"},
        "P2": {"Q2 yes", "Q5 yes", "Q9 sexual", "Q9 beg", "Q9 marry", "Q9 crime", "Q9 organ", "Q9 armed"},
        "P3": {"Q1 no", "Q3 yes", "Q4 yes", "Q6 fear", "Q6 threat", "Q6 law", "Q6 family", "Q6 expose", "Q9 work",
               "Q9 home"},
    },
    "in_exploitation": {
        "P2": {"Q2 yes", "Q3 yes", "Q5 yes", "Q6 hurt", "Q7 pay", "Q7 hours", "Q8 yes", *(f"Q9 {p}" for p in PURPOSES)},
        "P3": {"Q4 yes", "Q6 fear", "Q6 threat", "Q6 law", "Q6 family", "Q6 expose"},
    },
}  # fmt: skip


@pytest.mark.parametrize("branch", BRANCHES)
def test_one_answer_alone_gives_the_golden_tier_and_never_the_lowest(branch: str) -> None:
    found: dict[str, set[str]] = {}
    for question, codes in ONE_OF[branch].items():
        for code in filter(None, codes):
            tier = screen(put({question: code}), branch=branch, age="adult").scored_tier
            found.setdefault(tier, set()).add(f"{question} {code}")
    assert found == ALONE[branch]


UNSURE_APART = {
    "travelling": {("Q9", "work"): "P4", ("Q9", "home"): "P4"},
    "in_exploitation": {("Q7", "hours"): "P2", ("Q6_what", "expose"): "P4", **{("Q9", p): "P2" for p in PURPOSES}},
}


@pytest.mark.parametrize("branch", BRANCHES)
def test_one_not_sure_alone_gives_p3_but_for_the_exceptions_of_the_golden_table(branch: str) -> None:
    scored = [(question, code) for question, branches in shipped().scored.items() if question != "Q10"
              for code in branches.get(branch, {}) if code != "both"]  # fmt: skip
    assert len(scored) == {"travelling": 20, "in_exploitation": 21}[branch]
    for question, code in scored:
        unsure = dataclasses.replace(shipped(), not_sure_as=dict(shipped().not_sure_as) | {question: code})
        tier = screen({question: "not_sure"}, branch=branch, age="adult", answer_map=unsure).tier
        assert tier == UNSURE_APART[branch].get((question, code), "P3"), (question, code)


@pytest.mark.parametrize(
    ("weights", "indicated", "positive"),
    [
        ("3 3", True, True), ("3 2", True, True), ("3 1", True, True), ("2 2 2", True, True), ("2 2 1", True, True),
        ("3", True, False), ("2 2", True, False), ("2 1 1", True, False), ("1 1 1 1", False, False),
    ],
)  # fmt: skip
def test_a_dimension_is_positive_by_the_ilo_rule_and_not_by_a_sum(
    weights: str, indicated: bool, positive: bool
) -> None:
    reasons = [Reason("Q", "yes", f"I{n}", "purpose", Strength(int(w))) for n, w in enumerate(weights.split())]
    (dimension,) = dimensions_of(reasons)
    assert (dimension.indicated, dimension.positive) == (indicated, positive)


def test_three_signs_of_one_dimension_alone_do_not_make_a_traveller_p1() -> None:
    threats = screen({"Q6": "yes", "Q6_what": ["law", "family"]}, branch="travelling", age="adult")
    assert threats.tier == "P2"
    more = screen({"Q6": "yes", "Q6_what": ["law", "family"], "Q4": "yes"}, branch="travelling", age="adult")
    assert more.tier == "P1"


def test_an_indicator_that_two_answers_switch_on_counts_once_and_with_its_heaviest_weight() -> None:
    unsure = dataclasses.replace(shipped(), not_sure_as=dict(shipped().not_sure_as) | {"Q9": "work"})
    for codes in (["not_sure", "work"], ["work", "not_sure"]):
        (reason,) = screen({"Q9": codes}, branch="in_exploitation", age="adult", answer_map=unsure).reasons
        assert (reason.code, reason.strength) == ("work", Strength.STRONG)


def test_both_kinds_of_bad_pay_count_as_one_answer() -> None:
    both = screen({"Q7": "both"}, branch="in_exploitation", age="adult")
    assert both.indicators == ("CDS-14", "EXP-01")
    assert both.tier == "P1"


def test_papers_and_phone_kept_on_the_way_count_once() -> None:
    assert screen({"Q3": "yes"}, branch="travelling", age="adult").indicators == ("COE-05",)
    assert screen({"Q3": "yes"}, branch="travelling", age="minor").indicators == ("TRV-08",)


def test_a_minor_with_any_sign_is_p1_and_without_one_is_not() -> None:
    assert screen({"Q4": "not_sure"}, branch="in_exploitation", age="minor").tier == "P1"
    assert screen({"Q4": "no"}, branch="in_exploitation", age="minor").tier == "P4"
    assert screen({"Q4": "not_sure"}, branch="in_exploitation", age="rather_not").tier == "P3"


@pytest.mark.parametrize(
    ("answers", "branch", "age", "landing", "override"),
    [
        ({"Q9": ["organ"]}, "travelling", "adult", False, "organ_removal"),
        ({"Q9": ["armed"]}, "in_exploitation", "minor", False, "minor_armed_group"),
        ({"Q9": ["sexual"]}, "in_exploitation", "minor", False, "minor_sexual"),
        ({"Q10": "no", "Q4": "yes"}, "travelling", "minor", False, "minor_unknown_adult"),
        ({"Q1": "false"}, "travelling", "adult", True, "landing_soon"),
        ({"Q3": "yes", "Q4": "yes"}, "travelling", "adult", True, "landing_soon"),
        ({"N1": "out"}, "in_exploitation", "adult", False, "asks_to_get_out"),
    ],
)
def test_an_override_makes_p0(answers: dict[str, str], branch: str, age: str, landing: bool, override: str) -> None:
    result = screen(answers, branch=branch, age=age, landing_within_24h=landing)
    assert (result.tier, result.urgent) == ("P0", (override,))


@pytest.mark.parametrize(
    ("answers", "branch", "age", "landing"),
    [
        ({"Q9": ["armed", "sexual"]}, "in_exploitation", "adult", False),
        ({"Q10": "no"}, "travelling", "minor", False),
        ({"Q10": "no", "Q4": "yes"}, "in_exploitation", "minor", False),
        ({"Q10": "not_sure", "Q4": "yes"}, "travelling", "minor", False),
        ({"Q3": "yes"}, "travelling", "adult", True),
        ({"N1": "person"}, "in_exploitation", "adult", False),
    ],
)
def test_what_is_almost_an_override_is_none(answers: dict[str, str], branch: str, age: str, landing: bool) -> None:
    assert screen(answers, branch=branch, age=age, landing_within_24h=landing).urgent == ()


def test_danger_said_before_any_question_is_p0() -> None:
    result = screen({}, branch=None, age=None, urgent=["danger_now", "danger_now"])
    assert (result.tier, result.scored_tier, result.urgent) == ("P0", "P4", ("danger_now",))


def test_words_are_no_urgent_sign_and_do_not_get_into_the_error() -> None:
    with pytest.raises(ValueError, match="must be a code") as refused:
        screen({}, branch=None, age=None, urgent=["he has a knife"])
    assert "knife" not in str(refused.value)


# Properties over any set of answers.

ONE = st.sampled_from(("yes", "no", "not_sure", "skipped"))
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "Q1": st.sampled_from(("yes", "no", "false", "not_sure", "skipped")),
        **dict.fromkeys(("Q2", "Q3", "Q4", "Q5", "Q6", "Q8", "Q10"), ONE),
        "Q6_what": st.lists(st.sampled_from((*FEARS[1:], "not_sure")), unique=True),
        "Q7": st.sampled_from(("pay", "hours", "both", "no", "not_sure", "skipped")),
        "Q9": st.lists(st.sampled_from((*PURPOSES, "other", "none", "not_sure")), unique=True),
        "N1": st.sampled_from(("out", "person", "nothing")),
    },
)
BRANCH, AGE = st.sampled_from(BRANCHES), st.sampled_from(("adult", "minor", "rather_not"))
MANY = settings(max_examples=300, deadline=None)
type Given = dict[str, str | list[str]]


def one_yes_more(answers: Given, branch: str) -> list[Given]:
    """Every way to say one thing more."""
    more: list[Given] = []
    for question, branches in shipped().scored.items():
        for code in branches.get(branch, {}):
            if question in {"Q6_what", "Q9"}:
                more.append(answers | {question: [*answers.get(question, []), code]})
            elif answers.get(question) in {None, "skipped", "not_sure"} or (code == "both"):
                more.append(answers | {question: code})
    return more


@MANY
@given(ANSWERS, BRANCH, AGE, st.booleans())
def test_one_yes_more_never_lowers_urgency(answers: Given, branch: str, age: str, landing: bool) -> None:
    before = screen(answers, branch=branch, age=age, landing_within_24h=landing)
    for more in one_yes_more(answers, branch):
        assert urgency(screen(more, branch=branch, age=age, landing_within_24h=landing)) >= urgency(before)


@MANY
@given(ANSWERS, BRANCH, AGE, st.randoms(use_true_random=False))
def test_the_order_of_answers_does_not_matter(answers: Given, branch: str, age: str, random: object) -> None:
    items = [(q, sorted(v, reverse=True) if isinstance(v, list) else v) for q, v in answers.items()]
    random.shuffle(items)  # type: ignore[attr-defined]
    assert screen(dict(items), branch=branch, age=age) == screen(answers, branch=branch, age=age)


@MANY
@given(ANSWERS, BRANCH, AGE)
def test_skipped_no_and_never_asked_count_alike(answers: Given, branch: str, age: str) -> None:
    empty = ("skipped", "none", "other", [])
    spoken = {q: v for q, v in answers.items() if v not in empty and not (v == "no" and q not in {"Q1", "Q10"})}
    silent = dict.fromkeys(shipped().scored, "skipped") | spoken
    assert screen(silent, branch=branch, age=age) == screen(answers, branch=branch, age=age)


@MANY
@given(ANSWERS, BRANCH, st.booleans())
def test_a_minor_is_never_less_urgent_than_an_adult(answers: Given, branch: str, landing: bool) -> None:
    child = screen(answers, branch=branch, age="minor", landing_within_24h=landing)
    adult = screen(answers, branch=branch, age="adult", landing_within_24h=landing)
    assert urgency(child) >= urgency(adult)


@MANY
@given(ANSWERS, BRANCH, AGE)
def test_not_sure_is_never_more_urgent_than_a_yes(answers: Given, branch: str, age: str) -> None:
    for question, branches in shipped().scored.items():
        unsure = screen(answers | {question: "not_sure"}, branch=branch, age=age)
        for code in branches.get(branch, {}):
            assert urgency(unsure) <= urgency(screen(answers | {question: code}, branch=branch, age=age))


@MANY
@given(ANSWERS, BRANCH, AGE, st.booleans())
def test_the_stored_reasons_rebuild_the_result(answers: Given, branch: str, age: str, landing: bool) -> None:
    result = screen(answers, branch=branch, age=age, landing_within_24h=landing, urgent=["weapon"] if landing else [])
    assert rebuild(json.loads(json.dumps(result.to_json()))) == result
