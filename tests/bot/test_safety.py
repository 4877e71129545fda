import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.safety import Safety, Sign
from bot.texts import Texts

TEXTS = Texts.load()
SAFETY = Safety.of(TEXTS.safety)
EXITS = ("SALIR", "EXIT", "SAIR", "SORTIR", "SOTI", "0", "X", "99", "BORRAR")


@pytest.mark.parametrize("word", EXITS)
@pytest.mark.parametrize("around", ["{}", " {} ", "{}.", "¡{}!", "{}\n"])
def test_every_exit_word_works_in_any_case_and_dress(word: str, around: str) -> None:
    for said in (word, word.lower(), word.capitalize()):
        assert SAFETY.look(around.format(said)) is Sign.EXIT


@given(st.sampled_from(EXITS), st.text(st.characters(categories=["Zs", "Po", "Cf"]), max_size=5))
def test_an_exit_word_works_among_signs_and_spaces(word: str, noise: str) -> None:
    assert SAFETY.look(noise + word + noise) is Sign.EXIT


def test_the_lists_of_both_languages_are_looked_at_at_once() -> None:
    assert len(TEXTS.safety) >= 2
    assert SAFETY.look("me está pegando ahora mismo") is Sign.DANGER
    assert SAFETY.look("he is hitting me right now") is Sign.DANGER


@pytest.mark.parametrize("text", [
    "me quiero matar", "I want to kill myself",
])  # fmt: skip
def test_self_harm_is_its_own_sign(text: str) -> None:
    assert SAFETY.look(text) is Sign.SELF_HARM


@pytest.mark.parametrize("text", [
    "me pegó el año pasado", "me muero de risa", "this heat is killing me", "hola", "sí", "no sé", "2", "1, 3",
    "me quitaron el pasaporte", "quiero saber si el trabajo es de verdad",
])  # fmt: skip
def test_the_past_and_figures_of_speech_are_not_danger(text: str) -> None:
    assert SAFETY.look(text) is None


def test_somebody_watching_is_seen_without_the_model() -> None:
    assert SAFETY.look("No puedo hablar") is Sign.WATCHED
    assert SAFETY.look("SEGUIR") is Sign.RESUME
    assert SAFETY.look("pausa") is Sign.PAUSE


@pytest.mark.parametrize(("word", "sign"), [("RETIRAR", Sign.WITHDRAW), ("withdraw.", Sign.WITHDRAW)])
def test_one_word_takes_a_report_back(word: str, sign: Sign) -> None:
    assert SAFETY.look(word) is sign
    assert SAFETY.look(f"no quiero {word} nada") is not sign


def test_unmistakable_danger_counts_before_a_wide_sign_and_a_wide_sign_before_distress() -> None:
    lists = {"xx": {"language": {}, "danger": ["me pega"], "danger_perhaps": ["arma", "me pega"],
                    "distress": ["lloro", "arma"]}}  # fmt: skip
    small = Safety.of(lists)
    assert [small.look(said) for said in ("él me pega", "hay un arma", "lloro mucho", "hola")] == [
        Sign.DANGER, Sign.PERHAPS, Sign.DISTRESS, None,
    ]  # fmt: skip


def test_every_language_has_a_list_for_every_sign() -> None:
    assert len(TEXTS.safety) >= 2
    for words in TEXTS.safety.values():
        assert all(words[key] for key in ("danger", "self_harm", "danger_perhaps", "distress", "withdraw", "exit"))


def test_danger_is_found_at_both_ends_of_a_giant_message() -> None:
    filler = "palabra " * 20_000
    assert SAFETY.look("me está pegando ahora mismo " + filler) is Sign.DANGER
    assert SAFETY.look(filler + " me está pegando ahora mismo") is Sign.DANGER


@given(st.text(string.printable, max_size=300))
def test_any_text_is_looked_at_without_failing(text: str) -> None:
    assert SAFETY.look(text) in {None, *Sign}


def test_a_language_is_asked_for_by_its_name() -> None:
    assert SAFETY.language("English") == "en"
    assert SAFETY.language("español") == "es"
    assert SAFETY.language("hola") is None
