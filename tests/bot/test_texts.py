import pytest

from bot.texts import Texts, plain

TEXTS = Texts.load()


def test_a_channel_has_its_own_wording_where_there_is_one() -> None:
    assert TEXTS("readers", "es", "telegram") != TEXTS("readers", "es", "sms")
    assert TEXTS("exit", "es", "telegram") == TEXTS("exit", "es")


def test_an_unknown_message_is_an_error_and_not_an_empty_text() -> None:
    with pytest.raises(KeyError):
        TEXTS("nothing_like_it", "es")


def test_every_language_bears_the_name_that_its_speakers_use() -> None:
    assert TEXTS.names == {
        "en": "English", "es": "español", "fr": "français", "ht": "kreyòl ayisyen", "pt": "português",
    }  # fmt: skip


def test_words_are_compared_without_case_accents_and_signs() -> None:
    assert plain("  ¡AYÚDEME,  por   favor!  ") == "ayudeme por favor"
