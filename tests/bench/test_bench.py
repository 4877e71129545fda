"""A slice of seconds of `./run bench`: every figure is there, and nobody was left without a reply."""

from __future__ import annotations

import asyncio

import pytest

from bench import table
from bench.cost import PARTS
from bench.measure import Plan, everything
from bench.people import TURNS, Act, Person
from bench.system import running

pytestmark = pytest.mark.alone

SLICE = Plan(
    people=4, rounds=1, warm=0.5, bare=1, whole=2, reports=0.5, acknowledged=1, pairs=1, deep=12, counted=1, seals=3
)


@pytest.fixture(scope="module")
def found():
    async def measured():
        async with running(1, 1) as system:
            return await everything(system, SLICE)

    return asyncio.run(measured())


class Asked:
    """A conversation in which one question stands for ever."""

    open, offered = "Q3", [("yes", "Sí"), ("no", "No")]

    async def take(self, act: Act) -> None: ...


def test_a_slice_of_seconds_gives_every_figure_of_the_table(found):
    shown = table.text(found)
    turns = found["turns"]
    assert 0 < turns["ratio"] < 1
    assert {"bare engine", "whole path", "turn 5, turn 12: whole path", "report built and sealed"} <= {
        line[:34].strip() for line in shown.splitlines()
    }
    assert all(turns["whole"]["cpu_ms"][part] > 0 for part in PARTS)
    assert found["statements"]["per_turn"] > found["statements"]["commits_per_turn"] > 1


def test_everybody_gets_a_reply(found):
    assert [found["turns"][name]["lost"] for name in ("bare", "whole", "with_reports")] == [0, 0, 0]
    assert found["acknowledged"]["lost"] == 0


def test_a_person_says_the_same_in_every_run_and_three_of_ten_turns_are_words():
    acts = [[act() for act in Person(number).acts(Asked())] for number in range(40)]
    assert acts == [[act() for act in Person(number).acts(Asked())] for number in range(40)]
    assert {len(each) for each in acts} == {TURNS}
    said = sum(act.kind == "say" for each in acts for act in each)
    assert 0.2 < said / (40 * TURNS) < 0.4
