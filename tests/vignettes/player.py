"""Plays a case against a house: answers whichever question stands, then opens what the officers got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.conversation import Talk
from bot.screening import rebuild
from storage import conversations
from storage.envelope import Opened
from tests.channels.platforms.phone import Phone
from tests.house import House
from tests.talking import act
from tests.vignettes.case import UNITS, Act, Case

MOST = 80  # acts of a person; no case needs half of them
INSTEAD = ("skipped", "done", "go_on", "no")  # what is tapped where a case says nothing, or nothing more


@dataclass
class Played:
    """What came of a case. `again`: how often a question had to be put again before it was answered; `alarms`: how
    often it was asked whether something happens right now; `wrong`: what is not as the case expects, in words."""

    case: Case
    again: int = 0
    alarms: int = 0
    wrong: list[str] = field(default_factory=list)
    reports: dict[str, Opened] = field(default_factory=dict)  # by unit, the whole one or else the last

    @property
    def bodies(self) -> dict[str, dict[str, Any]]:
        return {unit: orjson.loads(opened.parts["report.json"]) for unit, opened in self.reports.items()}


@dataclass
class _Person:
    """Who writes. `put`: how often each question stood; `last`: what they did last."""

    case: Case
    house: House
    phone: Phone
    played: Played
    put: dict[str, int] = field(default_factory=dict)
    last: Act = field(default_factory=dict)

    async def does(self, one: Act) -> None:
        self.last = one
        if "tap" in one:
            talk = await talk_of(self.house)
            await self.phone.tap(_button(talk, one["tap"], self.case.channel))
        else:
            await act(one, self.phone, self.house)
        await self.house.quiet()

    async def answers(self) -> None:
        for _ in range(MOST):
            talk = await talk_of(self.house)
            one = self.next(talk) if talk else None
            if one is None:
                return
            question = standing(talk)
            await self.does(one)
            if self.put[question] == 1:
                for more in self.case.beside.get(question, ()):
                    await self.does(more)
        self.played.wrong.append(f"still asked after {MOST} answers: {standing(talk)}")

    def next(self, talk: Talk) -> Act | None:
        """What the person does now; nothing once the questions are over."""
        question, listed = standing(talk), self.case.answers.get(standing(talk), ())
        number = self.put[question] = self.put.get(question, 0) + 1
        self.played.alarms += question == "aside_danger"
        self.played.again += number > 1 and not question.endswith("_more") and not question.startswith("aside_")
        if number <= len(listed):
            return listed[number - 1]
        code = next((code for code in INSTEAD if code in dict(talk.offered)), None)
        if question in {"closed", "danger", "cover", "paused"} or (code is None and self.case.expected.tier is None):
            return None  # who sends no report may stop writing at any question
        if listed and not question.endswith("_more"):
            self.played.wrong.append(f"{question} was put again after {listed[-1]}")
        if code is None:
            self.played.wrong.append(f"{question} stands after {self.last}, and the case says no answer to it")
        return {"tap": code} if code and number < 4 else None


async def play(case: Case, house: House) -> Played:
    """The whole conversation, and what the officers of each unit find."""
    played = Played(case)
    person = _Person(case, house, await house.phone(case.channel, case.language), played)
    for one in case.opening:
        await person.does(one)
    talk = await talk_of(house)
    if talk and standing(talk) == "aside_language":
        await person.does({"tap": case.language})
        talk = await talk_of(house)
    if talk and talk.language != case.language:
        played.wrong.append(f"spoken to in {talk.language}")
    await person.answers()
    for unit in UNITS:
        if opened := await house.reports(unit):
            played.reports[unit] = _whole(opened)
    played.wrong += compared(case, played)
    return played


async def talk_of(house: House) -> Talk | None:
    """The sealed state of the one conversation in the house; None once the person left."""
    async with house.service.database.begin() as tx:
        for (found,) in (await tx.exec_driver_sql("SELECT id FROM conversations")).all():
            conversation = await conversations.lock(tx, house.service.keys, bytes(found))
            if conversation and conversation.state:
                return Talk.from_json(conversation.state)
    return None


def standing(talk: Talk) -> str:
    """The id of the question that is open, `aside_<name>` for one beside the questions, or what is instead of one."""
    if talk.aside:
        return f"aside_{talk.aside.name}"
    return talk.asked if talk.mode == "open" else talk.mode


def compared(case: Case, played: Played) -> Iterator[str]:
    expected = case.expected
    if set(played.reports) != expected.routing:
        yield f"went to {', '.join(sorted(played.reports)) or 'nobody'}"
    for unit, body in played.bodies.items():
        everything = b"\n".join(played.reports[unit].parts.values())
        yield from (f"{unit}: {line}" for line in _of_report(case, body))
        yield from (f"{unit}: does not hold {words}" for words in expected.holds if words.encode() not in everything)


def _of_report(case: Case, body: Mapping[str, Any]) -> Iterator[str]:
    expected, screening = case.expected, body["screening"]
    found, urgent = set(screening["indicators"]), set(screening["urgent"])
    if not expected.allows(body["tier"]):
        yield f"tier is {body['tier']}"
    if rebuild(screening).tier != body["tier"]:
        yield "its reasons make another tier"
    if missing := expected.indicators - found:
        yield f"no {', '.join(sorted(missing))} in {', '.join(sorted(found))}"
    if surplus := expected.not_indicators & found:
        yield f"{', '.join(sorted(surplus))} is on"
    if expected.urgent is not None and urgent != expected.urgent:
        yield f"urgent is {', '.join(sorted(urgent)) or 'nothing'}"
    if missing := expected.flags - set(body["flags"]):
        yield f"no {', '.join(sorted(missing))} in the flags {body['flags']}"


def _button(talk: Talk | None, wanted: str, channel: str) -> str | int:
    """By its code or title. An SMS shows numbers, and titles without accents."""
    assert talk
    offered = [code if wanted == code else title for code, title in talk.offered]
    assert wanted in offered, f"{wanted} is none of {talk.offered}"
    place = offered.index(wanted)
    return place + 1 if channel == "sms" else talk.offered[place][1]


def _whole(opened: list[Opened]) -> Opened:
    whole = [one for one in opened if orjson.loads(one.parts["report.json"])["partial"] is None]
    return (whole or opened)[-1]
