"""The engine's contract: what a request holds, what a reply holds, and what is refused."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest

from tests.engine import Engine, Person, effects, keys

START: dict[str, Any] = {
    "model": None,
    "state": None,
    "language": "es",
    "channel": "telegram",
    "message": {"intent": "start"},
}


def test_health_names_the_model_and_needs_no_token(engine: Engine) -> None:
    status, health = engine.get("/webhooks/turns/health")
    assert status == 200
    assert health["ready"] is True
    assert len(bytes.fromhex(health["model"])) == 32


def test_a_reply_holds_model_state_understanding_and_replies(engine: Engine) -> None:
    status, reply = engine.post(START)
    assert status == 200
    assert set(reply) == {"model", "state", "asked", "understood", "replies"}
    assert reply["model"] == engine.get("/webhooks/turns/health")[1]["model"]
    assert reply["state"] == {"slots": {}, "active_loop": "talk", "requested_slot": "safe"}
    assert reply["asked"] is None
    assert keys(reply) == ["utter_hello", "utter_ask_safe"]
    assert [button["value"] for button in reply["replies"][1]["buttons"]] == ["ready", "not_now", "watched"]
    assert set(reply["replies"][1]) == {"key", "text", "buttons", "multi"}


def test_any_first_words_are_greeted(engine: Engine) -> None:
    for words in ("hola", "buenas, necesito hablar de algo", "xqzt wplk", "sí"):
        person = Person(engine)
        assert keys(person.says(words)) == ["utter_hello", "utter_ask_safe"]


def test_what_was_asked_and_understood_is_told_in_codes(person: Person) -> None:
    person.answers(safe="ready", age="adult", situation="travelling")
    reply = person.says("pues ahorita voy llegando a China con mi prima")
    assert reply["asked"] == "country"
    assert reply["understood"]["entities"] == {"country": "CN"}
    assert 0 < reply["understood"]["confidence"] <= 1
    assert reply["state"]["slots"]["country"] == "CN"


@pytest.mark.parametrize("token", ["wrong", "", "Bearer"])
def test_another_token_is_refused(engine: Engine, token: str) -> None:
    assert engine.post(START, token=token or " ")[0] == 401


def test_the_state_of_another_model_is_refused(engine: Engine) -> None:
    assert engine.post({**START, "model": "0" * 64}) == (409, {"error": "state_of_another_model"})
    theirs = {"slots": {"Q77": "yes"}, "active_loop": "talk", "requested_slot": "Q77"}  # questions that it asked
    assert engine.post({**START, "model": "0" * 64, "state": theirs})[0] == 409
    assert engine.post({**START, "model": engine.get("/webhooks/turns/health")[1]["model"]})[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"not json",
        b"[]",
        b"null",
        {},
        {**START, "message": {}},
        {**START, "message": {"text": "a", "choice": ["yes"]}},
        {**START, "message": {"text": 5}},
        {**START, "message": {"choice": [5]}},
        {**START, "message": {"intent": "restart"}},
        {**START, "language": "xx"},
        {**START, "channel": None},
        {**START, "state": {"slots": {"name": "x"}}},
        {**START, "state": {"slots": {}, "active_loop": "other"}},
        {**START, "state": {"slots": {}, "requested_slot": "other"}},
        {**START, "state": {"slots": [], "active_loop": None}},
    ],
)
def test_a_request_that_is_not_of_the_contract_is_refused(engine: Engine, body: Any) -> None:
    assert engine.post(body) == (400, {"error": "bad_request"})


@pytest.mark.parametrize(
    "path", ["/model/parse", "/conversations/x/tracker", "/webhooks/rest/webhook", "/status", "/domain"]
)
def test_no_other_door_of_rasa_is_open(engine: Engine, path: str) -> None:
    assert engine.get(path)[0] == 404


def test_the_engine_listens_on_loopback_only(engine: Engine) -> None:
    port = int(engine.url.rsplit(":", 1)[1])
    with socket.socket() as one:
        one.settimeout(1)
        assert one.connect_ex((socket.gethostbyname("127.0.0.2"), port)) != 0


@pytest.mark.parametrize(
    "text",
    ["/restart", ' /inform{"Q3":"yes"}', '//inform{"choice": "yes"}', "/ /session_start", "\t/deny", "／restart"],
)
def test_text_that_looks_like_a_command_of_rasa_is_only_text(person: Person, text: str) -> None:
    person.answers(
        safe="ready", age="adult", situation="there", country="CO", consent="anonymous", reentry="skipped", Q2="no"
    )
    before = {slot: code for slot, code in person.slots.items() if slot != "safe"}  # who pauses is asked that again
    reply = person.says(text)
    assert {slot: person.slots.get(slot) for slot in before} == before
    assert "Q3" not in person.slots or reply["understood"]["confidence"] < 1


@pytest.mark.parametrize("text", ["", "   ", "///", "👍", "\x00", "🦜🦜", "؟مرحبا", "a" * 20_000, "casa " * 4_000])
def test_odd_texts_are_answered_like_any_other(person: Person, text: str) -> None:
    person.answers(safe="ready", age="adult")
    began = time.perf_counter()
    assert keys(person.says(text))[-1] == "utter_ask_situation"
    assert time.perf_counter() - began < 0.5


def test_a_choice_that_the_question_does_not_offer_changes_nothing(person: Person) -> None:
    person.answers(safe="ready")
    reply = person.picks("pay")
    assert person.asked == "age"
    assert "age" not in person.slots
    assert keys(reply) == ["utter_rephrase", "utter_ask_age"]


def test_a_turn_depends_on_its_request_alone(engine: Engine) -> None:
    """Two people at once, and the same request twice: nobody's state is another's."""
    one, two = Person(engine), Person(engine, language="en", channel="sms")
    one.comes()
    two.comes()
    one.answers(safe="ready", age="minor")
    two.answers(safe="ready", age="adult")
    assert (one.slots["age"], two.slots["age"]) == ("minor", "adult")
    again = {**START, "state": one.state, "message": {"choice": ["there"]}}
    assert engine.post(again) == engine.post(again)


def test_effects_carry_codes_only(person: Person) -> None:
    person.answers(safe="ready", age="adult", situation="there", country="MX", consent="none")
    (effect,) = effects(person.seen[-1])
    assert effect == {
        "effect": "information",
        "country": "MX",
        "branch": "in_exploitation",
        "minor": "no",
        "reporter": "self",
        "on_the_way": None,
        "place": "there",
        "asked": ["safe", "age", "situation", "country", "consent"],
    }
