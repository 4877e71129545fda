from __future__ import annotations

import csv
import hashlib
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdfium2
import pytest
from click.testing import CliRunner, Result

from bot.cli import faro
from bot.placement_codes import with_check
from bot.placements import COLUMNS
from tests.bot.cards import printed

FIRST, SECOND, THIRD = (with_check(body) for body in ("7K3M", "9CDF", "4HJK"))
NEXT_YEAR = str(datetime.now(UTC).date() + timedelta(days=365))


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "FARO_DATA_DIR": str(tmp_path),
        "FARO_PUBLIC_URL": printed.ADDRESS,
        "FARO_SMS_SENDER": printed.SMS,
        "FARO_TWILIO_ACCOUNT_SID": "AC0",
        "FARO_TWILIO_AUTH_TOKEN": "x",
    }.items():
        monkeypatch.setenv(name, value)
    return tmp_path


def listed(*rows: str) -> None:
    Path("placements.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")


def row(code: str, cards: int = 30, languages: str = "es en", until: str = NEXT_YEAR) -> str:
    return f"{code},Airline,BOG-MAD,ES,{languages},{cards},{until}"


def cards(*arguments: str) -> Result:
    return CliRunner().invoke(faro, ["cards", "placements.csv", "out", *arguments])


def index() -> list[dict[str, str]]:
    with Path("out/index.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_cards_are_made_with_a_list_that_says_what_each_file_is() -> None:
    listed(row(FIRST), row(SECOND, 1500, "pt"))
    result = cards()
    assert result.exit_code == 0, result.output
    columns = ("file", "code", "place", "language", "cards", "pages")
    assert [tuple(one[column] for column in columns) for one in index()] == [
        (f"{FIRST}-seat-01.pdf", FIRST, "Airline", "es en", "30", "15"),
        (f"{SECOND}-seat-01.pdf", SECOND, "Airline", "pt", "1000", "500"),
        (f"{SECOND}-seat-02.pdf", SECOND, "Airline", "pt", "500", "250"),
    ]
    for one in index():
        content = (Path("out") / one["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == one["sha256"]
        assert len(pypdfium2.PdfDocument(content)) == int(one["pages"])
        assert (one["format"], one["valid_until"]) == ("seat", NEXT_YEAR)


def test_it_tells_how_many_how_long_and_how_much_memory() -> None:
    listed(row(FIRST))
    told = cards().stdout.splitlines()[-1]
    assert re.fullmatch(
        r"30 cards in 1 file of 15 pages, \d+\.\d s, \d+ MB of memory at most; the list is out/index\.csv", told
    )


def test_several_sizes_are_made_in_one_run_and_languages_can_be_chosen() -> None:
    listed(row(FIRST))
    assert cards("--only", "business", "--only", "poster-a4", "--languages", "fr,ht").exit_code == 0
    assert [(one["format"], one["language"], one["cards"]) for one in index()] == [
        ("business", "fr ht", "30"), ("poster-a4", "fr ht", "1")
    ]  # fmt: skip
    text = printed.text(printed.pages((Path("out") / index()[1]["file"]).read_bytes())[0])
    assert f"VOYAGE {FIRST}" in text
    assert "VIAJE" not in text


def test_a_language_that_is_not_offered_is_refused() -> None:
    listed(row(FIRST))
    result = cards("--languages", "es,xx")
    assert result.exit_code == 2
    assert "xx is not offered; there are en, es, fr, ht, pt." in result.output


def test_a_row_with_a_mistake_is_told_by_line_and_column_and_nothing_is_made(
    capsys: pytest.CaptureFixture[str],
) -> None:
    listed(row(FIRST), row("7K3M8"))
    ran = subprocess.run(
        [sys.executable, "-m", "bot.cli", "cards", "placements.csv", "out"],
        env={"PYTHONPATH": str(Path(__file__).parents[3])}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 2
    assert re.fullmatch(r"faro: placements.csv, line 3: code .*\n", ran.stderr)
    assert not Path("out").exists()


def test_what_is_no_longer_handed_out_is_left_out_with_a_word() -> None:
    listed(row(FIRST), row(SECOND, until="2020-01-31"), row(THIRD, 0))
    result = cards()
    assert result.exit_code == 0
    assert f"{SECOND}: left out, no longer handed out since 2020-01-31" in result.output
    assert f"{THIRD}: left out, for posters alone" in result.output
    assert [one["code"] for one in index()] == [FIRST]
    listed(row(SECOND, until="2020-01-31"))
    result = cards()
    assert (result.exit_code, "there is nothing to print" in result.output) == (1, True)


def test_a_second_run_replaces_its_files_but_nobody_elses() -> None:
    listed(row(FIRST))
    assert cards().exit_code == 0
    assert cards().exit_code == 0
    assert len(index()) == 1
    Path(f"out/{FIRST}-seat-01.pdf").write_bytes(b"of the printer")
    result = cards()
    assert result.exit_code == 1
    assert f"{FIRST}-seat-01.pdf in that folder is not ours" in result.output
    assert Path(f"out/{FIRST}-seat-01.pdf").read_bytes() == b"of the printer"


def test_in_practice_every_card_is_marked_and_no_address_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("FARO_PUBLIC_URL", "FARO_SMS_SENDER", "FARO_TWILIO_ACCOUNT_SID", "FARO_TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name)
    listed(row(FIRST))
    result = cards()
    assert result.exit_code == 0
    assert "practice mode: every card is marked as a sample" in result.output
    assert "no number to write to is printed" in result.output
    text = printed.text(printed.pages(Path(f"out/{FIRST}-seat-01.pdf").read_bytes())[0])
    assert text.count("MUESTRA, no es válida · SAMPLE, not valid") == 2
    assert text.count(f"127.0.0.1:8000/c/{FIRST}") == 2


def real(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not practice: the keys of directors are set."""
    monkeypatch.setenv("FARO_ROSTER_KEYS", "00" * 32)


def test_real_cards_are_not_marked_and_bear_no_number_that_nobody_called(monkeypatch: pytest.MonkeyPatch) -> None:
    real(monkeypatch)
    listed(row(FIRST))
    result = cards()
    assert result.exit_code == 0
    assert f"{FIRST}: no emergency number may be shown today, so none is printed" in result.output
    text = printed.text(printed.pages(Path(f"out/{FIRST}-seat-01.pdf").read_bytes())[0])
    assert "SAMPLE" not in text
    assert "Useful numbers" not in text


def test_real_cards_need_the_public_address(monkeypatch: pytest.MonkeyPatch) -> None:
    real(monkeypatch)
    for name in ("FARO_PUBLIC_URL", "FARO_SMS_SENDER", "FARO_TWILIO_ACCOUNT_SID", "FARO_TWILIO_AUTH_TOKEN"):
        monkeypatch.delenv(name)
    listed(row(FIRST))
    result = cards()
    assert result.exit_code != 0
    assert str(result.exception).startswith("FARO_PUBLIC_URL is missing")
    assert not Path("out").exists()


def test_an_address_that_leaves_no_room_for_the_code_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARO_PUBLIC_URL", "https://" + "v" * 80 + ".org")
    listed(row(FIRST))
    assert str(cards().exception).startswith("FARO_PUBLIC_URL is too long")
    assert not Path("out").exists()


def memory_of(count: int) -> tuple[int, float]:
    """Megabytes and seconds that a run of so many files of 1,000 cards tells, in a process of its own."""
    listed(*(row(with_check(f"2{'CDFHJKMNPQRTVWX'[number]}CC"), 1000) for number in range(count)))
    ran = subprocess.run(
        [sys.executable, "-m", "bot.cli", "cards", "placements.csv", f"out{count}", "--only", "business"],
        env={"PYTHONPATH": str(Path(__file__).parents[3])}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    told = re.search(r"(\d+) cards in .* ([\d.]+) s, (\d+) MB", ran.stdout)
    assert told is not None
    assert int(told[1]) == count * 1000
    return int(told[3]), float(told[2])


def test_ten_times_the_cards_need_hardly_more_memory_and_not_much_more_than_ten_times_the_time() -> None:
    one, ten = memory_of(1), memory_of(10)
    assert ten[0] < one[0] * 1.3
    assert ten[1] < max(one[1], 0.3) * 30
