"""SAFETY.md E15 to E22: what is agreed to is known beforehand, and nothing is said that may not be true."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from bot.effects import Leave, Withdraw
from storage import audit
from tests.behaviours.states import States, everything, visiting
from tests.engine import Engine
from tests.house import House
from tests.nlu.test_plainness import CONSENT, bare, plainness
from tests.nlu.wording import LANGUAGES, hits, offered, plain, safety, say
from tests.promises import TO_CONSENT, WHOLE, shown, tell

SIXTH_YEAR = {"es": 75, "fr": 75, "pt": 60, "en": -8, "ht": -35}  # see tests/nlu/test_plainness.py


@pytest.mark.parametrize("language", LANGUAGES)
def test_E15_three_short_plain_messages_say_who_how_long_how_to_withdraw_and_the_two_exceptions(
    states: Mapping[str, States], language: str
) -> None:
    keys = [one.key.removeprefix("utter_") for one in states[language].said]
    place = keys.index("ask_consent")
    assert keys[place - 3 : place] == list(CONSENT)
    told = [say(language)["messages"][key] for key in CONSENT]
    assert max(map(len, told)) <= 300
    assert plainness(language, " ".join(map(bare, told))) >= SIXTH_YEAR[language]
    back = {"es": "RETIRAR", "en": "WITHDRAW", "pt": "RETIRAR", "fr": "RETIRER", "ht": "RETIRE"}
    assert "ICBF" in told[0]
    assert "24" in told[1]
    assert back[language] in told[1]
    life, child = {"es": ("vida", "niñ"), "en": ("life", "child"), "pt": ("vida", "criança"), "fr": ("vie", "enfant"),
                   "ht": ("vi", "timoun")}[language]  # fmt: skip
    assert life in told[2]
    assert child in told[2]


@pytest.mark.parametrize("choice", ["anonymous", "confidential", "share", "none"])
async def test_E16_what_was_agreed_to_stands_in_the_report_as_data(house: House, choice: str) -> None:
    assert set(offered()["consent"]) == {"none", "anonymous", "confidential", "share"}
    phone = await house.phone("telegram")
    number = offered()["consent"].index(choice) + 1
    agencies = ["Fiscalía", "eso es todo"] if choice == "share" else []
    await tell(house, phone, [*TO_CONSENT, str(number), *agencies, *([] if choice == "none" else ["auxilio me pegan"])])
    bodies = await house.bodies("coat")
    if choice == "none":
        assert bodies == []
        return
    consent = bodies[0]["consent"]
    assert consent["level"] == choice
    assert consent["units"] == (["prosecution"] if choice == "share" else [])
    assert consent["at"]
    assert consent["language"] == "es"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E17_whoever_agrees_to_nothing_gets_numbers_and_answers_all_the_same(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    said = [one for one in states[language].said if one.key == "refused_consent"]
    assert said
    async with visiting(engine, language) as person:
        person.talk = states[language]["consent"].talking()
        names = await person.taps("consent=none")
        assert names[:3] == ["discard", "refused_consent", "numbers_intro"]
        assert "123" in everything(person)
        asked = {"es": "qué derechos tengo", "en": "what are my rights", "pt": "quais são meus direitos",
                 "fr": "quels sont mes droits", "ht": "ki dwa mwen genyen"}[language]  # fmt: skip
        assert "rights" in await person.says(asked)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E18_one_word_withdraws_in_every_state(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    words = [str(word) for code in LANGUAGES for word in safety(code)["withdraw"][:1]]
    async with visiting(engine, language) as person:
        for state in states[language]:
            for word in words:
                person.talk = state.talking()
                await person.says(word)
                assert isinstance(person.did[0], Withdraw), (state.name, word)
                assert isinstance(person.did[-1], Leave), (state.name, word)


async def test_E18_a_withdrawn_report_is_closed_and_the_audit_chain_says_so(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, WHOLE)
    assert len(await house.reports("coat")) == 1
    await tell(house, phone, ["retirar"])
    assert await house.reports("coat") == []
    async with house.service.database.begin() as tx:
        rows = await audit.rows(tx)
    assert [row for row in rows if b"withdrawn" in row.body]
    assert await house.count("conversations") == 0
    assert len(phone.screen) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E19_it_says_that_it_is_a_machine_at_the_start_and_whenever_asked(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    automatic = {"es": "automatico", "en": "automatic", "pt": "automatico", "fr": "automatique", "ht": "otomatik"}
    assert automatic[language] in plain(say(language)["messages"]["hello"])
    keys = [one.key.removeprefix("utter_") for one in states[language].said]
    assert keys.index("machine") < keys.index("ask_consent")
    asked = {"es": "¿es usted una persona o un robot?", "en": "are you a real person or a robot?",
             "pt": "você é uma pessoa ou um robô?", "fr": "vous êtes une personne ou un robot ?",
             "ht": "ou se yon moun oswa yon robo?"}[language]  # fmt: skip
    async with visiting(engine, language) as person:
        for name in ("Q3", "consent", "closed"):
            person.talk = states[language][name].talking()
            assert "machine_yes" in await person.says(asked), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_E20_no_template_promises_anything(language: str) -> None:
    assert hits(language, "promises") == {}


@pytest.mark.parametrize("language", LANGUAGES)
async def test_E21_it_costs_nothing_and_immediate_help_needs_no_complaint(
    engine: Engine, states: Mapping[str, States], language: str
) -> None:
    complaint = {"es": "denuncia", "en": "complaint", "pt": "denuncia", "fr": "plainte", "ht": "plent"}[language]
    for key in ("rights", "next_steps"):
        assert complaint in plain(say(language)["messages"][key]), key
        assert "colomb" in plain(say(language)["messages"][key]).replace("kolonbi", "colombi"), key
    asked = {"es": "cuánto cuesta esto", "en": "how much does this cost", "pt": "quanto custa isso",
             "fr": "combien ça coûte", "ht": "konbyen sa koute"}[language]  # fmt: skip
    async with visiting(engine, language) as person:
        person.talk = states[language]["Q3"].talking()
        assert "cost" in await person.says(asked)
        assert re.search(
            r"no cuesta nada|costs nothing|free|nao custa|coute rien|pa koute|gratis", plain(everything(person))
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_E22_nothing_judges_blames_or_presses(language: str) -> None:
    assert hits(language, "pressure") == {}


async def test_E22_nobody_is_pressed_who_says_no_to_everything(house: House) -> None:
    phone = await house.phone("telegram")
    await tell(house, phone, [*TO_CONSENT, "4", "no", "no quiero", "no"])
    assert not re.search(r"debe|tiene que|por qué|necesita", shown(phone))
