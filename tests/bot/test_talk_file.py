from pathlib import Path

import pytest
import yaml

from bot.talk_file import WIDTH, faro, written
from tests.talking import Talk

LONG = "Le cuento en pocas palabras: este espacio es para personas a quienes alguien engaña, controla o presiona. " * 3
STEPS = [
    {"person": "hola"},
    faro(LONG.strip()),
    faro("¿Puede escribir?\nCon calma: sí o no", ["Sí, puedo", "Ahora no"]),
    {"tap": "Sí, puedo"},
    faro("Gracias."),
]


def read(text: str) -> dict[str, object]:
    value: dict[str, object] = yaml.safe_load(text)
    return value


def test_what_is_written_is_read_again_word_for_word() -> None:
    value = read(written("Somebody who greets.", "telegram", "es", STEPS, "none"))
    assert list(value) == ["about", "channel", "language", "talk", "reports"]
    assert value["talk"] == STEPS
    assert value["reports"] == "none"


def test_words_that_look_like_yaml_stay_words() -> None:
    said = ["no", "0", "1, 3", "SI: a veces # no", "- x", "'", '"', "null", " hola ", "@a", "{b}", "12:30", "a\tb"]
    steps = [{"person": word} for word in said]
    assert read(written("x", "sms", "es", steps, None))["talk"] == steps


def test_a_person_is_set_apart_by_an_empty_line_and_lines_stay_short() -> None:
    lines = written("Somebody who greets.", "telegram", "es", STEPS, None).splitlines()
    spoken = [number for number, line in enumerate(lines) if line.startswith(("  - person:", "  - tap:"))]
    assert len(spoken) == 2
    assert all(lines[number - 1] == "" for number in spoken)
    assert max(map(len, lines)) < WIDTH + 20  # the word that goes beyond is finished
    assert not any(line.endswith(" ") for line in lines)


def test_a_receipt_code_is_left_open_since_no_code_comes_twice() -> None:
    assert faro("Booking ref 1234 5678 9012 3456. Keep it.") == {"faro": "Booking ref …"}
    assert faro("Llame al 018000 522020.") == {"faro": "Llame al 018000 522020."}


def test_without_reports_nothing_is_claimed_of_them() -> None:
    assert "reports" not in read(written("x", "sms", "es", STEPS, None))


def test_what_is_written_replays(tmp_path: Path) -> None:
    file = tmp_path / "talk.yml"
    reports = {"coat, icbf": [{"tier": "P1", "holds": ["some words"]}]}
    file.write_text(written("Somebody who greets.", "telegram", "es", STEPS, reports))
    talk = Talk.read(file)
    assert [step for step, _ in talk.steps] == [{"person": "hola"}, {"tap": "Sí, puedo"}]
    assert [len(said) for _, said in talk.steps] == [2, 1]
    assert talk.due("icbf") == reports["coat, icbf"]
    talk.write()
    assert Talk.read(file).steps == talk.steps


@pytest.mark.parametrize(
    "date",
    [
        "Checked on Nov 26, 2026.",
        "Comprobado el 26 nov 2026.",
        "Conferido em 26 de nov. de 2026.",
        "Verifye 2 jen. 2026.",
    ],
)
def test_the_date_of_a_number_is_left_open(date: str) -> None:
    said = faro(f"A: 1\n{date}")["faro"]
    assert said.endswith(" …")
    assert "2026" not in said
    assert f"A: 1\n{date}".startswith(said[:-1])
