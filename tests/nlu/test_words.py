"""What people read, in every language: complete, bland at first sight, without promise, pressure or number, short."""

from __future__ import annotations

import re
import string
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DATA = ROOT / "nlu" / "data"
LANGUAGES = ("es", "en")
CHANNELS = ("telegram", "whatsapp", "sms", "terminal", "web")
PREVIEW = 40  # characters of a push preview
TITLE = 20  # characters of a WhatsApp quick reply
SMS_ASK = 160
SMS = 2 * 153  # septets of two joined segments

MESSAGES = set(
    """
    hello about machine readers_telegram readers_whatsapp readers_sms readers_terminal readers_web consent_who
    consent_kept consent_exceptions consent_withdraw left left_one rephrase digits_hint later exit cover_1 cover_2
    cover_3 cover_4 danger_call danger_quiet danger_helpers danger_sent danger_more danger_place danger_self human
    numbers_intro numbers_home added after no_number number_line line_kind_phone line_kind_sms line_kind_whatsapp
    checked_on practice received received_practice receipt receipt_why next_steps not_accepted engine_down
    refused_consent delete_telegram delete_whatsapp delete_sms delete_terminal delete_web withdraw_done
    language_changed language_ask too_big too_many attachment_ok attachment_refused edited unsupported
    not_alone_no_confront not_your_fault other_track machine_yes privacy cost rights what minor_line welcome_back
    resume_ask thanks off_topic stopped pause distress no_promise_time place_ok
    """.split()  # noqa: SIM905
)
SCREENING = ["yes", "no", "not_sure", "skipped"]
PURPOSES = ["work", "home", "sexual", "beg", "marry", "crime", "organ", "armed", "other"]
OFFERED = {
    "safe": ["ready", "not_now", "watched"],
    "age": ["adult", "minor", "rather_not"],
    "situation": ["not_left", "travelling", "there", "back", "other"],
    "their_situation": ["not_left", "travelling", "there", "back"],
    "country": ["CO", "US", "MX", "ES", "EC", "PA", "skipped"],
    "consent": ["none", "anonymous", "confidential", "share"],
    "Q1": ["yes", "no", "false", "not_sure", "skipped"],
    **dict.fromkeys(["Q2", "Q3", "Q4", "Q5", "Q6", "Q8", "Q10"], SCREENING),
    "Q6_what": ["threat", "family", "law", "expose", "hurt", "skipped"],
    "Q6_what_more": ["threat", "family", "law", "expose", "hurt", "done"],
    "Q7": ["pay", "hours", "both", "no", "not_sure", "skipped"],
    "Q9": [*PURPOSES, "none", "not_sure", "skipped"],
    "Q9_more": [*PURPOSES, "done"],
    "story": ["skipped"],
    "N1": ["out", "person", "information", "later", "nothing"],
    "N2": ["here", "other", "none"],
    "N2_how": ["skipped"],
    "N2_when": ["skipped"],
    "N2_words": ["skipped"],
}
COUNTRIES = {"CO": "Colombia", "US": "Estados Unidos", "MX": "México", "ES": "España", "EC": "Ecuador", "PA": "Panamá"}
VARIANTS = {"other", "other_back", "minor", "minor_back", "back"}

MUTING = set("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP HELP INFO".split())  # noqa: SIM905

# GSM 03.38: of the letters of Spanish it lacks á í ó ú and Á Í Ó Ú; it has é É ñ Ñ ü Ü ¿ ¡.
GSM7 = set(string.ascii_letters + string.digits + " \n\r@£$¥èéùìòÇØøÅå_ÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà")
GSM7_TWICE = set("^{}\\[~]|€")


@cache
def read(path: Path) -> dict[str, Any]:
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert isinstance(value, dict)
    return value


def say(language: str) -> dict[str, Any]:
    return read(DATA / language / "say.yml")


def plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def asks(tables: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(question.wording, text) of every wording of every question."""
    for name, question in tables["questions"].items():
        yield from ((f"{name}.{key}", question[key]) for key in ("ask", "sms", *sorted(VARIANTS)) if key in question)


def texts(language: str) -> Iterator[tuple[str, str]]:
    """(name, text) of all that is said: messages and every wording of every question."""
    tables = say(language)
    yield from tables["messages"].items()
    yield from asks(tables)


def found(language: str, kind: str, text: str) -> list[str]:
    """The patterns of `wording.yml` that the text holds."""
    patterns = read(Path(__file__).with_name("wording.yml"))[language][kind]
    return [pattern for pattern in patterns if re.search(pattern.replace(" ", r"\W+"), plain(text))]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def septets(text: str) -> int:
    """GSM-7 length after the transliteration of SMS: a letter with a mark that GSM-7 lacks loses the mark."""
    bare = "".join(char if char in GSM7 else plain(char).upper() if char.isupper() else plain(char) for char in text)
    strange = set(bare) - GSM7 - GSM7_TWICE
    assert not strange, f"no GSM-7 letter for {strange}"
    return sum(2 if char in GSM7_TWICE else 1 for char in bare)


def titles(tables: dict[str, Any], name: str) -> dict[str, str]:
    own = tables["questions"][name.removesuffix("_more")].get("options", {})
    return {code: own.get(code) or tables["options"].get(code) or COUNTRIES[code] for code in OFFERED[name]}


def as_sms(tables: dict[str, Any], name: str, text: str) -> str:
    numbered = " ".join(f"{number} {title}" for number, title in enumerate(titles(tables, name).values(), 1))
    return f"{text}\n{tables['messages']['left'].format(n=11)}\n{numbered}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_all_messages_and_no_other(language: str) -> None:
    assert len(MESSAGES) == 81
    assert set(say(language)["messages"]) == MESSAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_asks_all_questions_with_all_their_options(language: str) -> None:
    tables = say(language)
    assert len(OFFERED) == 25
    assert set(tables["questions"]) == set(OFFERED)
    assert set(tables["options"]) == {"yes", "no", "not_sure", "skipped", "done"}
    for name, question in tables["questions"].items():
        assert {"ask", "sms"} <= set(question), name
        assert set(question) <= {"ask", "sms", "options", "words"} | VARIANTS, name
        assert all(titles(tables, name).values()), name


def test_languages_have_the_same_keys_variants_and_placeholders() -> None:
    one, other = (dict(texts(language)) for language in LANGUAGES)
    assert set(one) == set(other)
    assert {key: placeholders(text) for key, text in one.items()} == {
        key: placeholders(text) for key, text in other.items()
    }
    for name, question in say("es")["questions"].items():
        twin = say("en")["questions"][name]
        assert question.get("options", {}).keys() == twin.get("options", {}).keys(), name
        assert question.get("words", {}).keys() == twin.get("words", {}).keys(), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_key_and_text_is_a_string(language: str) -> None:
    def check(value: object, where: str) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                assert isinstance(key, str), f"{where}: {key!r} is unquoted"
                check(item, f"{where}.{key}")
        elif isinstance(value, list):
            for item in value:
                assert isinstance(item, str), f"{where}: {item!r} is unquoted"
        else:
            assert isinstance(value, str), where
            assert value, where
            assert value == value.strip(), where

    for name in ("say.yml", "safety.yml"):
        check(read(DATA / language / name), name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_push_preview_reveals_nothing(language: str) -> None:
    hits = {name: found(language, "revealing", text[:PREVIEW]) for name, text in texts(language)}
    assert {name: hit for name, hit in hits.items() if hit} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "name", ["hello", "exit", "stopped", "welcome_back", "receipt", *(f"cover_{n}" for n in range(1, 5))]
)
def test_the_first_and_the_last_message_and_the_cover_reveal_nothing_at_all(language: str, name: str) -> None:
    assert not found(language, "revealing", say(language)["messages"][name])
    assert not found(language, "revealing", say(language)["questions"]["safe"]["ask"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["promises", "pressure"])
def test_nothing_promises_presses_blames_or_asks_a_name(language: str, kind: str) -> None:
    assert [(name, hits) for name, text in texts(language) if (hits := found(language, kind, text))] == []


@pytest.mark.parametrize(
    ("language", "kind", "text"),
    [
        ("es", "revealing", "La policía va para allá"),
        ("es", "revealing", "¿Es víctima de trata?"),
        ("es", "promises", "Tranquila, alguien va a llegar pronto"),
        ("es", "pressure", "¿Por qué se fue?"),
        ("es", "pressure", "Eso es culpa suya"),
        ("en", "revealing", "Are you a victim of trafficking?"),
        ("en", "promises", "Help is coming, you are safe"),
        ("en", "pressure", "You must answer"),
    ],
)
def test_the_patterns_find_what_they_are_there_for(language: str, kind: str, text: str) -> None:
    assert found(language, kind, text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_a_telephone_number(language: str) -> None:
    assert [name for name, text in texts(language) if re.search(r"\d[\d\s().-]{0,2}\d[\s().-]?\d", text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_advertises_a_word_by_which_a_carrier_silences_the_number(language: str) -> None:
    shouted = {(name, word) for name, text in texts(language) for word in re.findall(r"\b[A-Z]{3,}\b", text)}
    assert [hit for hit in shouted if hit[1] in MUTING] == []
    assert {word for _, word in shouted} >= {"SALIR" if language == "es" else "EXIT"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_fit_a_quick_reply_and_differ_within_a_question(language: str) -> None:
    for name in OFFERED:
        shown = titles(say(language), name)
        assert [title for title in shown.values() if len(title) > TITLE] == []
        assert len({plain(title) for title in shown.values()}) == len(shown), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_is_a_word_that_ends_the_talk(language: str) -> None:
    exits = {plain(word) for code in LANGUAGES for word in read(DATA / code / "safety.yml")["exit"]}
    answers = {plain(title) for name in OFFERED for title in titles(say(language), name).values()}
    assert answers & (exits | {word.lower() for word in MUTING} - {"yes"}) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_stands_for_two_answers_of_a_question(language: str) -> None:
    for name, question in say(language)["questions"].items():
        count = Counter(plain(word) for words in question.get("words", {}).values() for word in words)
        assert [word for word, times in count.items() if times > 1] == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_fits_two_sms_with_its_numbered_options(language: str) -> None:
    tables = say(language)
    assert len(list(asks(tables))) > 80
    for key, text in asks(tables):
        name, wording = key.split(".")
        assert len(text) <= 300, key
        if wording != "ask":
            assert septets(text) <= SMS_ASK, f"{key}: {septets(text)}"
            assert septets(as_sms(tables, name, text)) <= SMS, f"{key}: {septets(as_sms(tables, name, text))}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_fits_two_sms(language: str) -> None:
    elsewhere = tuple(f"_{channel}" for channel in CHANNELS if channel != "sms")
    said = {name: septets(text) for name, text in say(language)["messages"].items() if not name.endswith(elsewhere)}
    assert {name: length for name, length in said.items() if length > SMS} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_must_be_said_is_said(language: str) -> None:
    messages = {name: plain(text) for name, text in say(language)["messages"].items()}
    machine, phone, complaint, back = {
        "es": ("automatico", "operador", "denuncia", "retirar"),
        "en": ("automatic", "phone company", "complaint", "withdraw"),
    }[language]
    must = {
        "hello": [machine],
        "readers_telegram": ["telegram"],
        "readers_whatsapp": ["meta", "twilio"],
        "readers_sms": [phone, "twilio"],
        "consent_kept": ["24", back],
        "rights": [complaint],
        "next_steps": [complaint],
        "too_big": ["20 mb"],
        "too_many": ["10"],
    }
    assert [(name, word) for name, words in must.items() for word in words if word not in messages[name]] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["say.yml", "nlu.yml", "safety.yml"])
def test_no_file_has_the_key_that_rasa_would_take_for_its_own(language: str, name: str) -> None:
    assert "responses" not in read(DATA / language / name)
