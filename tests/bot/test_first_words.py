import pytest

from bot.first_words import FirstWords
from bot.texts import Texts

FIRST = FirstWords.of(Texts.load().safety)


@pytest.mark.parametrize(("said", "hints", "language"), [
    ("hola necesito hablar con alguien", [], "es"),
    ("hello I need to talk to someone", [], "en"),
    ("preciso de ajuda, tô na china", [], "pt"),
    ("bonjour j'ai besoin de parler à quelqu'un", [], "fr"),
    ("bonjou mwen bezwen pale ak yon moun", [], "ht"),
    ("hola", ["en"], "es"),
    ("bonswa", ["fr"], "ht"),
    ("bom dia", [], "pt"),
    ("BUENAS", [], "es"),
    ("hi", [], "en"),
    ("mwen nan chili", ["fr"], "ht"),
])  # fmt: skip
def test_words_decide(said: str, hints: list[str], language: str) -> None:
    assert FIRST.guess(said, hints) == language


@pytest.mark.parametrize(("said", "hints", "language"), [
    ("xyz", ["en"], "en"),
    ("xyz", ["en-US"], "en"),
    ("", ["tlh", "fr"], "fr"),
    ("7K2P", ["", "ht", "fr"], "ht"),
    ("ok", ["pt-br"], "pt"),
])  # fmt: skip
def test_words_that_tell_nothing_leave_it_to_the_phone_then_to_the_card(
    said: str, hints: list[str], language: str
) -> None:
    assert FIRST.guess(said, hints) == language


@pytest.mark.parametrize("said", ["", "7K2P", "👋", "xyz", "123"])
def test_without_any_sign_nobody_guesses(said: str) -> None:
    assert FIRST.guess(said) is None
