"""Plays a conversation of `tests/talks/` against a house and says where it went another way. Format: its README."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import yaml

from bot import talk_file
from bot.channels import gsm7
from storage.envelope import Opened
from storage.roster import Unit
from tests import house as at_home
from tests.channels.platforms.phone import Phone, Seen
from tests.channels.platforms.telegram import TelegramPhone
from tests.channels.platforms.web import WebPhone
from tests.house import House
from tests.samples import SAMPLES

# Beside those of every test: bodies that only a person's choice reaches.
UNITS: Mapping[str, Unit] = {
    **at_home.UNITS,
    "consulate": Unit("Consulados de Colombia", "CO", None, "consulate", False),
    "support": Unit("Grupo de apoyo", "CO", None, "support", False),
}

UPDATE = bool(os.environ.get("FARO_UPDATE_TALKS"))
_UNITS_OF_TIME = {"min": "minutes", "h": "hours", "s": "seconds"}
_EXPECTED = {"tier", "partial", "indicators", "answers", "holds", "lacks", "attachments", "contact"}

type Step = Mapping[str, Any]


@dataclass(frozen=True)
class Talk:
    """One file. `steps` are what the person does; after each stands what Faro says to it."""

    path: Path
    about: str
    channel: str
    language: str
    steps: tuple[tuple[Step, tuple[Step, ...]], ...]
    reports: Mapping[str, Sequence[Mapping[str, Any]]]  # by units, "coat, icbf"

    @classmethod
    def read(cls, path: Path) -> Talk:
        """Raises `ValueError` for what is not of the format."""
        value = yaml.safe_load(path.read_text(encoding="utf-8"))
        reports = {} if value.get("reports") in (None, "none") else value["reports"]
        units = {unit for names in reports for unit in names.split(", ")}
        unknown = set(value) - {"about", "channel", "language", "talk", "reports"} | units - set(UNITS)
        unknown |= {key for wanted in reports.values() for report in wanted for key in set(report) - _EXPECTED}
        if unknown:
            raise ValueError(f"{path.name}: {', '.join(sorted(unknown))}?")
        return cls(path, value["about"], value["channel"], value["language"], tuple(grouped(value["talk"])), reports)

    def due(self, unit: str) -> Sequence[Mapping[str, Any]]:
        """What this unit must find in its reports, in the order sealed."""
        return next((wanted for names, wanted in self.reports.items() if unit in names.split(", ")), ())

    def write(self) -> None:
        """Anew, as `faro talk --save` writes it; comments are lost."""
        steps = [one for step, said in self.steps for one in (step, *said)]
        self.path.write_text(
            talk_file.written(self.about, self.channel, self.language, steps, dict(self.reports) or "none"),
            encoding="utf-8",
        )


def grouped(lines: Sequence[Step]) -> Iterator[tuple[Step, tuple[Step, ...]]]:
    step: Step | None = None
    said: list[Step] = []
    for line in lines:
        if "faro" in line:
            said.append(line)
            continue
        if step is not None:
            yield step, tuple(said)
        step, said = line, []
    if step is not None:
        yield step, tuple(said)


async def play(talk: Talk, house: House) -> list[str]:
    """What went another way, as lines for people; empty when the conversation went as written."""
    phone = await house.phone(talk.channel, talk.language)
    wrong: list[str] = []
    steps: list[tuple[Step, tuple[Step, ...]]] = []
    for step, wanted in talk.steps:
        wrong += await act(step, phone, house)
        await house.quiet()
        got = phone.unread
        await phone.expect(len(got))
        wrong += [f"{_named(step)}: {line}" for line in compared(wanted, got)]
        steps.append((step, wanted if matches(wanted, got) else tuple(map(_line, got))))
    if talk.channel == "sms":
        wrong += [f"more than two segments, or not GSM-7: {seen.text}" for seen in phone.seen if not _fits(seen.text)]
    if UPDATE:
        replace(talk, steps=tuple(steps)).write()
        wrong = []
    return wrong + [line for unit in house.officers.keys async for line in _reports(talk, unit, house)]


async def act(step: Step, phone: Phone, house: House) -> list[str]:
    """Does what the person does. Only `screen` finds anything wrong."""
    ((verb, what),) = step.items()
    if verb == "screen":
        return [] if phone.screen == what else [f"on the screen stands {phone.screen}"]
    if verb == "wait":
        house.clock.ahead += span(what)
    elif verb == "person":
        await phone.say(what)
    elif verb == "tap":
        await phone.tap(what)
    elif verb in {"photo", "voice", "document"}:
        media_type, content = SAMPLES[what]
        await phone.attach(content(), media_type)
    elif verb == "place":
        latitude, _, longitude = what.partition(",")
        await phone.place(float(latitude), float(longitude))
    elif verb == "link" and isinstance(phone, WebPhone):
        await phone.start(what)
    else:
        await _on_telegram(verb, what, phone)
    return []


async def _on_telegram(verb: str, what: Any, phone: Phone) -> None:
    assert isinstance(phone, TelegramPhone), f"{verb}: only on Telegram"
    match verb:
        case "edit":
            await phone.edit(what)
        case "sticker":
            await phone.send_kind({"sticker": _STICKER})
        case "block":
            await phone.block()
        case "link":
            await phone.start(what)
        case _:
            raise ValueError(f"{verb}?")


_STICKER = {"file_id": "s", "file_unique_id": "s", "width": 1, "height": 1, "is_animated": False, "is_video": False,
            "type": "regular"}  # fmt: skip


def span(text: str) -> timedelta:
    number, unit = text.split()
    return timedelta(**{_UNITS_OF_TIME[unit]: int(number)})


def matches(wanted: Sequence[Step], got: Sequence[Seen]) -> bool:
    return not list(compared(wanted, got))


def compared(wanted: Sequence[Step], got: Sequence[Seen]) -> Iterator[str]:
    for line, seen in zip(wanted, got, strict=False):
        if not _same(line["faro"], seen.text):
            yield f"\n  wanted: {line['faro']}\n  came:   {seen.text}"
        if "buttons" in line and list(seen.buttons) != line["buttons"]:
            yield f"\n  wanted the buttons {line['buttons']}\n  came:              {list(seen.buttons)}"
    yield from (f"\n  did not come: {line['faro']}" for line in wanted[len(got) :])
    yield from (f"\n  came beside: {seen.text}" for seen in got[len(wanted) :])


def _same(wanted: str, text: str) -> bool:
    return text.startswith(wanted[:-1]) if wanted.endswith("…") else text == wanted


def _line(seen: Seen) -> Step:
    return talk_file.faro(seen.text, seen.buttons)


def _named(step: Step) -> str:
    ((verb, what),) = step.items()
    return f"after {verb}: {what}"


def _fits(text: str) -> bool:
    return gsm7.transliterate(text) == text and gsm7.segments(text) <= 2


async def _reports(talk: Talk, unit: str, house: House) -> Any:
    wanted, got = talk.due(unit), await house.reports(unit)
    if len(wanted) != len(got):
        came = [f"{summary['tier']} {summary['partial']}" for summary in map(_summary, got)]
        yield f"{unit}: {len(wanted)} reports wanted, {len(got)} came: {', '.join(came)}"
    for number, (expected, opened) in enumerate(zip(wanted, got, strict=False), 1):
        for line in checked(expected, opened):
            yield f"{unit}, report {number}: {line}"


def checked(wanted: Mapping[str, Any], opened: Opened) -> Iterator[str]:
    """Compares one report with what is expected of it."""
    summary = _summary(opened)
    for key in ("tier", "partial", "attachments", "contact"):
        if key in wanted and wanted[key] != summary[key]:
            yield f"{key} is {summary[key]}"
    if missing := set(wanted.get("indicators", ())) - set(summary["indicators"]):
        yield f"no {', '.join(sorted(missing))} in {summary['indicators']}"
    for question, value in wanted.get("answers", {}).items():
        if summary["answers"].get(question) != value:
            yield f"{question} is {summary['answers'].get(question)}"
    everything = b"\n".join(opened.parts.values())
    yield from (f"does not hold {words}" for words in wanted.get("holds", ()) if words.encode() not in everything)
    yield from (f"holds {words}" for words in wanted.get("lacks", ()) if words.encode() in everything)


def _summary(opened: Opened) -> dict[str, Any]:
    body = orjson.loads(opened.parts["report.json"])
    answers = {a["question"]: a["value"] if a["state"] == "answered" else a["state"] for a in body["answers"]}
    return {
        "tier": body["tier"],
        "partial": (body["partial"] or {"cause": "none"})["cause"],
        "indicators": body["screening"]["indicators"],
        "answers": answers,
        "attachments": [attachment["media_type"] for attachment in body["attachments"]],
        "contact": body["contact"]["choice"],
    }
