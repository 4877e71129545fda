import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot import placement_codes
from bot.card_text import carried, opened, sound
from bot.channels import Incoming
from bot.pages.words import shipped

KNOWN = {"7K3M9"}
WORDS = {language: shipped()("card.word", language) for language in shipped().tables}


def text(said: str, **more: object) -> Incoming:
    return Incoming("1", "5", "text", said, **more)  # type: ignore[arg-type]


def meaning(message: Incoming) -> tuple[str, str, str, str]:
    return message.kind, message.text, message.placement, message.language


def test_the_word_of_every_language_brings_the_code_and_the_language() -> None:
    assert len(set(WORDS.values())) == 5
    for language, word in WORDS.items():
        for said in (f"{word} 7K3M9", f"{word.lower()} 7k3m9", f"*{word.title()}: 7K3-M9*", f"{word}7k3 m9.\n"):
            assert meaning(carried(text(said))) == ("start", "", "7K3M9", language), said


@given(code=some.builds(placement_codes.new), between=some.sampled_from([" ", "-", "", " \u2013 ", "\n", ": "]))
def test_every_code_is_read(code: str, between: str) -> None:
    assert meaning(carried(text(f"VIAJE{between}{code}"))) == ("start", "", code, "es")


@pytest.mark.parametrize(("said", "own"), [
    ("VIAJE 7K3M9 necesito ayuda", "necesito ayuda"), ("Hola. viaje 7k3m9", "Hola."),
    ("viaje 7k3m9, mi vuelo es el 25", "mi vuelo es el 25"),
])  # fmt: skip
def test_own_words_beside_it_stay_words(said: str, own: str) -> None:
    assert meaning(carried(text(said))) == ("text", own, "7K3M9", "es")


@pytest.mark.parametrize("said", [
    "VIAJE 7K3M8", "VIAJE K73M9", "VIAJE", "7K3M9", "viaje a Madrid", "viaje 2 5 7", "equipaje 7K3M9", "VIAJES 7K3M9",
    "VIAJE 7K3M99", "me dieron la tarjeta viaje 7K3M9 en el avión", "",
])  # fmt: skip
def test_everything_else_is_left_as_it_is_in_the_middle_of_a_talk(said: str) -> None:
    assert carried(text(said)) == text(said)


def test_only_words_that_were_written_now_are_looked_at() -> None:
    for other in (text("VIAJE 7K3M9", edited=True), Incoming("1", "5", "media", "VIAJE 7K3M9"),
                  Incoming("1", "5", "choice", choice="VIAJE 7K3M9")):  # fmt: skip
        assert carried(other) == opened(other, KNOWN) == other


@pytest.mark.parametrize("said", ["7K3M9", "7k3 m9", "«7K3-M9».", " 7k3m9\n"])
def test_a_code_alone_counts_in_the_first_message_if_its_card_is_known(said: str) -> None:
    assert meaning(opened(text(said, language="pt"), KNOWN)) == ("start", "", "7K3M9", "pt")
    assert meaning(opened(text(said), set())) == ("start", "", "", "")


@pytest.mark.parametrize(("said", "language"), [
    ("VIAJE 7K3M8", "es"), ("trip 7K3MO", "en"), ("voyage 7k3m", "fr"), ("viagem 7k3 m8", "pt"), ("7K3M8", ""),
    ("7k3 m8", ""),
])  # fmt: skip
def test_a_mistyped_code_in_the_first_message_is_a_greeting(said: str, language: str) -> None:
    assert meaning(opened(text(said), KNOWN)) == ("start", "", "", language)


@pytest.mark.parametrize(
    "said", ["viaje el 15", "viaje 2026", "voy 15", "viaje Madrid", "hola", "0", "SALIR", "viaje", "1234"]
)
def test_first_words_that_are_no_code_stay_words(said: str) -> None:
    assert opened(text(said), KNOWN) == text(said)


def test_a_code_that_a_link_brought_is_looked_at() -> None:
    assert (sound("7k3-m9"), sound("7K3M8"), sound("S12-A_b"), sound("")) == ("7K3M9", "", "", "")
    for brought, known in (("7k3m9", "7K3M9"), ("../etc", "")):
        assert opened(Incoming("1", "5", "start", placement=brought), KNOWN).placement == known
        assert opened(text("hola", placement=brought), KNOWN).placement == known
