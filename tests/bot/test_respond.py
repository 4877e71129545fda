"""With the real engine: what a message leads to, by its sign and by the mode of the conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels import Incoming
from bot.conversation import Kept
from tests.bot.somebody import Person, with_engine
from tests.engine import Engine


@pytest.fixture
async def person(engine: Engine) -> AsyncIterator[Person]:
    async with with_engine(engine) as one:
        yield one


async def done(person: Person) -> None:
    await person.reaches("N1")
    await person.says("5")


async def test_the_first_message_brings_the_safety_question(person: Person) -> None:
    assert await person.says("hola") == ["hello", "ask_safe"]
    assert person.told == []


async def test_words_before_the_questions_are_kept(person: Person) -> None:
    await person.says("trabajo sin pago en una finca")
    assert person.told == ["trabajo sin pago en una finca"]


async def test_whoever_blocked_us_or_said_stop_gets_no_word(person: Person) -> None:
    for kind in ("opted_out", "unreachable"):
        assert await person.sends(Incoming("1", "5", kind)) == ["leave silently"]


async def test_danger_comes_before_every_mode(person: Person) -> None:
    for mode in ("new", "open", "paused", "cover", "danger", "closed"):
        person.talk.mode = mode
        assert await person.says("auxilio, me pegan") == ["danger_call", "danger_helpers", "file danger"]
        assert person.talk.mode == "danger"
        assert person.told[-1] == "auxilio, me pegan"


async def test_self_harm_brings_words_of_its_own(person: Person) -> None:
    assert (await person.says("me quiero matar"))[0] == "danger_self"
    assert person.talk.urgent == ["self_harm"]


async def test_in_danger_everything_goes_out_as_it_comes(person: Person) -> None:
    await person.says("auxilio, me pegan")
    assert await person.says("calle 12, casa verde") == ["file more"]
    assert await person.sends(Incoming("1", "5", "location", "4.6,-74.1")) == ["file more"]
    assert person.talk.story[-1].kind == "location"
    assert await person.sends(Incoming("1", "5", "unsupported")) == ["unsupported"]


async def test_out_of_danger_by_the_word_or_by_a_button(person: Person) -> None:
    for back in (Incoming("1", "5", "text", "seguir"), Incoming("1", "5", "choice", choice="safe=ready")):
        await person.says("auxilio, me pegan")
        assert (await person.sends(back))[-1] == "ask_safe"
        assert person.talk.mode == "open"
    assert "seguir" not in person.told


async def test_after_a_silence_in_danger_more_goes_out_and_the_screen_tells_nothing_of_it(person: Person) -> None:
    await person.says("auxilio, me pegan")
    assert await person.says("ahora en el sótano", silent=True) == ["file more", "hello", "ask_safe"]


async def test_cover_lasts_until_the_word_or_a_silence(person: Person) -> None:
    await person.walks(["hola", "1"])
    assert await person.says("me miran") == ["cover_1"]
    assert await person.says("¿qué es esto?") == ["cover_2"]
    assert await person.says("pausa") == ["cover_3"]
    assert (await person.says("SEGUIR"))[-1] == "ask_safe"
    await person.says("me miran")
    assert (await person.says("hola", silent=True))[-1] == "ask_safe"
    assert person.told == []


async def test_after_ten_minutes_the_safety_question_comes_first_and_the_words_are_kept(person: Person) -> None:
    await person.reaches("Q2")
    assert await person.says("sí, le debo a don Aurelio", silent=True) == ["welcome_back", "ask_safe"]
    assert person.told == ["sí, le debo a don Aurelio"]
    assert (await person.says("1"))[-1] == "ask_Q2"


async def test_a_pause_is_left_through_the_safety_question(person: Person) -> None:
    await person.walks(["hola", "1"])
    assert await person.says("pausa") == ["later"]
    assert (await person.says("seguir"))[-1] == "ask_safe"
    assert (await person.says("1"))[-1] == "ask_age"


async def test_a_language_is_changed_in_the_middle(person: Person) -> None:
    await person.walks(["hola", "1"])
    assert await person.says("English") == ["language_changed", "ask_age"]
    assert person.talk.language == "en"


async def test_what_can_not_be_read_brings_the_open_question_again(person: Person) -> None:
    await person.walks(["hola", "1"])
    assert await person.sends(Incoming("1", "5", "unsupported")) == ["unsupported", "ask_age"]
    assert await person.sends(Incoming("1", "5", "text", "me equivoqué", edited=True)) == ["edited", "ask_age"]
    assert [(said.text, said.kind) for said in person.talk.story] == [("me equivoqué", "edited")]


async def test_a_place_or_a_picture_answers_only_where_own_words_are_asked_for(person: Person) -> None:
    place = Incoming("1", "5", "location", "4.6,-74.1")
    await person.reaches("consent")
    assert await person.sends(place) == ["place_ok", "ask_consent"]
    await person.reaches("story")
    assert await person.sends(place) == ["place_ok", "ask_N1"]
    assert person.talk.answers["story"].value == "given"


async def test_an_old_button_answers_nothing(person: Person) -> None:
    await person.walks(["hola", "1"])
    assert await person.sends(Incoming("1", "5", "choice", choice="safe=watched")) == ["ask_age"]


async def test_no_to_consent_discards_what_was_told_and_still_brings_numbers(person: Person) -> None:
    await person.walks(["trabajo sin pago en una finca", "1", "1", "3", "Colombia"])
    assert await person.says("4") == ["discard", "refused_consent", "numbers_intro", "delete"]
    assert person.told == []
    assert await person.says("mi patrón se llama Aurelio y vive en la finca grande") == ["numbers_intro"]
    assert await person.says("mi patrón se llama Aurelio", silent=True) == ["welcome_back", "ask_safe"]
    assert person.told == []
    assert person.talk.answers == {}


async def test_the_last_answer_files_one_complete_report(person: Person) -> None:
    await person.reaches("N1")
    assert await person.says("5") == ["file complete"]


async def test_what_is_added_after_the_report_goes_to_the_officers(person: Person) -> None:
    await done(person)
    assert await person.says("se me olvidó decir que hay un perro en el patio") == ["file more"]
    person.talk.attachments.append(Kept(1, "image/jpeg", "jpg", 5, "", True))
    assert await person.sends(Incoming("1", "5", "media")) == ["file more"]


async def test_after_the_report_a_greeting_or_a_tap_files_nothing(person: Person) -> None:
    await done(person)
    for nothing in (Incoming("1", "5", "text", "hola"), Incoming("1", "5", "text", "seguir"),
                    Incoming("1", "5", "start"), Incoming("1", "5", "choice", choice="N1=out")):  # fmt: skip
        assert await person.sends(nothing) == ["after"]
    assert await person.says("gracias") == ["thanks"]
    assert await person.says("¿cuánto cuesta?") == ["cost"]


async def test_who_comes_back_after_the_report_passes_the_safety_question_and_adds_to_it(person: Person) -> None:
    await done(person)
    assert await person.says("vi otra vez el carro azul", silent=True) == ["welcome_back", "ask_safe"]
    assert await person.says("1") == ["file more"]
    assert await person.says("hola", silent=True) == ["welcome_back", "ask_safe"]
    assert await person.says("1") == ["after"]


async def test_taking_it_back_is_one_word_in_every_mode_that_talks(person: Person) -> None:
    await person.reaches("Q2")
    assert await person.says("RETIRAR") == ["withdraw", "withdraw_done", "leave exit"]
    await person.walks(["hola"])


@pytest.mark.parametrize("mode", ["new", "open", "paused", "danger", "closed", "cover"])
async def test_E18_the_word_that_takes_back_acts_in_every_state(person: Person, mode: str) -> None:
    person.talk.mode = mode
    said = [] if mode == "cover" else ["withdraw_done"]
    assert await person.says("retirar") == ["withdraw", *said, "leave exit"]


# A person to talk to, from everywhere.

ASKS = "quiero hablar con una persona"


@pytest.mark.parametrize("before", [
    [], ["hola"], ["hola", "1"], ["hola", "1", "pausa"], ["auxilio, me pegan"], ["hola", "1", "1", "3", "1", "4"],
])  # fmt: skip
async def test_E03_numbers_are_one_message_away_from_every_state(person: Person, before: list[str]) -> None:
    await person.walks(before)
    assert "human" in await person.says(ASKS)
    assert "123" in person.shown


async def test_E03_after_a_silence_too(person: Person) -> None:
    await person.reaches("Q2")
    assert await person.says(ASKS, silent=True) == ["welcome_back", "human", "ask_safe"]
    assert "123" in person.shown


async def test_before_it_is_safe_only_the_emergency_line_is_shown_and_first_words_stay_bland(person: Person) -> None:
    assert await person.says(ASKS) == ["hello", "human", "ask_safe"]
    assert "COAT" not in person.shown
    assert await person.says(ASKS) == ["human", "ask_safe"]
    assert "COAT" not in person.shown


async def test_cover_stays_bland_whoever_is_asked_for(person: Person) -> None:
    await person.walks(["hola", "1", "me miran"])
    assert await person.says(ASKS) == ["cover_2"]


async def test_the_country_that_is_named_counts(person: Person) -> None:
    await person.reaches("Q2")
    assert (await person.says("¿qué número hay para llamar en España?"))[0] in {"human", "numbers_intro"}
    assert "112" in person.shown


# Minors.


async def test_E29_a_minor_is_shown_the_lines_for_children_once(person: Person) -> None:
    await person.reaches("country", age="2")
    assert (await person.says("Colombia"))[0] == "numbers_children"
    assert ": 141" in person.shown
    assert "numbers_children" not in await person.says("1")


async def test_an_adult_is_not_shown_the_lines_for_children(person: Person) -> None:
    await person.reaches("country")
    assert "numbers_children" not in await person.says("Colombia")
