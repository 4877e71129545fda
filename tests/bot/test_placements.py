from datetime import date
from pathlib import Path

import pytest

from bot.placements import COLUMNS, NAME, Placement, Placements, PlacementsError

GOOD = "K7Q2,Avianca A320,BOG-MAD,ES,es en,1200,2027-12-31"


def written(folder: Path, *rows: str) -> Path:
    (folder / NAME).write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    return folder


def test_a_card_tells_its_route_and_its_languages(tmp_path: Path) -> None:
    placements = Placements.load(written(tmp_path, GOOD))
    assert placements.by_code["K7Q2"] == Placement(
        "K7Q2", "Avianca A320", "BOG-MAD", "ES", ("es", "en"), 1200, date(2027, 12, 31)
    )
    assert placements.languages("K7Q2") == ("es", "en")


def test_an_unknown_card_and_no_file_tell_nothing(tmp_path: Path) -> None:
    assert Placements.load(tmp_path).languages("K7Q2") == ()
    assert Placements.load(written(tmp_path, GOOD)).languages("other") == ()


@pytest.mark.parametrize(("row", "told"), [
    ("K7Q2,,BOG-MAD,ES,es,1,2027-12-31", "line 2: place"),
    ("K7 Q2,A,BOG-MAD,ES,es,1,2027-12-31", "line 2: code"),
    ("K7Q2,A,BOG-MAD,Spain,es,1,2027-12-31", "line 2: destination"),
    ("K7Q2,A,BOG-MAD,ES,,1,2027-12-31", "line 2: languages"),
    ("K7Q2,A,BOG-MAD,ES,es,many,2027-12-31", "line 2: cards"),
    ("K7Q2,A,BOG-MAD,ES,es,1,31/12/2027", "line 2: valid_until"),
    ("K7Q2,A", "line 2: 2 columns"),
    (f"{GOOD}\n{GOOD}", "line 3: a code that stands above"),
    ('"K7Q2', "not CSV"),
])  # fmt: skip
def test_a_row_that_is_not_as_it_must_be_is_refused_by_line_and_column(tmp_path: Path, row: str, told: str) -> None:
    with pytest.raises(PlacementsError, match=told):
        Placements.load(written(tmp_path, row))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("code\n")
    with pytest.raises(PlacementsError, match="line 1"):
        Placements.load(tmp_path)
