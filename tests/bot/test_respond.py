"""With the real engine: what a message leads to, by its sign and by the mode of the conversation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from bot.channels import Incoming
from bot.conduct import Conduct
from bot.conversation import Filed, Kept, Talk
from bot.dialogue import Engine as EngineClient
from bot.directory import Directory
from bot.effects import Discard, Effect, File, Leave, Say
from bot.exchange import Exchange
from bot.questions import shipped
from bot.respond import Respond
from bot.safety import Safety
from bot.texts import Texts
from tests.engine import Engine

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXTS = Texts.load()
TO_CONSENT = ["hola", "1", "1", "3", "1"]
TO_STORY = [*TO_CONSENT, "1", "2", "2", "2", "2", "2", "4", "2", "10"]
DONE = [*TO_STORY, "saltar", "5"]


@dataclass
class Person:
    """Somebody in a conversation; every call is one message, and tells what is to be done, by name."""

    respond: Respond
    talk: Talk

    async def says(self, text: str, *, silent: bool = False) -> list[str]:
        return await self.sends(Incoming("1", "5", "text", text), silent=silent)

    async def sends(self, incoming: Incoming, *, silent: bool = False) -> list[str]:
        effects = await self.respond(self.talk, incoming, silent, NOW)
        for effect in effects:
            self._happened(effect)
        return [named(effect) for effect in effects]

    async def walks(self, lines: Sequence[str]) -> Person:
        for line in lines:
            await self.says(line)
        return self

    def _happened(self, effect: Effect) -> None:
        """As the turn would: a report is filed, and closes the conversation when it is complete."""
        if isinstance(effect, File):
            self.talk.file(Filed("00", effect.cause, ""))
            self.talk.mode = "closed" if effect.cause == "complete" else self.talk.mode
        if isinstance(effect, Discard):
            self.talk.discard()

    @property
    def told(self) -> list[str]:
        return [said.text for said in self.talk.story]


def named(effect: Effect) -> str:
    match effect:
        case Say(message):
            return message.key.removeprefix("utter_")
        case File(cause):
            return f"file {cause}"
        case Leave(word):
            return f"leave {word.key if word else 'silently'}"
    return type(effect).__name__.lower()


@pytest.fixture
async def person(engine: Engine) -> AsyncIterator[Person]:
    conduct = Conduct(TEXTS, Directory.load(today=NOW.date(), allow_unchecked=True), practice=False)
    async with EngineClient((engine.url,), engine.token) as client:
        exchange = Exchange(client, conduct, shipped())
        respond = Respond(exchange, Safety.of(TEXTS.safety), conduct, shipped())
        yield Person(respond, Talk.begin("telegram", Incoming("1", "5", "text"), "es", NOW))


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
    await person.walks([*TO_CONSENT, "1"])
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
    await person.walks(TO_CONSENT)
    assert await person.sends(place) == ["place_ok", "ask_consent"]
    await person.walks(TO_STORY[5:])
    assert await person.sends(place) == ["place_ok", "ask_N1"]
    assert person.talk.answers["story"].value == "given"


async def test_an_old_button_answers_nothing(person: Person) -> None:
    await person.walks(["hola", "1"])
    assert await person.sends(Incoming("1", "5", "choice", choice="safe=watched")) == ["ask_age"]


async def test_no_to_consent_discards_what_was_told_and_still_brings_numbers(person: Person) -> None:
    await person.walks(["trabajo sin pago en una finca", *TO_CONSENT[1:]])
    assert await person.says("4") == ["discard", "refused_consent", "numbers_intro", "delete"]
    assert person.told == []
    assert await person.says("mi patrón se llama Aurelio y vive en la finca grande") == ["numbers_intro"]
    assert await person.says("mi patrón se llama Aurelio", silent=True) == ["welcome_back", "ask_safe"]
    assert person.told == []
    assert person.talk.answers == {}


async def test_the_last_answer_files_one_complete_report(person: Person) -> None:
    await person.walks(DONE[:-1])
    assert await person.says(DONE[-1]) == ["file complete"]


async def test_what_is_added_after_the_report_goes_to_the_officers(person: Person) -> None:
    await person.walks(DONE)
    assert await person.says("se me olvidó decir que hay un perro en el patio") == ["file more"]
    person.talk.attachments.append(Kept(1, "image/jpeg", "jpg", 5, "", True))
    assert await person.sends(Incoming("1", "5", "media")) == ["file more"]


async def test_after_the_report_a_greeting_or_a_tap_files_nothing(person: Person) -> None:
    await person.walks(DONE)
    for nothing in (Incoming("1", "5", "text", "hola"), Incoming("1", "5", "text", "seguir"),
                    Incoming("1", "5", "start"), Incoming("1", "5", "choice", choice="N1=out")):  # fmt: skip
        assert await person.sends(nothing) == ["after"]
    assert await person.says("gracias") == ["thanks"]
    assert await person.says("¿cuánto cuesta?") == ["cost"]


async def test_who_comes_back_after_the_report_passes_the_safety_question_and_adds_to_it(person: Person) -> None:
    await person.walks(DONE)
    assert await person.says("vi otra vez el carro azul", silent=True) == ["welcome_back", "ask_safe"]
    assert await person.says("1") == ["file more"]
    assert await person.says("hola", silent=True) == ["welcome_back", "ask_safe"]
    assert await person.says("1") == ["after"]


async def test_taking_it_back_is_one_word_in_every_mode_that_talks(person: Person) -> None:
    await person.walks([*TO_CONSENT, "1"])
    assert await person.says("RETIRAR") == ["withdraw", "withdraw_done", "leave exit"]
    await person.walks(["hola"])
