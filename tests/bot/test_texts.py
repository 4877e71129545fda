from pathlib import Path

import pytest
import yaml

from bot.texts import Texts, lacks, plain

TEXTS = Texts.load()


def test_spanish_and_english_are_complete_and_offered() -> None:
    assert {"es", "en"} <= set(TEXTS.say)


def test_a_channel_has_its_own_wording_where_there_is_one() -> None:
    assert TEXTS("readers", "es", "telegram") != TEXTS("readers", "es", "sms")
    assert TEXTS("exit", "es", "telegram") == TEXTS("exit", "es")


def test_an_unknown_message_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        TEXTS("nothing_like_it", "es")


def test_an_incomplete_language_is_not_offered(tmp_path: Path) -> None:
    for code in ("es", "xx"):
        (tmp_path / code).mkdir()
        (tmp_path / code / "safety.yml").write_text("{language: {}, danger: [], self_harm: []}")
    whole = {"messages": {"hello": "a", "exit": "b"}, "options": {"yes": "c"}, "questions": {"Q1": {"ask": "d"}}}
    (tmp_path / "es" / "say.yml").write_text(yaml.safe_dump(whole))
    (tmp_path / "xx" / "say.yml").write_text(yaml.safe_dump({**whole, "messages": {"hello": "a"}}))
    assert list(Texts.load(tmp_path).say) == ["es"]
    assert lacks({**whole, "messages": {"hello": "a"}}, whole) == ["messages.exit"]


@pytest.mark.parametrize(("said", "hint", "language"), [
    ("hola necesito hablar con alguien", "", "es"),
    ("hello I need to talk to someone", "", "en"),
    ("hola", "en", "es"),
    ("xyz", "en", "en"),
    ("xyz", "en-US", "en"),
    ("", "", "es"),
    ("", "tlh", "es"),
])  # fmt: skip
def test_the_language_is_guessed_from_first_words_then_from_the_phone(said: str, hint: str, language: str) -> None:
    assert TEXTS.guess(said, hint) == language


def test_words_are_compared_without_case_accents_and_signs() -> None:
    assert plain("  ¡AYÚDEME,  por   favor!  ") == "ayudeme por favor"
