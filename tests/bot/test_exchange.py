"""With the real engine: what becomes of its state, of a person's words, and of its wishes."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import yaml

from bot.conversation import Filed
from bot.dialogue import Engine as EngineClient
from bot.effects import Say
from bot.exchange import ASKED, CONTROL, DANGER, Exchange
from bot.questions import shipped
from tests.bot.talker import ACCOUNT, BEFORE, NOW, Person, a_talk, causes, conduct, keys, wishing
from tests.engine import NLU, Engine


@pytest.fixture
async def person(engine: Engine) -> AsyncIterator[Person]:
    """Who was greeted."""
    async with EngineClient((engine.url,), engine.token) as client:
        one = Person(Exchange(client, conduct(), shipped()), a_talk())
        await one.comes()
        yield one


@pytest.fixture
async def asked(person: Person) -> Person:
    """Who agreed to an anonymous report and stands at the first question of the screening."""
    await person.answers(**BEFORE)
    assert person.talk.asked == "Q2"
    return person


# Answers and words.


async def test_an_answer_is_kept_by_its_code_with_time_and_language(asked: Person) -> None:
    await asked.picks("yes")
    answer = asked.talk.answers["Q2"]
    assert (answer.value, answer.at, answer.language, answer.words) == ("yes", NOW.isoformat(), "es", ())
    assert list(asked.talk.answers) == [*BEFORE, "Q2"]


@pytest.mark.parametrize(("said", "flags"), [("tengo 11 años", ["under_12"]), ("tengo 15 años", []), ("tengo 30", [])])
async def test_a_child_under_twelve_is_marked_for_the_officers(person: Person, said: str, flags: list[str]) -> None:
    await person.answers(safe="ready")
    await person.says(said)
    assert person.talk.flags == flags


async def test_words_that_answer_are_kept_beside_the_answer_that_they_gave(asked: Person) -> None:
    await asked.says("sí, todo lo pagó él")
    assert asked.talk.answers["Q2"].value == "yes"
    assert asked.talk.answers["Q2"].words == ("sí, todo lo pagó él",)
    assert asked.talk.story == []


async def test_several_choices_are_one_answer(asked: Person) -> None:
    await asked.reaches("Q9")
    await asked.picks("work", "home")
    assert asked.talk.answers["Q9"].value == ("work", "home")


async def test_an_account_at_another_question_is_kept_once_and_with_that_question(asked: Person) -> None:
    await asked.says(ACCOUNT)
    assert asked.words == [ACCOUNT]
    assert asked.talk.asked == "Q2" or asked.talk.answers["Q2"].words == (ACCOUNT,)


async def test_few_words_are_kept_where_own_words_are_asked_for_whatever_they_were_taken_for(asked: Person) -> None:
    asks = "¿usted es una máquina?"
    await asked.says(asks)
    assert asked.words == []
    await asked.reaches("story")
    await asked.says(asks)
    assert asked.talk.asked == "story"
    assert asked.words == [asks]


async def test_own_words_at_the_end_are_an_answer(asked: Person) -> None:
    await asked.reaches("story")
    await asked.says(ACCOUNT)
    assert asked.talk.answers["story"].value == "given"
    assert asked.talk.answers["story"].words == (ACCOUNT,)
    assert asked.talk.asked == "N1"


@pytest.mark.parametrize(
    "said", ["¿cuánto cuesta esto?", "¿usted es una persona o una máquina?", "gracias", "¿para qué sirve esto?"]
)
async def test_what_is_asked_of_the_machine_is_answered_and_not_kept(asked: Person, said: str) -> None:
    did = await asked.says(said)
    assert asked.words == []
    assert asked.talk.asked == "Q2"
    assert keys(did)[-1] == "utter_ask_Q2"
    assert len(did) > 1


async def test_a_long_sentence_is_kept_whatever_it_was_taken_for(asked: Person) -> None:
    said = "gracias, es que un señor tiene mi pasaporte y no me deja salir de la casa"
    await asked.says(said)
    assert asked.words == [said]


def test_every_intent_is_either_kept_or_said_to_the_machine() -> None:
    domain = yaml.safe_load((NLU / "domain.yml").read_text(encoding="utf-8"))
    intents = {one if isinstance(one, str) else next(iter(one)) for one in domain["intents"]}
    assert len(intents) == 31
    assert ASKED < CONTROL
    assert intents - CONTROL - DANGER == {"inform", "disclosure", "minor", "for_other", "off_topic", "nlu_fallback"}
    assert intents >= CONTROL | DANGER


async def test_a_telephone_number_is_kept_in_one_form_beside_the_words_of_it(person: Person) -> None:
    await person.answers(**{**BEFORE, "consent": "confidential"})
    await person.reaches("N2_how", N2="other")
    await person.says("mi número es +57 300 123 4567")
    answer = person.talk.answers["N2_how"]
    assert (answer.words, answer.phones) == (("mi número es +57 300 123 4567",), ("+573001234567",))


# Who came by a card and tells no country.


@pytest.mark.parametrize("destination", ["ES", "DO"])
async def test_E38_the_consent_text_names_where_the_card_leads_to_and_the_answer_stays_as_given(
    person: Person, destination: str
) -> None:
    person.talk.destination = destination
    await person.answers(safe="ready", age="adult", situation="there")
    did = await person.says("prefiero no decir")
    shown = " ".join(one.message.text for one in did if isinstance(one, Say))
    assert ("España" in shown, "República Dominicana" in shown) == (destination == "ES", destination == "DO")
    assert (person.talk.presumed, person.talk.asked) == (destination, "consent")
    answer = person.talk.answers["country"]
    assert (answer.value, answer.words) == ("skipped", ("prefiero no decir",))
    await person.picks("share")
    assert "prosecution_abroad" in [code for code, _ in person.talk.offered]


@pytest.mark.parametrize(("destination", "told"), [("ES", "MX"), ("ES", "CO"), ("CO", "skipped"), ("", "skipped")])
async def test_nothing_is_presumed_of_who_told_a_country_or_came_by_a_card_of_home_or_none(
    person: Person, destination: str, told: str
) -> None:
    person.talk.destination = destination
    await person.answers(safe="ready", age="adult", situation="there", country=told)
    assert person.talk.presumed == ""
    assert person.talk.answers["country"].value == told
    shown = " ".join(one.message.text for one in person.did if isinstance(one, Say))
    assert "España" not in shown


# What is shown.


async def test_buttons_stand_for_their_question_and_only_until_the_next(asked: Person) -> None:
    (said,) = [one.message for one in asked.did if isinstance(one, Say) and one.message.buttons]
    assert [button.value for button in said.buttons] == ["Q2=yes", "Q2=no", "Q2=not_sure", "Q2=skipped"]
    assert (asked.talk.offered_for, [code for code, _ in asked.talk.offered]) == (
        "Q2", ["yes", "no", "not_sure", "skipped"],
    )  # fmt: skip
    await asked.picks("no")
    assert asked.talk.offered_for == "Q3"
    await asked.to_the_end()
    assert (asked.talk.offered_for, asked.talk.offered) == ("", [])


async def test_another_language_asks_the_open_question_again(asked: Person) -> None:
    did = await asked.says("¿podemos hablar en inglés? english please")
    assert keys(did) == ["language_changed", "utter_ask_Q2"]
    assert asked.talk.language == "en"
    assert all(one.message.language == "en" for one in did if isinstance(one, Say))
    assert asked.words == []


async def test_after_the_end_another_language_is_told_and_nothing_is_asked(asked: Person) -> None:
    asked.talk.mode = "closed"
    assert keys(await asked.exchange.switch(asked.talk, "en", NOW)) == ["language_changed"]
    assert asked.talk.language == "en"


# An engine that was trained anew while somebody talks.


async def test_the_state_of_an_older_model_keeps_its_answers_and_the_question_is_put_again(asked: Person) -> None:
    await asked.picks("yes")
    asked.talk.model = "older"
    did = await asked.says(ACCOUNT)
    assert keys(did)[-1] == "utter_ask_Q3"
    assert asked.talk.model != "older"
    assert asked.talk.slots["Q2"] == "yes"
    assert asked.words == [ACCOUNT]
    await asked.picks("no")
    assert asked.talk.asked == "Q4"


async def test_a_question_that_the_new_model_does_not_have_is_no_obstacle(asked: Person) -> None:
    asked.talk.model = "older"
    assert asked.talk.engine
    asked.talk.engine["slots"] |= {"Q77": "yes", "withdrawn": 3}
    asked.talk.engine["requested_slot"] = "Q77"
    did = await asked.says("sí")
    assert keys(did)[-1] == "utter_ask_Q2"
    assert asked.talk.answers.keys() == BEFORE.keys()


async def test_after_the_end_an_older_model_is_no_obstacle_either(asked: Person) -> None:
    await asked.to_the_end()
    asked.talk.model = "older"
    assert asked.talk.engine
    asked.talk.engine["slots"] |= {"Q77": "yes"}
    intent, did = await asked.exchange.beside(asked.talk, "¿cuánto cuesta esto?", NOW)
    assert (intent, keys(did)) == ("ask_cost", ["utter_cost"])


# Answers that cannot wait.


async def test_an_urgent_answer_gives_numbers_and_a_report_before_the_next_question(asked: Person) -> None:
    await asked.reaches("Q9")
    await asked.picks("organ")
    while asked.talk.asked.startswith("Q9") and not causes(asked.did):
        await asked.picks("done")
    assert keys(asked.did)[:2] == ["danger_call", "File"]
    assert causes(asked.did) == ["urgent"]
    assert asked.talk.urgent == ["organ_removal"]
    assert keys(asked.did)[2].startswith("utter_ask_")
    assert causes((await asked.to_the_end()).did) == ["complete"]  # told once


async def test_an_urgent_last_answer_makes_one_report_and_gives_the_number_first(asked: Person) -> None:
    await asked.reaches("N1")
    did = await asked.picks("out")
    assert causes(did) == ["complete"]
    assert keys(did)[0] == "danger_call"
    assert asked.talk.urgent == ["asks_to_get_out"]


async def test_without_consent_no_answer_makes_a_report(person: Person) -> None:
    before = {question: code for question, code in BEFORE.items() if question != "reentry"}
    did = (await person.answers(**{**before, "consent": "none"})).did
    assert causes(did) == []
    assert keys(did)[0] == "Discard"
    assert person.talk.mode == "closed"


async def test_urgent_answers_from_before_a_refusal_go_nowhere() -> None:
    for consent, due in (("none", []), (None, []), ("anonymous", ["urgent"])):
        slots = {**BEFORE, "consent": consent, "N1": "out"}
        async with wishing({"effect": "human"}, slots=slots) as exchange:
            assert causes(await exchange(a_talk(), {"text": "x"}, "", NOW)) == due


# The end.


async def test_the_last_answer_makes_the_report_due(asked: Person) -> None:
    assert causes((await asked.to_the_end()).did) == ["complete"]


async def test_who_comes_back_after_the_report_makes_no_second_one(asked: Person) -> None:
    await asked.to_the_end()
    asked.talk.file(Filed("aa", "complete", NOW.isoformat()))
    asked.talk.behind_the_gate()
    await asked.does({"intent": "resume"})
    await asked.picks("ready")
    assert causes(asked.did) == []


async def test_what_was_added_after_the_report_goes_after_it(engine: Engine, asked: Person) -> None:
    for adds, due in ((False, []), (True, ["more"])):
        talk = a_talk()
        talk.file(Filed("aa", "complete", NOW.isoformat()))
        if adds:
            talk.keep_words(ACCOUNT, NOW)
        async with wishing({"effect": "submit"}) as exchange:
            assert causes(await exchange(talk, {"choice": ["ready"]}, "", NOW)) == due
        assert talk.mode == "closed"


# Beside the questions.


async def test_after_the_end_a_question_is_answered_and_other_words_move_nothing(asked: Person) -> None:
    await asked.to_the_end()
    state = asked.talk.engine
    intent, did = await asked.exchange.beside(asked.talk, ACCOUNT, NOW)
    assert intent not in ASKED
    assert (did, asked.talk.engine, asked.words) == ([], state, [])
    intent, did = await asked.exchange.beside(asked.talk, "¿usted es una persona o una máquina?", NOW)
    assert (intent, keys(did)) == ("who_are_you", ["utter_machine_yes", "utter_what"])


async def test_after_the_end_danger_is_heard_and_its_words_go_along(asked: Person) -> None:
    await asked.to_the_end()
    intent, did = await asked.exchange.beside(asked.talk, "me va a matar, ayuda ya", NOW)
    assert intent == "danger_now"
    assert (keys(did)[:2], keys(did)[-1]) == (["danger_call", "danger_helpers"], "aside_danger")
    assert asked.words == ["me va a matar, ayuda ya"]
