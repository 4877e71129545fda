"""Which questions a person is asked, in which order, and how many are said to be left."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.engine import NLU, Engine, Person, effects, keys

BOTH = ["Q2", "Q3", "Q4", "Q5", "Q6"]
AWAITED = ["reentry", "Q1", *BOTH, "Q9", "official", "citizenship"]
EXPLOITED = ["reentry", *BOTH, "Q7", "Q8", "Q9", "official", "citizenship"]
OF_A_CHILD = ["reentry", "Q3", "Q5", "Q6", "Q7", "Q9", "Q10", "citizenship"]
QUIET: dict[str, str] = {
    "agencies": "skipped",
    "reentry": "skipped",
    "citizenship": "skipped",
    "Q9": "none",
    "N1": "nothing",
    "N2": "none",
    "Q10": "yes",
    "story": "skipped",
    "Q7": "no",
    "Q6_what": "skipped",
}


def begin(engine: Engine, **answers: str) -> Person:
    """Somebody who answered everything before the screening questions."""
    person = Person(engine)
    person.comes()
    defaults = {"safe": "ready", "age": "adult", "situation": "there", "country": "CO", "consent": "share", **answers}
    order = ["safe", "age", "situation", "their_situation", "country", "consent"]
    person.answers(**{question: defaults[question] for question in order if question in defaults})
    return person


def walk(person: Person, **answers: Any) -> list[str]:
    """Answer to the end; the questions that were asked."""
    asked = []
    while person.asked:
        asked.append(person.asked)
        assert len(asked) < 40
        codes = answers.get(person.asked) or QUIET.get(person.asked) or ("skipped" if person.asked[0] == "N" else "no")
        person.picks(*([codes] if isinstance(codes, str) else codes))
    return asked


def test_who_has_not_left_is_asked_about_what_awaits(engine: Engine) -> None:
    assert walk(begin(engine, situation="not_left", consent="anonymous")) == [*AWAITED, "story", "N1"]


def test_who_is_on_the_way_is_asked_as_well_how_soon_they_arrive(engine: Engine) -> None:
    on_the_way = [*AWAITED[:2], "arrival", *AWAITED[2:], "story", "N1"]
    assert walk(begin(engine, situation="travelling", consent="anonymous")) == on_the_way
    other = begin(engine, situation="other", their_situation="travelling", consent="anonymous")
    assert walk(other) == on_the_way


@pytest.mark.parametrize("situation", ["there", "back"])
def test_who_arrived_or_came_back_is_asked_about_what_is(engine: Engine, situation: str) -> None:
    assert walk(begin(engine, situation=situation, consent="anonymous")) == [*EXPLOITED, "story", "N1"]


def test_a_minor_goes_a_shorter_way_and_is_asked_who_cares_for_them(engine: Engine) -> None:
    assert walk(begin(engine, age="minor", consent="anonymous"), Q6="yes") == [*OF_A_CHILD, "story", "N1"]
    travels = walk(begin(engine, age="minor", consent="anonymous", situation="travelling"), Q6="yes")
    assert travels == ["reentry", "Q1", "arrival", "Q3", "Q5", "Q6", "Q9", "Q10", "citizenship", "story", "N1"]


def test_who_shares_says_with_whom(engine: Engine) -> None:
    person = begin(engine, consent="share")
    assert person.asked == "agencies"
    offered = [button["value"] for button in person.seen[-1]["replies"][-1]["buttons"]]
    assert offered == ["all", "coordination", "prosecution", "consulate", "support", "skipped"]
    person.picks("prosecution")
    person.picks("support")
    person.picks("done")
    assert (person.slots["agencies"], person.asked) == (["prosecution", "support"], "reentry")
    for consent in ("anonymous", "confidential"):
        assert "agencies" not in walk(begin(engine, consent=consent))


@pytest.mark.parametrize(
    ("answers", "more"),
    [
        ({"age": "minor"}, {"child_protection"}),
        ({"country": "CN"}, {"prosecution_abroad"}),
        ({"country": "skipped"}, set()),
        ({"age": "minor", "country": "CN"}, {"child_protection", "prosecution_abroad"}),
    ],
)
def test_only_those_who_could_receive_it_are_offered(engine: Engine, answers: dict[str, str], more: set[str]) -> None:
    person = begin(engine, **answers)
    offered = {button["value"] for button in person.seen[-1]["replies"][-1]["buttons"]}
    assert offered - {"all", "coordination", "prosecution", "consulate", "support", "skipped"} == more


@pytest.mark.parametrize("code", ["all", "skipped"])
def test_all_or_nobody_needs_no_second_question(engine: Engine, code: str) -> None:
    person = begin(engine)
    reply = person.picks(code)
    assert (person.slots["agencies"], person.asked) == ([code], "reentry")
    assert ("utter_agencies_none" in keys(reply)) == (code == "skipped")


def test_a_text_message_does_not_ask_what_is_feared(engine: Engine) -> None:
    """Its options fill two messages."""
    person = begin(engine)
    person.channel = "sms"
    assert "Q6_what" not in walk(person, Q6="yes")


def test_who_rather_does_not_say_their_age_is_asked_as_an_adult(engine: Engine) -> None:
    assert "Q10" not in walk(begin(engine, age="rather_not"))


def test_who_writes_for_another_is_asked_where_that_person_is(engine: Engine) -> None:
    person = begin(engine, situation="other", their_situation="travelling", consent="anonymous")
    assert "utter_not_alone_no_confront" in keys(person.seen[3])
    walk(person)
    assert effects(person.seen[-1])[0]["reporter"] == "other"


def test_a_contact_is_offered_only_to_those_who_consented_to_one(engine: Engine) -> None:
    for consent in ("confidential", "share"):
        assert walk(begin(engine, consent=consent))[-2:] == ["N1", "N2"]


def test_the_contact_plan_is_asked_as_far_as_it_is_wanted(engine: Engine) -> None:
    assert walk(begin(engine), N2="here")[-3:] == ["N2_when", "N2_words", "N2_other"]
    assert walk(begin(engine), N2="other")[-4:] == ["N2_how", "N2_when", "N2_words", "N2_other"]


def test_no_consent_ends_with_information_and_no_question(engine: Engine) -> None:
    person = begin(engine, consent="none")
    assert person.asked is None
    assert [one["effect"] for one in effects(person.seen[-1])] == ["information"]
    assert not [slot for slot in person.slots if slot[0] in "QN"]


def test_the_end_hands_over_what_was_answered(engine: Engine) -> None:
    person = begin(engine, situation="travelling", country="CN")
    walk(person, Q6="yes", Q6_what=["law", "hurt"], story="given")
    (effect,) = effects(person.seen[-1])
    assert effect["effect"] == "submit"
    assert (effect["branch"], effect["minor"], effect["country"]) == ("travelling", "no", "CN")
    assert effect["on_the_way"] == "yes"
    assert effect["asked"][-6:] == ["Q9", "official", "citizenship", "story", "N1", "N2"]
    assert person.slots["Q6_what"] == ["law", "hurt"]
    assert person.slots["story"] == "given"
    assert person.state is not None
    assert person.state["active_loop"] is None


@pytest.mark.parametrize(("situation", "first"), [("travelling", 13), ("there", 13)])
def test_the_number_left_falls_by_one_from_question_to_question(engine: Engine, situation: str, first: int) -> None:
    person = begin(engine, situation=situation)
    walk(person, Q6="yes", Q6_what="law", Q6_what_more="done", N2="other")
    texts = [one["text"] for reply in person.seen for one in reply["replies"] if "text" in one]
    left = [int(found[1]) for text in texts if (found := re.search(r"Queda\w* (\d+)\.?$", text))]
    assert left == list(range(first, 0, -1))


def test_the_tail_question_of_a_follow_up_is_not_asked_after_a_no(engine: Engine) -> None:
    assert "Q6_what" not in walk(begin(engine), Q6="no")
    assert "Q6_what" in walk(begin(engine), Q6="yes", Q6_what="skipped")


def test_what_is_said_first_is_said_once_and_before_its_question(engine: Engine) -> None:
    person = begin(engine)
    said = [key for reply in person.seen for key in keys(reply)]
    for before, question in (("utter_readers", "utter_ask_age"), ("utter_consent_exceptions", "utter_ask_consent")):
        assert said.count(before) == 1
        assert said.index(before) < said.index(question)


def test_every_question_of_the_file_can_be_reached(engine: Engine) -> None:
    written = {entry["id"] for entry in yaml.safe_load((NLU / "questions.yml").read_text())["questions"]}
    assert len(written) == 29
    asked = {"safe", "age", "situation", "their_situation", "country", "consent"}
    asked |= set(walk(begin(engine, situation="other", their_situation="travelling"), N2="other", Q6="yes"))
    asked |= set(walk(begin(engine, age="minor"))) | set(walk(begin(engine)))
    assert {question.removesuffix("_more") for question in asked} == written


def test_every_question_names_its_source() -> None:
    assert all(entry["source"] for entry in yaml.safe_load((NLU / "questions.yml").read_text())["questions"])


def test_the_wording_fits_the_person(engine: Engine) -> None:
    say = yaml.safe_load((NLU / "data" / "es" / "say.yml").read_text())["questions"]["Q3"]
    for wording, answers in (
        ("ask", {}),
        ("minor", {"age": "minor"}),
        ("back", {"situation": "back"}),
        ("minor_back", {"age": "minor", "situation": "back"}),
        ("other", {"situation": "other", "their_situation": "there", "age": "minor"}),
        ("other_back", {"situation": "other", "their_situation": "back"}),
    ):
        person = begin(engine, consent="anonymous", **answers)
        person.picks("skipped")
        if person.asked == "Q2":
            person.picks("no")
        assert person.asked == "Q3"
        assert person.seen[-1]["replies"][-1]["text"].startswith(say[wording]), wording


def test_readers_are_named_for_the_channel(engine: Engine) -> None:
    messages = yaml.safe_load((NLU / "data" / "en" / "say.yml").read_text())["messages"]
    for channel in ("telegram", "whatsapp", "sms", "terminal", "web"):
        person = Person(engine, language="en", channel=channel)
        person.comes()
        person.picks("ready")
        readers = next(one for one in person.seen[-1]["replies"] if one["key"] == "utter_readers")
        assert readers["text"] == messages[f"readers_{channel}"]


def test_the_countries_whose_prosecutors_may_read_are_named(engine: Engine) -> None:
    said = {}
    for country in ("CO", "skipped", "CN"):
        person = begin(engine, country=country)
        said[country] = next(one["text"] for reply in person.seen for one in reply["replies"]
                             if one.get("key") == "utter_consent_who")  # fmt: skip
    assert "China" in said["CN"]
    assert "China" not in said["CO"]
    assert said["CO"] == said["skipped"]
    assert not [text for text in said.values() if "{" in text]
