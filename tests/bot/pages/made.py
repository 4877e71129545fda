"""Landing pages of a service, and what stands in them as a browser reads it."""

from __future__ import annotations

import csv
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

from bot import directory
from bot.directory import Directory
from bot.pages import assets, words
from bot.pages.landing import Landing
from bot.placements import Placement
from bot.settings import Settings
from bot.texts import shipped

TODAY = date(2026, 11, 26)
SENDERS = {"whatsapp_sender": "whatsapp:+15550100100", "sms_sender": "+15550100200", "telegram_name": "viaje_bot"}
CARD = Placement("7K3M9", "on board", "BOG-MAD", "ES", ("es", "en"), 120, date(2031, 12, 31))


def practice() -> Directory:
    """The shipped numbers, which nobody has called."""
    return Directory.load(today=TODAY, allow_unchecked=True)


def checked(folder: Path, *countries: str, on: date = TODAY) -> Directory:
    """A real service, in which somebody has called the numbers of these countries and no others."""
    with directory.FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    path = folder / "hotlines.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, directory.COLUMNS)
        writer.writeheader()
        writer.writerows(row | {"verified_on": on if row["country_iso2"] in countries else ""} for row in rows)
    return Directory.load(path, today=TODAY)


def service(on: tuple[str, ...] = ("whatsapp", "telegram", "sms", "web"), lines: Directory | None = None,
            **settings: Any) -> Landing:  # fmt: skip
    return Landing(Settings(_env_file=None, **(SENDERS | settings)), words.shipped(), shipped(), lines or practice(),
                   assets.shipped(), on)  # fmt: skip


def links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'<a [^>]*?href="([^"]*)"', page)]


def text(page: str) -> str:
    """What is read, in its order."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def section(page: str, id: str) -> str:
    return page.partition(f'<section id="{id}"')[2].partition("</section>")[0]
