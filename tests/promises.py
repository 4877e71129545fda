"""What the tests of the promises tell, look at and wait for."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from sqlalchemy import text

from bot.channels.gsm7 import transliterate
from bot.texts import plain
from tests.channels.platforms.phone import Phone
from tests.house import House

# Up to the story, for somebody who is at the place, in Colombia, and tells in nonsense words that are nobody's.
MARKS = ["Zarzamora", "Quintopelo", "Morrocoy", "Bajamar", "Tolondro", "Peliagudo"]
TO_CONSENT = ["hola, soy Zarzamora y quiero contar algo", "1", "1", "3", "1"]
QUESTIONS = ["saltar", "1", "sí, lo guarda Quintopelo", "2", "2", "2", "1", "2", "1 2"]
TO_STORY = ["2", "saltar"]  # after them
PLAN = ["2", "1", "Tolondro", "Peliagudo", "saltar"]
WHOLE = [*TO_CONSENT, "2", *QUESTIONS, *TO_STORY, "Vivo en Morrocoy con gente de Bajamar", *PLAN]
ROOT = Path(__file__).parent.parent


def reporting(story: str) -> list[str]:
    """A short way to a report, by digits, of which `story` is the words that are told last but one."""
    digits = ["1", "1", "3", "1", "1", "saltar", "1", "2", "3", "2", "2", "1", "2"]
    return ["hola", *digits, "1 2", "2", "saltar", story, "5"]


async def tell(house: House, phone: Phone, lines: list[str]) -> None:
    for line in lines:
        await phone.say(line)
        await house.quiet()


def shown(phone: Phone) -> str:
    return "\n".join(seen.text for seen in phone.seen)


class away:
    """No engine answers meanwhile."""

    def __init__(self, house: House) -> None:
        self._engine = house.service.engine

    def __enter__(self) -> None:
        self._sessions, self._engine._sessions = self._engine._sessions, []

    def __exit__(self, *_: object) -> None:
        self._engine._sessions = self._sessions


async def sql(house: House, statement: str) -> None:
    async with house.service.database.begin() as tx:
        await tx.execute(text(statement))


async def until(house: House, rows: str) -> None:
    """Waits until there is such a row."""
    async with asyncio.timeout(30):
        while not await house.count(rows):
            await asyncio.sleep(0.02)


def files_with(folder: Path, marks: list[str]) -> list[str]:
    """Files below the folder with any of these, as they are written in UTF-8, UTF-16 or base64 would begin."""
    forms = [form for mark in marks for form in (mark.encode(), mark.encode("utf-16-le"))]
    return [
        str(path.relative_to(folder))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(form in path.read_bytes() for form in forms)
    ]


def reviewed() -> set[str]:
    """Words of more than three letters in the templates, the list of numbers and the names of countries."""
    files = [*(ROOT / "nlu").rglob("*.yml"), ROOT / "bot" / "data" / "hotlines.csv"]
    words = {
        word
        for path in files
        if path.name in {"say.yml", "questions.yml", "hotlines.csv"}
        for word in re.findall(r"[^\W\d_]{4,}", path.read_text(encoding="utf-8").lower())
    }
    assert not words & {mark.lower() for mark in MARKS}
    words |= {word for name in _countries() for word in re.findall(r"[^\W\d_]{4,}", name.lower())}
    return words | {transliterate(word) for word in words} | {plain(word) for word in words}  # as SMS writes them


def _countries() -> list[str]:
    return [str(name) for language in ("es", "en") for name in Locale(language).territories.values()]


def titles(phone: Phone) -> list[str]:
    return [title for seen in phone.seen for title in seen.buttons]


def previewed(value: Any) -> Iterator[str]:
    """Every message and every ask; titles of buttons and the person's own words stand in no preview."""
    yield from (str(message) for key, message in value["messages"].items() if not key.startswith("line_kind"))
    for question in value["questions"].values():
        yield from (str(text) for key, text in question.items() if key not in {"options", "words"})
