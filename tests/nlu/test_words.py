"""What people read, in every language: complete, bland at first sight, without promise, pressure or number, short."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from bot import destinations
from bot.channels import Outgoing, gsm7
from bot.channels.sms import SMS
from bot.languages import FILES, missing
from bot.settings import Settings
from tests.nlu.wording import (
    CHANNELS,
    DATA,
    LANGUAGES,
    NAMED_LIKE,
    PREVIEW,
    VARIANTS,
    Locale,
    as_asked,
    asks,
    found,
    heard_on,
    hits,
    offered,
    placeholders,
    plain,
    read,
    safety,
    say,
    shown,
    texts,
    titles,
)

ROOT = Path(__file__).parents[2]
TITLE = 20  # characters of a WhatsApp quick reply
LONGEST = 480  # characters of a chat message
EXIT = {"es": "SALIR", "en": "EXIT", "pt": "SAIR", "fr": "SORTIR", "ht": "SOTI"}
MUTING = set("STOP STOPALL UNSUBSCRIBE CANCEL END QUIT REVOKE OPTOUT START YES UNSTOP HELP INFO ARRET AIDE".split())  # noqa: SIM905
BLAND = [
    "hello",
    "exit",
    "stopped",
    "welcome_back",
    "receipt",
    "later",
    "slower",
    "full",
    "word_ask",
    *(f"cover_{n}" for n in range(1, 5)),
]


def test_there_are_five_languages_and_none_lacks_anything() -> None:
    assert LANGUAGES == ("en", "es", "fr", "ht", "pt")
    assert {language: missing(DATA / language) for language in LANGUAGES} == {language: [] for language in LANGUAGES}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_messages_of_the_first_one_and_its_own_shorter_ones(language: str) -> None:
    own, first = set(say(language)["messages"]), set(say("es")["messages"])
    assert len(first) >= 105
    assert first - own == set()
    assert {key for key in own - first if key.removesuffix("_sms") not in first} == set()


def test_whatever_the_program_says_by_name_is_a_message() -> None:
    """`conduct.say(talk, "key")`, wherever it stands, and the answers of the rules."""
    named = {
        node.args[1].value
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "say"
        if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
    }
    named |= set(re.findall(r"action: utter_(\w+)", (DATA / "rules.yml").read_text(encoding="utf-8")))
    assert len(named) >= 30
    for channel in CHANNELS:
        assert named - dict(heard_on("es", channel)).keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_asks_all_questions_with_all_their_options(language: str) -> None:
    tables = say(language)
    assert len(offered()) == 32
    assert set(tables["questions"]) == set(offered())
    assert set(tables["options"]) == {"yes", "no", "not_sure", "skipped", "done"}
    for name, question in tables["questions"].items():
        assert {"ask", "sms"} <= set(question), name
        assert set(question) <= {"ask", "sms", "options", "words"} | VARIANTS, name
        assert all(titles(language, name).values()), name
        if name.removesuffix("_more") in tables["questions"]:
            assert set(question.get("words", {})) <= {*offered()[name], "none", "not_sure", "skipped"}, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_the_wordings_and_placeholders_of_the_first_one(language: str) -> None:
    first, own = dict(texts("es")), dict(texts(language))
    assert first.keys() - own.keys() == set()
    assert {key: placeholders(text) for key, text in own.items() if key in first} == {
        key: placeholders(text) for key, text in first.items()
    }
    for name, question in say("es")["questions"].items():
        twin = say(language)["questions"][name]
        own = {code for code in twin.get("options", {}) if len(code) > 2 or code.islower()}  # countries have names
        assert set(question.get("options", {})) == own, name
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
        elif not where.startswith("say.yml.numbers"):
            assert isinstance(value, str), where
            assert value, where
            assert value == value.strip(), where

    for name in ("say.yml", "safety.yml"):
        check(read(DATA / language / name), name)


# What the words may not tell.


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_push_preview_reveals_nothing(language: str) -> None:
    held = {name: found(language, "revealing", text[:PREVIEW]) for name, text in shown(language)}
    assert len(held) > 200
    assert {name: hit for name, hit in held.items() if hit} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", BLAND)
def test_the_first_and_the_last_message_and_the_cover_reveal_nothing_at_all(language: str, name: str) -> None:
    assert not found(language, "revealing", say(language)["messages"][name])
    assert not found(language, "revealing", say(language)["questions"]["safe"]["ask"])


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["promises", "pressure", "permission"])
def test_nothing_promises_presses_blames_asks_a_name_or_for_an_adult_who_must_agree(language: str, kind: str) -> None:
    assert hits(language, kind) == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["register", "gendered"])
def test_everybody_is_addressed_in_one_way_and_as_neither_man_nor_woman(language: str, kind: str) -> None:
    assert hits(language, kind) == {}


CAUGHT = {
    "es": {
        "revealing": ["La policía va para allá", "¿Es víctima de trata?"], "promises": ["Alguien va a llegar pronto"],
        "pressure": ["¿Por qué se fue?", "Eso es culpa suya"], "prying": ["¿Quién le hizo daño?"],
        "permission": ["Pregunte a su mamá"], "register": ["¿Tú puedes escribir?"], "gendered": ["Esté tranquila"],
    },
    "en": {
        "revealing": ["Are you a victim of trafficking?"], "promises": ["Help is coming, you are safe"],
        "pressure": ["You must answer"], "prying": ["Who hurt you?"], "permission": ["Ask your mother first"],
        "register": ["Thou art"], "gendered": ["Where is she now?"],
    },
    "pt": {
        "revealing": ["A polícia vai aí", "Fale do tráfico"], "promises": ["Alguém vai chegar logo"],
        "pressure": ["Você deve responder", "Foi culpa sua"], "prying": ["Quem fez isso?"],
        "permission": ["Peça à sua mãe"], "register": ["Tu podes escrever?"], "gendered": ["Obrigado por escrever"],
    },
    "fr": {
        "revealing": ["La police arrive", "Victime de traite ?"], "promises": ["Quelqu'un va venir, tout ira bien"],
        "pressure": ["Vous devez répondre", "C'est votre faute"], "prying": ["Qui vous a blessé ?"],
        "permission": ["Demandez à votre mère"], "register": ["Est-ce que tu peux écrire ?"],
        "gendered": ["Vous êtes seule ?"],
    },
    "ht": {
        "revealing": ["Lapolis ap vini, polis la", "Ou se yon viktim"], "promises": ["Polis ap vini touswit"],
        "pressure": ["Ou dwe reponn", "Se fòt ou"], "prying": ["Ki moun ki fè sa?"],
        "permission": ["Mande manman ou"], "register": ["Vous pouvez"], "gendered": ["Bonjou madanm"],
    },
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_patterns_find_what_they_are_there_for(language: str) -> None:
    kinds = read(Path(__file__).with_name("wording.yml"))[language]
    assert set(kinds) == set(CAUGHT[language])
    assert [text for kind, said in CAUGHT[language].items() for text in said if not found(language, kind, text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_a_telephone_number(language: str) -> None:
    """Numbers of laws are the only ones with three digits; numbers to call come from the checked directory alone."""
    digits = re.compile(r"\d[\d\s().-]{0,2}\d[\s().-]?\d")
    assert [name for name, text in texts(language) if digits.search(text)] == ["rights_law"]
    assert {"985", "2005", "188"} == set(re.findall(r"\d{3,}", say(language)["messages"]["rights_law"]))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_advertises_a_word_by_which_a_carrier_silences_the_number(language: str) -> None:
    shouted = {(name, word) for name, text in texts(language) for word in re.findall(r"\b[A-ZÀ-Ý]{3,}\b", text)}
    assert [hit for hit in shouted if plain(hit[1]).upper() in MUTING] == []
    assert EXIT[language] in {word for _, word in shouted}


# Buttons and what stands for them.


@pytest.mark.parametrize("language", LANGUAGES)
def test_titles_fit_a_quick_reply_and_differ_within_a_question(language: str) -> None:
    for name in offered():
        buttons = titles(language, name)
        assert [title for title in buttons.values() if len(title) > TITLE] == []
        assert len({plain(title) for title in buttons.values()}) == len(buttons), name
    calm = say(language)["asides"]["calm"]["options"]
    assert set(calm) == {"go_on", "person", "pause"}
    assert max(map(len, calm.values())) <= TITLE


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_title_is_a_word_that_ends_the_talk(language: str) -> None:
    ends = {plain(word) for code in LANGUAGES for word in [*safety(code)["exit"], *safety(code)["withdraw"]]}
    answers = {plain(title) for name in offered() for title in titles(language, name).values()}
    answers |= {plain(title) for title in say(language)["asides"]["calm"]["options"].values()}
    assert answers & (ends | {word.lower() for word in MUTING} - {"yes"}) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_stands_for_two_answers_of_a_question(language: str) -> None:
    for name, question in say(language)["questions"].items():
        count = Counter(plain(word) for words in question.get("words", {}).values() for word in words)
        assert [word for word, times in count.items() if times > 1] == [], name


@pytest.mark.parametrize("language", LANGUAGES)
def test_offers_numbers_and_amounts_of_time_have_their_words(language: str) -> None:
    tables = say(language)
    assert set(tables["offers"]) == {"job", "study", "marriage"}
    assert min(len(words) for words in tables["offers"].values()) >= 15
    assert set(tables["units"]) == {"minute", "hour", "day", "week", "month", "year"}
    assert set(tables["numbers"].values()) >= {*range(31), 40, 50, 60, 70, 80, 90}
    for said in ("offer", "offer_sms"):
        words = set(re.findall(r"\b[A-ZÀ-Ý]{4,}\b", tables["messages"].get(said, "")))
        known = {plain(word) for kind in tables["offers"].values() for word in kind}
        assert {word for word in words if plain(word) not in known} == set(), said


# Length.


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_chat_text_is_short(language: str) -> None:
    assert {name: len(text) for name, text in texts(language) if len(text) > LONGEST} == {}


@pytest.fixture(scope="module")
def sms() -> SMS:
    given = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": "t", "public_url": "https://faro.example"}
    return SMS(Settings(_env_file=None, sms_sender="+15005550006", **given))


def too_long(sms: SMS, message: Outgoing) -> bool:
    pieces = sms.compose(message)
    letters = set("".join(piece.text for piece in pieces))
    return len(pieces) > 1 or gsm7.segments(pieces[0].text) > 2 or not letters <= gsm7.BASIC | gsm7.EXTENDED


def longest_country(language: str) -> str:
    names = Locale(NAMED_LIKE.get(language, language)).territories
    return max((names[code] for code in destinations.countries(destinations.load())), key=len)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_fits_two_segments_of_plain_sms(language: str, sms: SMS) -> None:
    values = {
        "country": longest_country(language),
        "code": "ABCD-EFGH-JKLM-NPQR",
        "service": "s",
        "number": "1",
        "n": 9,
    }
    values["date"] = "26 de noviembre de 2026"
    said = {key: Outgoing(text.format(**values)) for key, text in heard_on(language, "sms")}
    assert len(said) > 85
    assert [key for key, message in said.items() if too_long(sms, message)] == []
    assert too_long(sms, Outgoing("x" * 307))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_fits_two_segments_of_plain_sms_with_its_numbered_options(language: str, sms: SMS) -> None:
    """On SMS the count of what is left is dropped where it would not fit; a person's own wording wins over `sms`."""
    wordings = [(key, text) for key, text in asks(language) if not key.endswith(".ask")]
    wordings += [(key, text) for key, text in asks(language) if key.startswith("aside_")]
    assert len(wordings) > 85
    for key, text in wordings:
        asked = as_asked(language, key.split(".")[0], text)
        bare = Outgoing(text, asked.buttons)
        assert not too_long(sms, bare), key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FILES)
def test_no_file_has_the_key_that_rasa_would_take_for_its_own(language: str, name: str) -> None:
    assert "responses" not in read(DATA / language / name)
