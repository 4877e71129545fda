"""The note that an officer reads."""

from __future__ import annotations

import dataclasses
import json

import pytest
import yaml

from bot.draft import Said
from bot.indicators import QUESTIONS, shipped
from bot.report import FLAGS, Report, build
from bot.report_text import Words, harmless, languages
from tests.bot import drafts
from tests.bot.drafts import AT, BOUND, DANGER, EXPLOITED, SHARING, TRAVELLING_MINOR, answer


@pytest.mark.parametrize("language", languages())
def test_every_code_an_officer_can_meet_has_words(language: str) -> None:
    words = Words.load(language)
    asked = yaml.safe_load(QUESTIONS.read_text(encoding="utf-8"))["questions"]
    assert len(asked) == 29
    for question in asked:
        assert question["id"] in words.label["questions"]
        own = words.label["by_question"].get(question["id"], {}) | words.label["states"] | words.label["codes"]
        codes = set(question.get("options", ["yes", "no"])) | set(question.get("accepts", []))
        assert question["kind"] == "country" or codes <= set(own)
    assert set(words.label["flag_names"]) == set(FLAGS)
    assert {i.dimension for i in shipped().indicators.values()} == set(words.label["dimension_names"])


def test_the_languages_say_the_same_things() -> None:
    def keys(value: object) -> object:
        return {key: keys(inner) for key, inner in value.items()} if isinstance(value, dict) else None

    assert languages() == ["en", "es"]
    assert keys(Words.load("en").label) == keys(Words.load("es").label)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("draft", drafts.ALL)
def test_the_note_starts_with_what_it_is_and_leaves_no_code_untold(draft: drafts.Draft, language: str) -> None:
    text = build(draft).text(language)
    note = {"en": "Self-report, not an assessment", "es": "Es un autorreporte, no una evaluación"}[language]
    assert note in "\n".join(text.splitlines()[:3])
    for code in ("_asked", "danger_now", "minor_unknown_adult", "in_exploitation", "deceptive_recruitment", "None"):
        assert code not in text


def test_own_words_stand_beside_the_answer_in_any_officer_language() -> None:
    lines = build(EXPLOITED).text("en").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("Q2  "))
    assert lines[at].endswith("yes  [own words, in Spanish, 2026-11-25T14:03Z]")
    assert lines[at + 1] == "    > si, todo lo del pasaje"


def test_countries_and_languages_are_named_in_the_officers_language() -> None:
    assert "Country: Spain (ES)" in build(EXPLOITED).text("en")
    assert "País: España (ES)" in build(EXPLOITED).text("es")
    assert "Citizenship: Colombia (CO), Venezuela (VE)" in build(TRAVELLING_MINOR).text("en")
    assert "Citizenship: Venezuela (VE)  [own words" in build(SHARING).text("en")


def test_what_was_never_asked_is_one_line_and_what_was_skipped_is_not_in_it() -> None:
    lines = build(EXPLOITED).text("en").splitlines()
    (missing,) = [line for line in lines if line.startswith("Not asked: ")]
    assert missing.count(";") == 2
    assert "Q10" in missing
    assert "How to make contact" not in missing
    assert "Q5  Somebody decides where they go and whom they talk to, or they cannot leave: skipped" in lines


def test_an_indicator_of_another_version_is_shown_by_its_id() -> None:
    body = json.loads(build(EXPLOITED).json_bytes())
    body["screening"]["reasons"][0]["indicator"] = "XYZ-01"
    assert "XYZ-01  XYZ-01 (strong)" in Report(body).text("en")


def test_each_indicator_stands_with_its_meaning_and_the_answer_behind_it() -> None:
    text = build(EXPLOITED).text("en")
    assert ("CDS-02  Works or obeys to pay off a debt (strong), because “Somebody paid the journey or stay, to be paid "
            "back by working or obeying” was answered: yes") in text  # fmt: skip
    assert "(weak), because “Told what to say or hide before border officers or others” was answered: not sure" in text
    reasons = build(EXPLOITED).body["screening"]["reasons"]
    assert len(reasons) == sum(line[:4] in {"CDS-", "EXP-", "PUR-"} for line in text.splitlines())


