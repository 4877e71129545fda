"""What page, chat and cards say, in every language: alike in all, wholly bland, without promise or pressure, plain."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

import pytest
import yaml

from bot.channels.twilio_fields import STOP_WORDS
from bot.safety import Sign
from bot.safety import shipped as safety_words
from bot.texts import plain
from tests.nlu.test_plainness import ENOUGH, HARD, MEASURES, bare, plainness
from tests.nlu.test_words import MUTING
from tests.nlu.wording import DATA, LANGUAGES, found, heard_on, page, page_texts, placeholders, safety, say

PLACES = {
    "page.number_and_word": {"word", "number"},
    "page.checked": {"date"},
    "card.or_write": {"word", "number"},
    "card.emergency": {"numbers"},
}
# Longest text in characters, by the place that it must fit: buttons at 320 px, a business card, a browser's tab.
ROOM = {
    "page.title": 30,
    "page.exit": 24,
    "chat.exit": 24,
    "chat.watched": 24,
    "chat.send": 10,
    "card.line1": 32,
    "card.line2": 112,
    "card.scan": 36,
    "card.or_write": 54,
    "card.free": 90,
}


# What may tell a reader what this is about.


def test_the_card_the_page_and_the_first_message_carry_no_word_that_tells_what_it_is_about() -> None:
    """Every text of every language against the lists of all languages: who sits beside may read another one."""
    held = {}
    for language in LANGUAGES:
        first = {f"{channel}.{key}": text for channel in ("telegram", "whatsapp", "sms", "terminal", "web")
                 for key, text in heard_on(language, channel) if key == "hello"}  # fmt: skip
        assert len(first) == 5
        said = first | {"safe": say(language)["questions"]["safe"]["ask"]} | dict(page_texts(language))
        assert len(said) > 100
        held |= {(language, name, other): hit for name, text in said.items() for other in LANGUAGES
                 if (hit := found(other, "revealing", text))}  # fmt: skip
    assert held == {}


def test_the_list_would_find_what_a_page_like_this_could_say() -> None:
    would = {
        "es": "Denuncie aquí la trata",
        "en": "Report trafficking",
        "pt": "Denuncie o tráfico",
        "fr": "Aide aux victimes",
        "ht": "Denonse trafik moun",
    }
    assert sorted(would) == list(LANGUAGES)
    assert [language for language, text in would.items() if not found(language, "revealing", text)] == []


def test_tab_preview_and_chat_have_one_bland_name() -> None:
    for language in LANGUAGES:
        tables = page(language)
        assert tables["page"]["title"] == tables["chat"]["title"] == tables["card"]["line1"]
        assert len({plain(page(one)["page"]["title"]) for one in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["promises", "pressure", "permission", "register", "gendered"])
def test_nothing_promises_presses_blames_or_takes_the_reader_for_somebody(language: str, kind: str) -> None:
    assert {name: hit for name, text in page_texts(language) if (hit := found(language, kind, text))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_holds_a_telephone_number_or_a_word_that_silences_the_number(language: str) -> None:
    digits = re.compile(r"\d[\d\s().-]{0,2}\d[\s().-]?\d")
    assert [name for name, text in page_texts(language) if digits.search(text)] == []
    shouted = {word for _, text in page_texts(language) for word in re.findall(r"\b[A-ZÀ-Ý]{3,}\b", text)}
    assert shouted >= {page(language)["card"]["word"]}
    assert {word for word in shouted if plain(word).upper() in MUTING} == set()


# Alike in all languages.


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_says_what_the_first_one_says_with_the_same_places(language: str) -> None:
    own, first = dict(page_texts(language)), dict(page_texts("es"))
    assert list(own) == list(first)
    assert list(page(language)) == ["page", "chat", "card"]
    places = {name: placeholders(text) for name, text in own.items()}
    assert places == {name: placeholders(text) for name, text in first.items()}
    assert {name: places[name] for name in PLACES} == PLACES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_says_something_and_ends_where_it_ends(language: str) -> None:
    for name, text in page_texts(language):
        assert text, name
        assert text == text.strip(), name
        assert "  " not in text, name
        assert text.count("{") == text.count("}") == len(placeholders(text)), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_of_a_section_stands_twice(language: str) -> None:
    """YAML would take the last one without a word."""
    keys = list(_keys("", yaml.compose((DATA / language / "page.yml").read_text(encoding="utf-8"))))
    assert len(keys) > 100
    assert [key for key, times in Counter(keys).items() if times > 1] == []


def _keys(name: str, node: yaml.Node | None) -> Iterator[str]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield f"{name}.{key.value}"
        yield from _keys(f"{name}.{key.value}", value)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_title_is_that_of_an_answer_of_the_talk(language: str) -> None:
    answers = dict(heard_on(language, "web")) | say(language)["messages"]
    for table, least in (("questions", 15), ("deletes", 4)):
        titles = page(language)["page"][table]
        assert len(titles) >= least
        assert set(titles) - answers.keys() == set()
        assert len({plain(title) for title in titles.values()}) == len(titles)
    stop = {"fr": " ?"}.get(language, "?")
    assert [title for title in page(language)["page"]["questions"].values() if not title.endswith(stop)] == []


def test_the_questions_that_the_talk_answers_have_a_title() -> None:
    """The answers that the rules give to questions about the service and about rights."""
    about_us = {"what", "machine_yes", "privacy_web", "cost", "status", "after_report", "consent_withdraw"}
    about_rights = {"rights", "rights_law", "trafficking", "abroad", "papers", "deportation"}
    answered = about_us | about_rights | {"offer", "offer_job", "offer_study", "offer_marriage"}
    assert answered - page("es")["page"]["questions"].keys() == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_covered_the_chat_shows_tips_that_ask_nothing(language: str) -> None:
    lines = page(language)["chat"]["cover_lines"]
    assert len(lines) >= 6
    assert len(set(lines)) == len(lines)
    assert [line for line in lines if "?" in line] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_button_for_company_says_words_that_the_talk_takes_for_that(language: str) -> None:
    assert safety_words().look(page(language)["chat"]["watched"]) == Sign.WATCHED


# The word of the card.


def test_the_word_of_a_card_is_bland_plain_and_one_of_its_language() -> None:
    words = {language: page(language)["card"]["word"] for language in LANGUAGES}
    assert len(set(words.values())) == len(LANGUAGES)
    assert [word for word in words.values() if not re.fullmatch(r"[A-Z]{4,7}", word)] == []
    assert set(words.values()) & (MUTING | {word.upper() for word in STOP_WORDS}) == set()


def test_the_word_of_a_card_is_no_word_that_ends_hides_or_saves_a_talk_alone_or_with_a_code() -> None:
    look = safety_words()
    whole = {plain(str(word)) for language in LANGUAGES for words in safety(language).values() for word in words}
    assert len(whole) > 2500
    for language in LANGUAGES:
        word = page(language)["card"]["word"]
        assert plain(word) not in whole
        for said in (word, word.lower(), f"{word} 7K3M9", f"{word.lower()} 7k3m9"):
            assert look.look(said) is None, said
            assert look.language(said) is None, said
    assert look.look("SALIR") is not None


# Length and plainness.


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_where_they_stand(language: str) -> None:
    texts = dict(page_texts(language))
    assert {name: len(texts[name]) for name, room in ROOM.items() if len(texts[name]) > room} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_eleven_year_old_reads_them(language: str) -> None:
    texts = {name: bare(text) for name, text in page_texts(language)}
    whole = " ".join(texts.values())
    assert len(whole.split()) > 500
    assert plainness(language, whole) >= MEASURES[language][1]
    measured = {name: plainness(language, text) for name, text in texts.items() if len(text.split()) >= ENOUGH}
    assert len(measured) >= 4
    assert {name: value for name, value in measured.items() if value < MEASURES[language][2]} == {}
    assert plainness(language, HARD[language]) < MEASURES[language][2]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_short(language: str) -> None:
    sentences = [one for _, text in page_texts(language) for one in re.split(r"[.?!:;\n]+", bare(text)) if one.strip()]
    lengths = [len(one.split()) for one in sentences]
    assert max(lengths) <= 24
    assert sum(lengths) / len(lengths) <= 9
