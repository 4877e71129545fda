"""One whole conversation of each language as a page for case workers, with what the officers get of it.

`python -m tests.transcripts` plays the talks anew and writes their pages into `docs/transcripts/`.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from storage.envelope import TEXT, Opened
from tests.house import House
from tests.talking import UNITS, Step, Talk

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "transcripts"
TALKS = sorted((ROOT / "tests" / "talks").glob("*-exploited-*.yml"))
PROPERTY = "page"  # under which the test leaves the page that it has made

_CHANNELS = {"telegram": "Telegram", "whatsapp": "WhatsApp", "sms": "SMS", "terminal": "a terminal",
             "web": "the page"}  # fmt: skip
_SENT = {"photo": "a photo", "voice": "a voice note", "document": "a file", "place": "a location"}
_ANOTHER_EACH_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\dZ|\b[0-9a-f]{32}\b")  # moments and numbers of reports


def place(talk: Talk) -> Path:
    return FOLDER / f"{talk.path.stem}.md"


async def page(talk: Talk, house: House) -> str:
    """`house`: where the talk was played."""
    said = [line for step, answers in talk.steps for line in (_person(step), *map(_faro, answers))]
    officers = [line async for line in _officers(house)]
    return "\n\n".join([f"# {talk.about}", _head(talk), *said, "## What the officers find", *officers]) + "\n"


def _head(talk: Talk) -> str:
    name = yaml.safe_load((ROOT / "nlu" / "data" / talk.language / "say.yml").read_text(encoding="utf-8"))["language"]
    file = f"[{talk.path.name}](../../tests/talks/{talk.path.name})"
    return f"""On {_CHANNELS[talk.channel]}, in {name}. Faro stands on the left. The person, on the right, writes, or
taps one of the choices in frames. It goes so in {file}, a test; `./run transcripts` makes the page of it."""


def _person(step: Step) -> str:
    ((verb, what),) = step.items()
    if verb == "wait":
        return f"*… {what} later …*"
    shown = f"<kbd>{_safe(str(what))}</kbd>" if verb == "tap" else f"<b>{_safe(str(what))}</b>"
    return f'<p align="right">{shown if verb in {"person", "tap"} else f"<i>{_SENT[verb]}</i>"}</p>'


def _faro(line: Step) -> str:
    choices = " ".join(f"<kbd>{_safe(title)}</kbd>" for title in line.get("buttons", ()))
    return _safe(line["faro"]) + (f"<br>\n{choices}" if choices else "")


def _safe(text: str) -> str:
    """As it is read, whatever signs of Markdown or HTML are in it."""
    return re.sub(r"([\\`*_\[\]#])", r"\\\1", html.escape(text, quote=False)).replace("\n", "<br>\n")


async def _officers(house: House) -> AsyncIterator[str]:
    """Each report once, under the names of all units that can open it."""
    found: dict[str, list[str]] = {}
    for unit in house.officers.keys:
        for opened in await house.reports(unit):
            found.setdefault(_note(opened), []).append(UNITS[unit].name)
    for note, names in found.items():
        yield f"{', '.join(names)}:"
        yield f"```text\n{note}\n```"


def _note(opened: Opened) -> str:
    return _ANOTHER_EACH_TIME.sub("…", opened.parts[TEXT].decode()).rstrip()


class Pages:
    """A plugin of pytest that keeps the pages which the test made."""

    def __init__(self) -> None:
        self.all: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            made = [value for key, value in report.user_properties if key == PROPERTY]
            self.all |= dict(value for value in made if isinstance(value, tuple))


def main() -> int:
    pages = Pages()
    # What was imported here already, pytest cannot rewrite, and warns.
    quiet = ["-q", "--tb=no", "-W", "ignore::pytest.PytestAssertRewriteWarning"]
    pytest.main([*quiet, str(ROOT / "tests" / "test_transcripts.py"), "-k", "of_its_talk"], plugins=[pages])
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, text in pages.all.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    return 0 if len(pages.all) == len(TALKS) else 1


if __name__ == "__main__":
    sys.exit(main())
