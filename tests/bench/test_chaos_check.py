"""The checker of the chaos run finds each kind of planted fault, and nothing where there is none."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bench.chaos_check import KEYS_LOST, Fault, Shelves, Verdict, check
from bench.chaos_people import NUMBERS, Diary, Told

KNOWN = [["hola", "¿seguro?"], ["¿quién?"], ["recibido", "Reserva CODE", "adiós"]]
LINES = ["soy Zarzamora{}", "lo guarda Quintopelo{}", "vivo en Morrocoy{}"]
NUMBERS_TEXT = f"Perdón, {NUMBERS}. 123"


def body(number: int, *more: str) -> dict[str, Any]:
    answer = {"question": "Q3", "state": "answered", "value": "yes", "words": [f"lo guarda Quintopelo{number}x2"]}
    story = {"question": "story", "state": "answered", "value": "given", "words": [f"vivo en Morrocoy{number}x3"]}
    return {"story": [{"text": text} for text in (f"soy Zarzamora{number}x1", *more)], "answers": [answer, story]}


class World:
    """Two people, by SMS, who met no fault. A plant changes it; `verdict` is what the checker says then."""

    def __init__(self, channel: str = "sms") -> None:
        self.channel = channel
        self.people = [self._person(number) for number in (2, 4)]
        self.bodies = [body(2), body(4)]
        self.faults: list[Fault] = []
        self.shelves = Shelves()

    def _person(self, number: int) -> Diary:
        diary = Diary(number, self.channel, f"+{number}")
        for step, line in enumerate(LINES):
            at = 10.0 * step
            diary.told.append(Told(step, line.format(f"{number}x{step + 1}"), at, at + 1))
            diary.heard += [(at + 2, text.replace("CODE", "0899 7882 5097 4429")) for text in KNOWN[step]]
        return diary

    @property
    def verdict(self) -> Verdict:
        models = {self.channel: body(0)}
        return check(self.people, self.bodies, {self.channel: KNOWN}, models, self.faults, self.shelves)


def lost_words(world: World) -> None:
    world.bodies[0]["answers"][1]["words"] = []


def lost_choice(world: World) -> None:
    world.bodies[0]["answers"][0]["value"] = "no"


def lost_report(world: World) -> None:
    del world.bodies[1]


def twice_in_a_report(world: World) -> None:
    world.bodies[0]["answers"][1]["words"] *= 2


def two_reports(world: World) -> None:
    world.bodies.append(copy.deepcopy(world.bodies[0]))


def report_of_nobody(world: World) -> None:
    world.bodies.append(body(77))


def words_never_said(world: World) -> None:
    world.bodies[0]["story"].append({"text": "Tolondro2x9"})


def beside_in_another_order(world: World) -> None:
    world.bodies[0]["story"].insert(0, {"text": "otra cosa"})


def replies_swapped(world: World) -> None:
    heard = world.people[0].heard
    heard[1], heard[2] = heard[2], heard[1]


def reply_missing(world: World) -> None:
    del world.people[0].heard[-1]


def reply_twice(world: World) -> None:
    world.people[0].heard.insert(1, world.people[0].heard[0])


def unanswered(world: World) -> None:
    world.people[0].silent = True


def told_received_without_report(world: World) -> None:
    world.bodies = []


def broken_chain(world: World) -> None:
    world.shelves = replace(world.shelves, chain=("row 3 changed",))


def parked_unseen(world: World) -> None:
    world.shelves = replace(world.shelves, parked_messages=(7,))


def reply_parked(world: World) -> None:
    world.shelves = replace(world.shelves, parked_sends=(7,), shown_sends=(7,))


def job_stuck(world: World) -> None:
    world.shelves = replace(world.shelves, jobs=1)


def copy_left(world: World) -> None:
    world.shelves = replace(world.shelves, copies=("SM1",))


PLANTED: list[tuple[Callable[[World], None], str]] = [
    (lost_words, "lost"),
    (lost_choice, "lost"),
    (lost_report, "lost"),
    (twice_in_a_report, "double"),
    (two_reports, "double"),
    (report_of_nobody, "double"),
    (words_never_said, "double"),
    (beside_in_another_order, "order"),
    (replies_swapped, "order"),
    (reply_missing, "missing"),
    (reply_parked, "missing"),
    (reply_twice, "repeated"),
    (unanswered, "silence"),
    (told_received_without_report, "receipt"),
    (broken_chain, "chain"),
    (parked_unseen, "parked"),
    (copy_left, "copies"),
    (job_stuck, "stuck"),
]


def test_where_nothing_went_wrong_nothing_is_found() -> None:
    verdict = World().verdict
    assert verdict.problems == []
    assert verdict.figures["messages acknowledged"] == 6
    assert verdict.figures["reports opened"] == 2


@pytest.mark.parametrize(("plant", "promise"), PLANTED, ids=[plant.__name__ for plant, _ in PLANTED])
def test_a_planted_fault_is_found(plant: Callable[[World], None], promise: str) -> None:
    world = World()
    plant(world)
    assert world.verdict.of(promise)


def test_each_promise_has_a_planted_fault() -> None:
    from bench.chaos_table import PROMISES

    assert {promise for _, promise in PLANTED} == set(PROMISES)
    assert len(PROMISES) == 11


def test_a_reply_that_a_kill_cut_off_may_come_again_and_is_counted() -> None:
    world = World()
    reply_twice(world)
    world.faults = [Fault(2.0, "worker")]
    assert world.verdict.problems == []
    assert world.verdict.sends["sms"] == {"promise": "at least once", "replies": 13, "again": 1}
    world.faults = [Fault(2.0, "telegram lost", ("telegram",))]  # another platform's
    assert world.verdict.of("repeated")
    world.faults = [Fault(2.0, "twilio throttled", ("whatsapp", "sms"), cuts=False)]  # it did not take the first one
    assert world.verdict.of("repeated")


def test_on_a_page_nothing_may_come_again_whatever_was_killed() -> None:
    world = World("web")
    assert world.verdict.problems == []
    reply_twice(world)
    world.faults = [Fault(2.0, "worker")]
    assert world.verdict.of("repeated")
    assert world.verdict.sends["web"]["promise"] == "exactly once"


def test_a_message_that_the_numbers_answered_stands_beside_the_questions_and_is_parked() -> None:
    world = World()
    person = world.people[0]
    person.told.insert(2, Told(2, "vivo en Morrocoy2x9", 15.0, 16.0, numbers=True))
    person.heard.insert(3, (17.0, NUMBERS_TEXT))
    world.bodies[0] = body(2, "vivo en Morrocoy2x9")
    world.shelves = replace(world.shelves, parked_messages=(1,), shown_messages=(1,))
    assert world.verdict.problems == []
    person.heard.insert(4, (17.1, "Colombia: Línea 155"))  # by SMS they are two messages
    assert world.verdict.problems == []
    world.shelves = Shelves()
    assert world.verdict.of("parked")
    world.faults = [Fault(15.5, KEYS_LOST, cuts=False)]  # before it was set aside
    assert world.verdict.of("parked")
    world.faults = [Fault(16.5, KEYS_LOST, cuts=False)]
    assert world.verdict.problems == []


def test_numbers_that_nothing_asked_for_are_an_order_of_their_own() -> None:
    world = World()
    world.people[0].heard.insert(3, (13.0, "Colombia: Línea 155"))
    assert world.verdict.of("order")


def test_no_line_of_a_verdict_holds_what_somebody_said() -> None:
    world = World()
    lost_words(world)
    reply_missing(world)
    assert world.verdict.problems
    assert not any("vivo" in line or "x3" in line for line in world.verdict.problems)
