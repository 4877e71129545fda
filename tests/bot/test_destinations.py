"""Each destination has its source, and stands there once."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel import Locale

from bot import destinations
from bot.destinations import COLUMNS, FILE, NAMED, Destination, DestinationsError
from bot.errors import SettingsError


def file(folder: Path, *lines: str) -> Path:
    path = folder / "destinations.csv"
    path.write_text("\n".join([",".join(COLUMNS), *lines]), encoding="utf-8")
    return path


def test_the_shipped_ones_are_as_many_as_sources_were_found_for() -> None:
    """The airline named 72; a row without a source would be invented."""
    found = destinations.load()
    assert (len(found), NAMED) == (62, 72)
    assert all(one.source and one.city for one in found)
    assert len(destinations.countries(found)) == 23
    assert destinations.countries(found) <= set(Locale("en").territories)
    assert sum(one.iso2 == "CO" for one in found) == 17


def test_a_row_is_a_destination(tmp_path: Path) -> None:
    path = file(tmp_path, 'BOG,Bogotá,CO,"a page, 2023"', "LHR,London,GB,a page")
    assert destinations.load(path)[0] == Destination("BOG", "Bogotá", "CO", "a page, 2023")
    assert destinations.countries(destinations.load(path)) == {"CO", "GB"}


@pytest.mark.parametrize(
    "line",
    ["BOG,Bogotá,CO", "BOG,Bogotá,CO,", "BOG,,CO,a page", "bog,Bogotá,CO,a page", "BOG,Bogotá,COL,a page", '"BOG'],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    with pytest.raises(DestinationsError) as refused:
        destinations.load(file(tmp_path, "LHR,London,GB,a page", line))
    assert "line 3" in str(refused.value)


def test_an_airport_stands_there_once(tmp_path: Path) -> None:
    with pytest.raises(DestinationsError) as refused:
        destinations.load(file(tmp_path, "BOG,Bogotá,CO,a page", "BOG,Bogotá,CO,another"))
    assert "twice" in str(refused.value)


def test_another_file_is_refused_as_a_wrong_setting(tmp_path: Path) -> None:
    path = tmp_path / "other.csv"
    path.write_text("iata\nBOG\n", encoding="utf-8")
    with pytest.raises(SettingsError):
        destinations.load(path)
    assert FILE.exists()