def test_danger_says_what_is_missing_and_that_nobody_may_be_contacted() -> None:
    text = build(DANGER).text("es")
    assert "Incompleto: se envió enseguida por peligro" in text
    assert "PRÁCTICA" in text
    assert "NO contactar: no hay autorización" in text
    assert "Es urgente porque: dice que el peligro es ahora" in text
    assert "sin autorización, por las dos excepciones" in text


def test_the_note_begins_with_who_it_is_and_what_they_ask_for() -> None:
    lines = build(EXPLOITED).text("en").splitlines()
    assert "In short: Reported by the person concerned; 18 or older; already there; Spain (ES)" in lines[:12]
    assert "Asks for: to talk to a person" in lines[:12]


def test_each_part_of_the_contact_plan_stands_once_and_with_its_clock() -> None:
    text = build(SHARING).text("en")
    plan = text[text.index("3. HOW IT IS SAFE") : text.index("4. WHAT WAS AGREED")]
    assert "MAY be contacted, in another way" in plan
    assert "    > mi celular 809 555 0100\nTelephone number read from these words: +18095550100" in plan
    assert "Whose clock: America/Santo_Domingo, the one clock of the country named" in plan
    assert "If another person answers, say:\n    > que es de la panadería" in plan
    assert text.count("que es de la panadería") == 1
    assert "Whose clock: not known from the country" in build(EXPLOITED).text("en")


def test_who_may_read_it_is_named_in_words() -> None:
    assert "every case: the consulate of their country, the prosecutors (Fiscalía)" in build(SHARING).text("en")
    nobody = dataclasses.replace(SHARING, answers={**SHARING.answers, "agencies": answer(("skipped",))})
    assert "every case: nobody else" in build(nobody).text("en")
    assert "nobody was named; the routing rules decide" in build(EXPLOITED).text("en")


def test_the_note_of_an_earlier_report_can_still_be_read() -> None:
    body = json.loads(build(EXPLOITED).json_bytes())
    for later in ("phones", "time_zone", "if_another"):
        del body["contact"][later]
    for later in ("place", "route", "destination"):
        del body["source"][later]
    del body["consent"]["destination"]
    assert "Tarjeta: 7K3M9\n" in Report(body).text("es")
    assert "Dirección: 777001" in Report(body).text("es")


def test_the_card_is_told_with_its_place_route_and_destination_and_what_was_named_because_of_it() -> None:
    spanish, english = build(BOUND).text("es"), build(BOUND).text("en")
    assert "Tarjeta: 7K3M9 · Avianca A320 · BOG-MAD · destino España (ES)\n" in spanish
    assert "Card: 7K3M9 · Avianca A320 · BOG-MAD · destination Spain (ES)\n" in english
    assert "named the prosecutors of Spain (ES), by the card's destination" in english
    assert "nombró a la fiscalía de España (ES)" in spanish
    assert "nombró a la fiscalía" not in build(EXPLOITED).text("es")


def test_how_to_make_contact_is_told_with_its_limits() -> None:
    text = build(EXPLOITED).text("en")
    assert "Only in this way, within these hours, with these words." in text
    assert "Address: 777001" in text
    assert "    > hola, por lo de la entrega" in text
    assert "777001" not in build(TRAVELLING_MINOR).text("en")


def test_words_cannot_write_a_heading_or_act_on_the_terminal() -> None:
    trick = "ayuda\x1b[2J\u202e\x07\r\n8. INDICADORES\u2028Nivel: P4\x85\tfin"
    draft = dataclasses.replace(
        EXPLOITED, story=(Said(trick, AT, "es"),), answers={**EXPLOITED.answers, "Q2": answer("yes", trick)},
        placement="A\x1b[1m", address="7\n1. LO PRIMERO",
    )  # fmt: skip
    text = build(draft).text("es")
    assert not any(
        (ord(character) < 32 and character != "\n") or ord(character) in {0x202E, 0x2028, 0x85} for character in text
    )
    assert text.splitlines().count("8. INDICADORES") == 1
    assert text.splitlines().count("    > 8. INDICADORES") == 2
    assert "    > ayuda<U+001B>[2J<U+202E><U+0007>" in text
    assert sum(line.startswith("1. LO PRIMERO") for line in text.splitlines()) == 1


def test_what_is_harmless_stays_as_it_is() -> None:
    line = "ñandú – «así» 中文 عربي 👩‍👧 mɔ̃"
    assert harmless(line) == line


def test_a_language_without_a_note_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        build(EXPLOITED).text("xx")
