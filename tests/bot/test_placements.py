from datetime import date
from pathlib import Path

import pytest

from bot import texts
from bot.placements import COLUMNS, LEAST_CARDS, NAME, Placement, Placements, PlacementsError

CODE = "7K3M9"
GOOD = f"{CODE},Avianca A320,BOG-MAD,ES,es en,1200,2027-12-31"


def written(folder: Path, *rows: str) -> Path:
    (folder / NAME).write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return folder


def test_a_card_tells_its_route_its_destination_and_its_languages(tmp_path: Path) -> None:
    placements = Placements.load(written(tmp_path, GOOD))
    assert placements.by_code[CODE] == Placement(
        CODE, "Avianca A320", "BOG-MAD", "ES", ("es", "en"), 1200, date(2027, 12, 31)
    )
    assert (placements.languages(CODE), placements.destination(CODE)) == (("es", "en"), "ES")


def test_an_unknown_card_and_no_file_tell_nothing(tmp_path: Path) -> None:
    assert Placements.load(tmp_path).languages(CODE) == ()
    known = Placements.load(written(tmp_path, GOOD))
    assert (known.languages("other"), known.destination("other")) == ((), "")


def test_what_a_table_program_writes_is_read(tmp_path: Path) -> None:
    """With its mark at the beginning, small letters, spaces around and an empty line at the end."""
    row = " 7k3-m9 , Avianca A320 , , , es es , 25 , 2020-01-01 "
    (tmp_path / NAME).write_text("\r\n".join([",".join(COLUMNS), row, "", ""]), encoding="utf-8-sig")
    (one,) = Placements.load(tmp_path).by_code.values()
    assert one == Placement(CODE, "Avianca A320", "", "", ("es",), 25, date(2020, 1, 1))


@pytest.mark.parametrize(("row", "told"), [
    ("7K3M9,,BOG-MAD,ES,es,100,2027-12-31", "line 2: place"),
    (f"7K3M9,{'A' * 81},BOG-MAD,ES,es,100,2027-12-31", "line 2: place"),
    (f"7K3M9,A,{'A' * 81},ES,es,100,2027-12-31", "line 2: route"),
    ("7K3M9,A\x1b[1m,BOG-MAD,ES,es,100,2027-12-31", "line 2: place"),
    ("7K3M8,A,BOG-MAD,ES,es,100,2027-12-31", "line 2: code"),
    ("K7Q2,A,BOG-MAD,ES,es,100,2027-12-31", "line 2: code"),
    ("7K3M9,A,BOG-MAD,Spain,es,100,2027-12-31", "line 2: destination"),
    ("7K3M9,A,BOG-MAD,es,es,100,2027-12-31", "line 2: destination"),
    ("7K3M9,A,BOG-MAD,EU,es,100,2027-12-31", "line 2: destination"),
    ("7K3M9,A,BOG-MAD,ES,,100,2027-12-31", "line 2: languages"),
    ("7K3M9,A,BOG-MAD,ES,es de,100,2027-12-31", "line 2: languages must be some of en es fr ht pt"),
    ("7K3M9,A,BOG-MAD,ES,es,many,2027-12-31", "line 2: cards"),
    ("7K3M9,A,BOG-MAD,ES,es,\u0663\u0664\u0664,2027-12-31", "line 2: cards"),
    ("7K3M9,A,BOG-MAD,ES,es,100,31/12/2027", "line 2: valid_until"),
    ("7K3M9,A", "line 2: 2 columns"),
    (f"{GOOD}\n{GOOD}", "line 3: a code that stands above"),
    ('"7K3M9', "not CSV"),
])  # fmt: skip
def test_a_row_that_is_not_as_it_must_be_is_refused_by_line_and_column(tmp_path: Path, row: str, told: str) -> None:
    assert set(texts.shipped().names) == {"en", "es", "fr", "ht", "pt"}
    with pytest.raises(PlacementsError, match=told):
        Placements.load(written(tmp_path, row))


@pytest.mark.parametrize(("cards", "good"), [(0, True), (1, False), (LEAST_CARDS - 1, False), (LEAST_CARDS, True)])
def test_a_code_of_a_few_cards_would_name_a_seat_and_is_refused(tmp_path: Path, cards: int, good: bool) -> None:
    folder = written(tmp_path, f"7K3M9,Avianca A320,BOG-MAD,ES,es,{cards},2027-12-31")
    if good:
        assert Placements.load(folder).by_code[CODE].cards == cards
        return
    with pytest.raises(PlacementsError, match=r"line 2: cards must be 25 or more: .* never for a seat"):
        Placements.load(folder)


def test_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("code\n")
    with pytest.raises(PlacementsError, match="line 1"):
        Placements.load(tmp_path)
