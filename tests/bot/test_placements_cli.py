from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import faro
from bot.errors import SettingsError
from bot.placement_codes import valid
from bot.placements import NAME
from tests.bot.test_placements import GOOD, written


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FARO_DATA_DIR", str(tmp_path))
    return tmp_path


def run(*arguments: str) -> list[str]:
    return CliRunner().invoke(faro, ["placements", *arguments], catch_exceptions=False).output.splitlines()


def test_the_list_is_printed_and_a_card_past_its_last_day_is_told(data: Path) -> None:
    written(data, GOOD, "V9FTH,El Dorado,,,es,0,2020-01-31")
    assert run("check") == [
        "7K3M9  Avianca A320, BOG-MAD, ES, es en, 1200 cards",
        "V9FTH  El Dorado, es, 0 cards; past its last day, 2020-01-31",
        "2 placements, 1200 cards",
    ]
    assert run("check", str(data / NAME)) == run("check")


def test_without_a_list_there_is_none() -> None:
    assert run("check") == ["0 placements, 0 cards"]


def test_what_is_wrong_is_one_line(data: Path) -> None:
    written(data, GOOD.replace("ES", "Spain"))
    with pytest.raises(SettingsError, match="line 2: destination"):
        run("check")


def test_new_codes_are_codes_and_differ() -> None:
    (one,) = run("new")
    many = run("new", "300")
    assert valid(one)
    assert len(set(many)) == 300
    assert all(map(valid, many))
