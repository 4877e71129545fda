from __future__ import annotations

import base64
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from bot import plunder
from bot.settings import Settings

WORD = "Zarzamoñera"


@pytest.mark.parametrize(
    "written",
    [
        WORD.encode(),
        WORD.upper().replace("Ñ", "ñ").encode(),
        WORD.encode("utf-16-le"),
        WORD.encode("utf-16-be"),
        WORD.encode().hex().encode(),
        b'{"text": "Zarzamo\\u00f1era"}',
        *(base64.b64encode(b"x" * shift + WORD.encode() + b"yy") for shift in range(6)),
    ],
)
def test_a_word_is_found_however_it_is_written(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "file").write_bytes(b"before " + written + b" after")
    (tmp_path / "other").write_bytes(b"Zarzamo nera")
    assert plunder.with_word(tmp_path, WORD) == ["deep/file"]


def test_a_word_is_found_across_the_edge_of_two_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plunder, "AT_ONCE", 64)
    for place in range(48, 70):
        (tmp_path / f"{place}").write_bytes(b"." * place + WORD.encode() + b"." * 100)
    assert len(plunder.with_word(tmp_path, WORD)) == 22


def test_everything_is_copied_but_sockets_and_the_vanishing_keys_do_not_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, target = tmp_path / "data", tmp_path / "target"
    for name in (
        "keys/epochs/1.key",
        "keys/pseudonyms/2026-01.key",
        "keys/digest.key",
        "postgres/base/1",
        "roster.json",
    ):
        path = data / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12")
    with socket.socket(socket.AF_UNIX) as door:
        monkeypatch.chdir(data)  # a socket's address is short
        door.bind("socket")
        plunder.files(data, target)
    assert plunder.read(target) == (5, 10)
    plunder.clean(target)
    assert plunder.read(target) == (3, 6)
    assert plunder.read(data) == (5, 10)


def test_settings_are_named_and_never_their_values() -> None:
    given = Settings(_env_file=None, telegram_token="123:hidden", telegram_secret="hidden", smtp_url="")
    assert plunder.names_of_settings(given) == ["FARO_TELEGRAM_SECRET", "FARO_TELEGRAM_TOKEN"]


def test_other_processes_are_seen_and_not_those_that_lead_to_the_drill() -> None:
    mark, own = "a-mark-on-the-command-line", "a-mark-of-our-own"
    drill = [sys.executable, "-c", "from bot import plunder; print(plunder.processes())", own]
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", mark]) as other:
        run = subprocess.run(drill, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2])
        other.kill()
    assert mark in run.stdout
    assert own not in run.stdout
