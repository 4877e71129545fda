"""SAFETY.md E01 to E14: nothing is told to whoever looks over a shoulder, and help is one message away."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.channels import Incoming
from bot.effects import Leave
from bot.questions import FILE as QUESTIONS
from storage import queue, retention
from tests import test_promises as promises
from tests.behaviours.states import CRY, GREETINGS, NAMED, States, everything, messages, visiting
from tests.bot.somebody import NOW
from tests.engine import Engine
from tests.house import House
from tests.nlu.wording import CHANNELS, LANGUAGES, PREVIEW, found, heard_on, plain, read, safety, say, shown, texts
from tests.promises import ROOT, TO_CONSENT, tell

# Asking for a person means something else here: travel talk, the secret word, an answer to what would help, the own
# words of a contact plan. A cry is heard in all of them.
ELSEWHERE = {"cover", "reentry", "N1", "N2_how", "N2_when", "N2_words", "N2_other"}
AGENCIES = re.compile(r"\b(coat|icbf|interpol|fiscal|ministeri|prosecut|parquet|migraci|polic)", re.IGNORECASE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", CHANNELS)
async def test_E01_the_first_message_reveals_nothing_and_names_no_agency(
    engine: Engine, language: str, channel: str
) -> None:
    async with visiting(engine, language, channel) as person:
        assert await person.says(GREETINGS[language]) == ["hello", "ask_safe"]
        assert found(language, "revealing", everything(person)) == []
        assert AGENCIES.findall(plain(everything(person))) == []


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E02_the_safety_question_comes_first_and_again_after_a_silence_in_every_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        for state in states[language]:
            person.talk = state.talking()
            names = await person.says(GREETINGS[language], silent=state.name != "new")
            assert names[-1] == "ask_safe", state.name
            assert [name for name in names if name.startswith(("ask_", "aside_"))] == ["ask_safe"], state.name


async def test_E02_a_silence_is_more_than_ten_minutes(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, ["hola", "1"])
    house.clock.ahead = timedelta(minutes=9)
    await tell(house, phone, ["1"])
    assert "¿dónde está usted" in phone.seen[-1].text
    house.clock.ahead = timedelta(minutes=20)
    await tell(house, phone, ["3"])
    assert "con calma y en privado" in phone.seen[-1].text


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E03_a_cry_brings_the_emergency_number_first_in_every_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        for state in states[language]:
            person.talk = state.talking()
            names = await person.says(CRY[language])
            assert (names[0], names[-1]) == ("danger_call", "file danger"), state.name
            number = "112" if state.talking().slots.get("country") == "ES" else "123"
            assert number in messages(person)[0].text, state.name
            assert "?" not in everything(person), state.name


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E03_asking_for_a_person_brings_a_number_in_every_other_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        for state in states[language]:
            if state.name in ELSEWHERE:
                continue
            person.talk = state.talking()
            await person.says(NAMED[language])
            assert re.search(r": \d{2,}", everything(person)), state.name


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E04_somebody_who_watches_sees_travel_talk_at_once_in_every_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    async with visiting(engine, language) as person:
        for state in states[language]:
            for silent in (False, True):
                person.talk, before = state.talking(), state.talking()
                (name,) = await person.says(safety(language)["watched"][0], silent=silent)
                (said,) = messages(person)
                assert re.fullmatch(r"cover_[1-4]", name), state.name
                assert (said.buttons, "?" in said.text, found(language, "revealing", said.text)) == ((), False, [])
                assert person.talk.mode == "cover"
                assert (person.talk.answers, person.talk.slots) == (before.answers, before.slots), state.name


async def test_E04_the_cover_lasts_until_the_person_ends_it(engine: Engine, states: Mapping[str, States]) -> None:
    async with visiting(engine, "es") as person:
        person.talk = states["es"]["cover"].talking()
        for line in ("qué tal el clima", "1", "reporte", "¿quién es usted?"):
            (name,) = await person.says(line)
            assert name.startswith("cover_"), line
        assert (await person.says("seguir"))[-1] == "ask_safe"
        assert await person.says("1") == ["ask_Q3"]


def _exit_words() -> list[str]:
    words = {str(word) for language in LANGUAGES for word in safety(language)["exit"]}
    return sorted(words)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E05_exit_words_of_all_languages_work_in_every_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    words = _exit_words()
    assert len(words) >= 60
    assert {"SALIR", "EXIT", "SAIR", "SORTIR", "SOTI", "0", "X", "99", "BORRAR"} <= set(words)
    async with visiting(engine, language) as person:
        for state in states[language]:
            for word in words:
                effects = await person.respond(state.talking(), Incoming("1", "5", "text", word), False, NOW)
                assert [type(effect) for effect in effects] == [Leave], (state.name, word)


async def test_E05_exit_words_work_in_any_dress_after_any_silence_in_every_state(
    engine: Engine, states: Mapping[str, States]
) -> None:
    dresses = [
        form for word in ("SALIR", "exit", "Soti", "0", "99") for form in (word.lower(), f" {word}. ", f"¡{word}!")
    ]
    dresses += ["sálir", "Sàir", "ＳＡＬＩＲ", "🙏 exit 🙏"]
    async with visiting(engine, "es") as person:
        for state in states["es"]:
            for word in dresses:
                incoming = Incoming("1", "5", "text", word)
                (effect,) = await person.respond(state.talking(), incoming, True, NOW)
                assert isinstance(effect, Leave), (state.name, word)


async def test_E05_an_exit_word_works_while_no_engine_runs(house: House) -> None:
    await promises.test_S8_an_exit_word_works_while_the_engine_is_away(house)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E06_after_an_exit_one_bland_line_and_then_nothing_of_before(house: House, language: str) -> None:
    for channel in ("telegram", "whatsapp", "sms", "web"):
        phone = await house.phone(channel, language)
        await tell(house, phone, [GREETINGS[language], "1", "1"])
        before = len(phone.seen)
        await tell(house, phone, ["EXIT"])
        (last,) = phone.seen[before:]
        assert found(language, "revealing", last.text) == []
        assert last.buttons == ()
        house.clock.ahead += timedelta(hours=1)
        await house.quiet()
        assert len(phone.seen) == before + 1
        await tell(house, phone, [GREETINGS[language]])
        again = phone.seen[before + 1 :]  # as somebody new
        assert again
        assert found(language, "revealing", " ".join(seen.text for seen in again)) == []


async def test_E07_nothing_is_ever_written_first(house: House) -> None:
    await promises.test_S4_faro_never_writes_first(house)


def test_E07_only_an_answer_to_a_message_puts_anything_into_the_outbox() -> None:
    calls = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "hand" and getattr(node.value, "id", "") == "outbox"
    }
    assert calls == {"bot/turn.py"}


async def test_E08_after_fifteen_idle_minutes_nothing_is_asked_and_the_gate_stands_again(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, TO_CONSENT)
    before = len(phone.seen)
    for minutes in (11, 16, 60):
        house.clock.ahead = timedelta(minutes=minutes)
        async with house.service.database.begin() as tx:
            await queue.sweep(tx, house.clock())
        await house.quiet()
        assert len(phone.seen) == before
    await tell(house, phone, ["2"])
    assert "con calma y en privado" in phone.seen[-1].text


async def test_E08_after_a_day_nothing_of_a_conversation_is_left(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, ["hola", "1"])
    before = len(phone.seen)
    house.clock.ahead = timedelta(hours=25)
    await retention.run(house.service.database, house.service.keys, house.clock())
    assert await house.count("conversations") == 0
    await tell(house, phone, ["hola"])
    assert "gracias por escribir" in phone.seen[before].text
    assert len(phone.seen) == before + 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_E09_the_first_40_characters_of_every_template_are_bland(language: str) -> None:
    previews = {name: found(language, "revealing", text[:PREVIEW]) for name, text in shown(language)}
    assert len(previews) > 200
    assert {name: held for name, held in previews.items() if held} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_E09_so_are_those_of_every_message_of_whole_conversations(states: Mapping[str, States], language: str) -> None:
    """As they are put together: numbers of the directory, the count of what is left."""
    said = states[language].said
    assert len(said) > 100
    assert [one.text[:PREVIEW] for one in said if found(language, "revealing", one.text[:PREVIEW])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_E10_no_text_holds_a_link_that_would_be_previewed(language: str) -> None:
    assert [name for name, text in texts(language) if re.search(r"https?:|www\.|\w\.(com|org|net|co|me)\b", text)] == []
    sending = (ROOT / "bot" / "channels" / "telegram.py").read_text(encoding="utf-8")
    assert "LinkPreviewOptions(is_disabled=True)" in sending


@pytest.mark.parametrize("language", LANGUAGES)
def test_E12_it_tells_how_to_delete_this_chat_alone_and_that_wiping_all_may_draw_attention(language: str) -> None:
    alone, attention = {
        "es": ("solo est", "llamar la atencion"), "en": ("only this", "attention"), "pt": ("so est", "atencao"),
        "fr": ("seulement c", "attirer l'attention"), "ht": ("selman", "poze kesyon"),
    }[language]  # fmt: skip
    messages_ = say(language)["messages"]
    for channel in ("telegram", "whatsapp", "sms", "web"):
        text = plain(messages_[f"delete_{channel}"])
        assert attention in text, channel
        assert alone in text or channel == "web", channel


async def test_E13_telegram_and_the_page_are_wiped_on_both_sides_and_the_others_say_that_they_can_not(
    house: House,
) -> None:
    for channel in ("telegram", "web"):
        phone = await house.phone(channel)
        await tell(house, phone, ["hola", "1", "SALIR"])
        assert phone.screen == ["Listo. Que tenga un buen viaje."], channel
    assert {name: channel.erases for name, channel in house.service.channels.on.items()} == {
        "telegram": True, "whatsapp": False, "sms": False, "web": True,
    }  # fmt: skip
    can_not = {"es": "no puedo borrar nada", "en": "can't erase", "pt": "nao consigo apagar",
               "fr": "ne peux rien effacer", "ht": "pa ka efase"}  # fmt: skip
    for language, words in can_not.items():
        for channel in ("whatsapp", "sms"):
            said = plain(dict(heard_on(language, channel))["delete"]).replace("cannot", "can't")
            assert words in said, (language, channel)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E14_by_sms_it_says_before_consent_who_reads_along_and_asks_for_less(
    engine: Engine, language: str
) -> None:
    operator = {"es": "operador", "en": "phone company", "pt": "operadora", "fr": "operateur", "ht": "konpayi"}
    async with visiting(engine, language, "sms") as person:
        names = await person.says(GREETINGS[language])
        names += await person.taps("safe=ready")
        readers = next(one.text for one in messages(person) if one.key == "utter_readers")
        assert operator[language] in plain(readers)
        assert "Twilio" in readers
        assert "ask_consent" not in names
    asked = say(language)["questions"]
    assert len(asked["story"]["sms"]) < len(asked["story"]["ask"])
    detail = next(question for question in read(QUESTIONS)["questions"] if question["id"] == "Q6_what")
    assert "sms" not in detail["when"]["channel"]
