"""Safety words as the worker compares them: what is danger now, what only sounds like it, and what ends a talk."""

from __future__ import annotations

import re

import pytest

from bot.safety import Safety, Sign
from bot.texts import DATA, Texts
from tests.nlu.test_examples import LANGUAGES, held_out, read, training

EXITS = ("SALIR", "EXIT", "SAIR", "SORTIR", "SOTI", "0", "X", "99", "BORRAR")
URGENT = {Sign.DANGER, Sign.SELF_HARM}
NOT_NOW = {
    "es": """me pegaron hace un año|mi jefe me pegaba|me violaron cuando era niña|estuve encerrada tres meses
    me iban a matar|me tenían encerrada el año pasado|me amenazaron antes de viajar|tenía una pistola
    no estoy en peligro|ya no estoy en peligro|me quitaron el pasaporte|no me pagan|no me dejan salir
    me tienen retenido el sueldo|necesito ayuda|quiero salir adelante|me muero de la risa|me mata este calor
    me está matando el dolor de cabeza|este calor me está matando|me mató ese chiste|me muero de hambre
    quiero morirme de la pena|me voy a matar estudiando|vienen por mí al aeropuerto|vos sos un robot?
    tengo miedo|cuánto cuesta|me van a operar de las amígdalas|sáqueme de este chat|mi esposo me espera
    estoy esperando el vuelo""",
    "en": """he used to beat me|he was hitting me all the time|they locked me in for two months|he had a gun back then
    they were going to kill me and i escaped|they wanted to kill me last year
    he threatened to kill me if i talked|they threatened me before|i am not in danger|we were in danger
    i was kidnapped as a child|they beat us if we did not work|they keep my passport|they don't pay me
    they don't let me leave|can i get help without papers|help|i need help|this heat is killing me
    you're killing me lol|my feet are killing me|i'm dying of laughter|dying to see you|im dying lol
    i'm tied up at work|i want to die of shame|i would kill for a coffee|get me out of this chat|i'm afraid
    how much is it""",
}


@pytest.fixture(scope="module")
def safety() -> Safety:
    return Safety.of(Texts.load().safety)


def lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[|\n]", text)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_has_all_lists_and_its_patterns_are_written_in_normal_form(language: str) -> None:
    words = read(DATA / language / "safety.yml")
    assert list(words) == ["exit", "resume_word", "pause", "watched", "danger", "self_harm", "language"]
    for pattern in words["danger"] + words["self_harm"]:
        re.compile(pattern)
        letters = re.sub(r"\\.|\{[\d,]+\}|\(\?[:<!=]+", "", pattern)  # what is left is words and brackets
        assert letters.isascii(), pattern
        assert letters == letters.lower(), pattern
        assert not set("'’,;:¿¡") & set(letters), pattern


@pytest.mark.parametrize("word", EXITS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_exit_word_is_in_every_language(language: str, word: str, safety: Safety) -> None:
    assert word in read(DATA / language / "safety.yml")["exit"]
    for written in (word, word.lower(), word.title(), f" {word}. ", f"¡{word}!"):
        assert safety.look(written) is Sign.EXIT


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lists_of_whole_messages_do_not_contradict_each_other_or_an_answer(language: str, safety: Safety) -> None:
    words = read(DATA / language / "safety.yml")
    assert [said for said in words["watched"] if safety.look(said) is not Sign.WATCHED] == []
    assert [said for said in words["pause"] if safety.look(said) is not Sign.PAUSE] == []
    answers = {
        said
        for name, question in read(DATA / language / "say.yml")["questions"].items()
        if name not in {"safe", "N1"}
        for said in [
            *question.get("options", {}).values(),
            *(w for ws in question.get("words", {}).values() for w in ws),
        ]
    }
    assert {said: sign for said in answers if (sign := safety.look(said)) in {Sign.EXIT, Sign.WATCHED, *URGENT}} == {}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("intent", ["danger_now", "self_harm"])
def test_nine_in_ten_held_out_cries_are_heard_without_the_model(language: str, intent: str, safety: Safety) -> None:
    sentences = held_out(language)[intent]
    missed = [sentence for sentence in sentences if safety.look(sentence) not in URGENT]
    assert len(missed) <= len(sentences) / 10, missed


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_past_and_figures_of_speech_are_not_danger(language: str, safety: Safety) -> None:
    assert len(lines(NOT_NOW[language])) >= 30
    assert {said: sign for said in lines(NOT_NOW[language]) if (sign := safety.look(said)) is not None} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_of_another_intent_rings_the_alarm(language: str, safety: Safety) -> None:
    said = [
        sentence
        for examples in (training(language), held_out(language))
        for intent, sentences in examples.items()
        if intent not in {"danger_now", "self_harm"}
        for sentence in sentences
    ]
    assert {sentence: sign for sentence in said if (sign := safety.look(sentence)) in URGENT} == {}
