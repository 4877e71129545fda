"""Asides with the real engine: what brings one, what answers it, and what is never answered by it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.asides import CALM, DANGER, LANGUAGE, MEANT, OPTIONS, PREFIX, chosen, put
from bot.channels import Incoming
from bot.conversation import Aside, Talk
from bot.effects import File
from bot.routing import LIFE
from bot.safety import PATTERNS, Safety, Sign
from tests.bot.somebody import NOW, TEXTS, Person, meeting, with_engine
from tests.engine import Engine

GUESSED = "ese señor viene ahora mismo por mí con dos tipos para subirme a la fuerza en el camión"
WIDE = "aquí hay un arma y sangre en el piso"


@pytest.fixture
async def person(engine: Engine) -> AsyncIterator[Person]:
    async with with_engine(engine) as one:
        yield one


def standing(name: str, language: str = "es", channel: str = "telegram") -> Talk:
    talk = Talk.begin(channel, Incoming("1", "5", "text"), language, NOW)
    put(TEXTS, talk, Aside(name))
    return talk


@pytest.mark.parametrize("language", TEXTS.say)
@pytest.mark.parametrize("name", OPTIONS)
def test_every_aside_is_asked_in_every_language_with_its_buttons(name: str, language: str) -> None:
    talk = standing(name, language)
    assert [code for code, _ in talk.offered] == list(OPTIONS[name])
    assert all(0 < len(title) <= 20 for _, title in talk.offered)
    assert talk.aside == Aside(name)
    assert len(OPTIONS) == 2
    assert set(MEANT) == {*OPTIONS, LANGUAGE}
    assert all(set(MEANT[aside].values()) == set(codes) for aside, codes in OPTIONS.items())


def test_a_tap_a_number_or_a_title_answers_it() -> None:
    talk = standing(CALM)
    for incoming in (Incoming("1", "5", "choice", choice="aside:calm=pause"), Incoming("1", "5", "text", "3"),
                     Incoming("1", "5", "text", talk.offered[2][1].upper())):  # fmt: skip
        assert chosen(talk, Aside(CALM), incoming) == "pause"


@pytest.mark.parametrize("incoming", [
    Incoming("1", "5", "choice", choice="aside:danger=yes"), Incoming("1", "5", "choice", choice="Q2=yes"),
    Incoming("1", "5", "choice", choice="aside:calm=yes"), Incoming("1", "5", "text", "7"),
    Incoming("1", "5", "text", "me llamo Ana"), Incoming("1", "5", "location", "4.6,-74.1"),
    Incoming("1", "5", "text", "3", edited=True),
])  # fmt: skip
def test_whatever_else_is_said_is_no_answer(incoming: Incoming) -> None:
    assert chosen(standing(CALM), Aside(CALM), incoming) is None


# Danger that is not unmistakable.


def listless(person: Person) -> None:
    """Nothing is found by the lists any more, so that only the model can hear it."""
    bare = {code: {**words, **{key: [] for key in PATTERNS}} for code, words in TEXTS.safety.items()}
    person.respond = replace(person.respond, safety=Safety.of(bare))


async def test_danger_that_the_model_alone_hears_brings_numbers_and_one_question(person: Person) -> None:
    listless(person)
    await person.reaches("Q2")
    said = await person.says(GUESSED)
    assert (said[:2], said[-1]) == (["danger_call", "danger_helpers"], "aside_danger")
    assert set(said[2:-1]) <= {"file urgent"}  # where the model is sure
    assert (person.talk.mode, person.told) == ("open", [GUESSED])


async def test_the_wide_list_asks_too_and_in_the_first_message(person: Person) -> None:
    assert person.respond.safety.look(WIDE) is Sign.PERHAPS
    assert await person.says(WIDE) == ["danger_call", "danger_helpers", "aside_danger"]
    assert await person.says("no") == ["confirm_no", "hello", "ask_safe"]
    assert person.told == [WIDE]


async def test_the_model_hears_danger_in_a_first_message_that_no_list_knows(person: Person) -> None:
    listless(person)
    assert (await person.says(GUESSED))[-1] == "aside_danger"


@pytest.mark.parametrize("yes", ["1", "Sí", "sí es ahora, está en la puerta", "me está pegando"])
async def test_yes_however_it_is_said_is_danger(person: Person, yes: str) -> None:
    await person.reaches("Q2")
    await person.says(GUESSED)
    assert await person.says(yes) == ["danger_call", "danger_helpers", "file danger"]
    assert (person.talk.mode, person.talk.urgent) == ("danger", ["danger_now"])
    assert person.told[0] == GUESSED


async def test_a_tap_on_yes_is_danger_and_a_second_tap_only_shows_the_numbers_again(person: Person) -> None:
    await person.reaches("Q2")
    await person.says(GUESSED)
    assert (await person.taps(f"{PREFIX}{DANGER}=yes"))[-1] == "file danger"
    assert await person.taps(f"{PREFIX}{DANGER}=yes") == ["danger_call"]
    assert person.talk.mode == "danger"


@pytest.mark.parametrize("no", ["2", "No", "no, fue hace un mes"])
async def test_no_goes_on_with_the_question_that_stood(person: Person, no: str) -> None:
    await person.reaches("Q2")
    await person.says(GUESSED)
    assert await person.says(no) == ["confirm_no", "ask_Q2"]
    assert (person.talk.urgent, person.talk.aside) == ([], None)


async def test_another_message_is_an_ordinary_one_and_never_a_loop(person: Person) -> None:
    await person.reaches("Q2")
    await person.says(GUESSED)
    assert (await person.says("¿cuánto cuesta esto?")) == ["cost", "ask_Q2"]
    assert person.talk.aside is None
    assert (await person.says("1"))[-1] == "ask_Q3"


async def test_exit_watched_and_danger_words_act_while_an_aside_stands(person: Person) -> None:
    for said, done in (("me miran", "cover_1"), ("auxilio, me pegan", "danger_call"), ("SALIR", "leave exit")):
        person.talk.mode = "open"
        await person.says(WIDE)
        assert (await person.says(said))[0] == done
        assert person.talk.aside is None


async def test_a_silence_clears_the_aside(person: Person) -> None:
    await person.reaches("Q2")
    await person.says(GUESSED)
    assert await person.says("1", silent=True) == ["welcome_back", "ask_safe"]
    assert person.talk.aside is None
    assert set(person.talk.urgent) <= {"danger_unconfirmed"}


async def test_self_harm_that_the_model_alone_hears_has_its_own_words(person: Person) -> None:
    await person.reaches("Q2")
    effects = person.respond.exchange.perhaps(person.talk, Sign.SELF_HARM, "ya no le veo sentido", NOW)
    assert len(effects) == 2
    assert await person.says("1") == ["danger_self", "danger_helpers", "file danger"]
    assert person.talk.urgent == ["self_harm"]


@pytest.mark.parametrize(("answer", "told"), [("no", []), ("sí", [WIDE, "sí"])])
async def test_without_consent_the_words_are_kept_only_if_it_is_danger(
    person: Person, answer: str, told: list[str]
) -> None:
    await person.reaches("consent")
    await person.says("4")
    assert person.talk.mode == "closed"
    assert (await person.says(WIDE))[-1] == "aside_danger"
    assert person.told == []
    await person.says(answer)
    assert person.told == told


async def test_cover_stays_cover_whatever_the_wide_list_hears(person: Person) -> None:
    await person.walks(["hola", "1", "me miran"])
    assert await person.says(WIDE) == ["cover_2"]


async def test_after_the_report_a_no_adds_the_words_to_it(person: Person) -> None:
    await person.reaches("N1")
    await person.says("5")
    assert (await person.says(WIDE))[-1] == "aside_danger"
    assert await person.says("no") == ["confirm_no"]
    assert await person.says("eso era todo lo que quería contarles de esa casa") == ["file more"]


# Distress.

TEARS = "no puedo parar de llorar"


async def test_E27_distress_slows_down_offers_a_person_and_asks_nothing_until_it_is_chosen(person: Person) -> None:
    await person.reaches("Q5")
    assert person.respond.safety.look(TEARS) is Sign.DISTRESS
    assert await person.says(TEARS) == ["distress", "aside_calm"]
    assert (person.talk.flags, person.told) == (["distress"], [TEARS])
    assert await person.says("es que me acuerdo de mi hermana y de la casa de allá") == ["aside_calm"]
    assert await person.says("2") == ["human", "aside_calm"]
    assert await person.says("1") == ["ask_Q5"]


async def test_who_chooses_a_pause_gets_it(person: Person) -> None:
    await person.reaches("Q5")
    await person.says(TEARS)
    assert await person.taps(f"{PREFIX}{CALM}=pause") == ["later"]
    assert person.talk.mode == "paused"


async def test_who_goes_on_telling_is_not_asked_for_ever(person: Person) -> None:
    await person.reaches("Q5")
    await person.says(TEARS)
    assert await person.says("¿cuánto cuesta esto?") == ["cost", "aside_calm"]
    assert (await person.says("¿cuánto cuesta esto?"))[-1] == "ask_Q5"


async def test_before_it_is_safe_the_safety_question_comes_first_and_the_officers_are_told(person: Person) -> None:
    assert (await person.says(TEARS)) == ["hello", "ask_safe"]
    assert person.talk.flags == ["distress"]


async def test_without_an_engine_danger_and_withdrawal_still_act() -> None:
    async with meeting("http://127.0.0.1:9", "x") as person:
        assert (await person.says("auxilio, me pegan"))[-1] == "file danger"
        assert await person.says("calle 12") == ["file more"]
        assert await person.says(WIDE) == ["file more"]
        assert await person.says("RETIRAR") == ["withdraw", "withdraw_done", "leave exit"]


@pytest.mark.parametrize(("answer", "left"), [("2", []), ("1", [Sign.DANGER])])
async def test_officers_hear_of_a_sure_guess_before_the_answer_and_of_the_answer_then(
    person: Person, answer: str, left: list[str]
) -> None:
    """Whoever agreed to a report may not be able to answer. No life is known to be in danger yet: it goes no further
    than what was agreed."""
    await person.reaches("Q2")
    effects = person.respond.exchange.perhaps(person.talk, Sign.DANGER, GUESSED, NOW, tells=True)
    assert effects[-2] == File("urgent")
    assert person.talk.urgent == ["danger_unconfirmed"]
    assert not LIFE & set(person.talk.urgent)
    await person.says(answer)
    assert person.talk.urgent == left


async def test_what_sounded_like_danger_and_was_none_may_be_the_answer(person: Person) -> None:
    await person.reaches("Q2")
    await person.says("sí, y hay un candado en la puerta")
    assert person.talk.aside
    assert await person.says("no") == ["confirm_no", "ask_Q3"]
    assert person.talk.answers["Q2"].value == "yes"
    assert person.talk.answers["Q2"].words == ("sí, y hay un candado en la puerta",)
