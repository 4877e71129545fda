"""`faro talk` as a program: a person types, and what comes of it replays as a test."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import yaml

from tests.house import House
from tests.samples import picture_with_place
from tests.talking import Talk, play

ROOT = Path(__file__).parents[2]


async def typed(house: House, lines: list[str], *arguments: str, url: str = "") -> tuple[int, str]:
    """Exit code and everything that stood on the screen. Lone surrogates stand for bytes that are no UTF-8."""
    settings = house.service.settings
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "FARO_DATA_DIR": str(settings.data_dir),
                   "FARO_ENGINE_TOKEN": settings.engine_token, "LANG": "C.UTF-8"}  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli", "talk", "--url", url or house.url, *arguments,
        cwd=settings.data_dir, env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    async with asyncio.timeout(60):
        output, _ = await process.communicate("".join(f"{line}\n" for line in lines).encode(errors="surrogateescape"))
    return process.returncode or 0, output.decode()


async def test_a_conversation_that_was_saved_replays_as_a_test(practice_house: House, tmp_path: Path) -> None:
    file, picture = tmp_path / "es-somebody.yml", tmp_path / "x.jpg"
    picture.write_bytes(picture_with_place())
    lines = ["hola", "1", "tengo 30 años", f"/photo {picture}", "3", "/photo nowhere.jpg", "", "/quit", "never said"]
    code, screen = await typed(practice_house, lines, "--save", str(file))
    assert code == 0, screen
    assert "no such file" in screen
    assert "1  Sí, puedo" in screen
    saved = yaml.safe_load(file.read_text(encoding="utf-8"))
    said = [step["person"] for step in saved["talk"] if "person" in step]
    assert said == ["hola", "1", "tengo 30 años", "3", "\u200b"]
    assert {"photo": "picture with place"} in saved["talk"]
    talk = Talk.read(file)
    assert sum(len(said) for _, said in talk.steps) > 8
    assert await play(talk, practice_house) == []


async def test_an_exit_word_ends_the_conversation_and_not_the_program(practice_house: House) -> None:
    _, screen = await typed(practice_house, ["hola", "SALIR", "hola"])
    assert screen.count("Hola, gracias por escribir.") == 2
    assert "Que tenga un buen viaje" in screen
    assert await practice_house.count("conversations") == 1


async def test_without_a_gateway_it_says_what_to_do(practice_house: House) -> None:
    code, screen = await typed(practice_house, ["hola"], url="http://127.0.0.1:9")
    assert code == 1
    assert "start it with ./run" in screen
    assert "Traceback" not in screen


async def test_a_foreign_data_folder_is_told(practice_house: House, tmp_path: Path) -> None:
    house = practice_house
    token, house.service.settings.__dict__["engine_token"] = house.service.settings.engine_token, "another"
    code, screen = await typed(house, ["hola"])
    house.service.settings.__dict__["engine_token"] = token
    assert code == 1
    assert "403" in screen


async def test_what_is_no_utf8_is_said_as_far_as_it_can_be_read_and_saved(
    practice_house: House, tmp_path: Path
) -> None:
    file = tmp_path / "es-somebody.yml"
    code, screen = await typed(practice_house, ["hola \udce1", "/quit"], "--save", str(file))
    assert code == 0, screen
    assert "¿Puede escribir" in screen
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["talk"][0] == {"person": "hola \N{REPLACEMENT CHARACTER}"}
