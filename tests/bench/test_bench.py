"""A slice of seconds of `./run bench`: every figure is there, and nobody was left without a reply."""

from __future__ import annotations

import asyncio

import pytest

from bench import chart, stock, table
from bench.cost import PARTS
from bench.measure import Plan, everything
from bench.people import TURNS, Act, Person
from bench.screens import shipped
from bench.system import running

pytestmark = pytest.mark.alone

SLICE = Plan(
    people=4, rounds=1, warm=0.5, bare=1, whole=2, stock=2, stock_people=2, reports=0.5, reports_warm=0.5,
    acknowledged=1, pairs=1, stock_pairs=1, at=(5, 9, 12), counted=1, seals=3,
)  # fmt: skip


@pytest.fixture(scope="module")
def found():
    async def measured():
        async with (
            running(1, 1) as system,
            stock.running(1, system.data, system.database_url, system.twilio) as beside,
        ):
            filed = await filed_at(system.twilio.talk(0, "es"))
            return {**await everything(system, beside, SLICE), "filed": filed}

    return asyncio.run(measured())


async def filed_at(talk):
    """The turn after which no question stands any more."""
    for turn, act in enumerate(Person(0).acts(talk, files=True), 1):
        await talk.take(act())
        if not talk.open:
            return turn
    return None


class Asked:
    """A conversation in which one question stands for ever."""

    open, offered = "Q3", [("yes", "Sí"), ("no", "No")]

    async def take(self, act: Act) -> None: ...


def test_a_slice_of_seconds_gives_every_figure_of_the_table(found):
    shown = table.text(found)
    turns = found["turns"]
    assert 0 < turns["ratio"] < 1
    assert turns["to_stock"] > 0
    wanted = {*table.WAYS.values(), "whole path / bare engine", "WhatsApp / stock Rasa", "stock / WhatsApp at turn 12",
              "report built and sealed", "kept in the database, KB a turn"}  # fmt: skip
    assert wanted <= {line[:34].strip() for line in shown.splitlines()}
    assert all(turns["whole"]["cpu_ms"][part] > 0 for part in PARTS if part != "stock rasa")
    assert turns["stock"]["cpu_ms"]["stock rasa"] > 0
    assert all(turns["whole"]["memory_mb"][part] > 1 for part in PARTS)
    assert found["statements"]["per_turn"] > found["statements"]["commits_per_turn"] > 1


def test_everybody_gets_a_reply(found):
    assert {name: found["turns"][name]["lost"] for name in table.WAYS} == dict.fromkeys(table.WAYS, 0)
    assert [found[name]["lost"] for name in ("acknowledged", "loaded")] == [0, 0]


def test_a_person_who_files_does_so_with_the_last_turn(found):
    assert found["filed"] == TURNS


def test_the_figures_become_a_picture(found, tmp_path):
    chart.draw(found, tmp_path / "bench.png")
    assert 10_000 < (tmp_path / "bench.png").stat().st_size < 120_000


def test_a_person_says_the_same_in_every_run_and_three_of_ten_turns_are_words():
    acts = [[act() for act in Person(number).acts(Asked())] for number in range(40)]
    assert acts == [[act() for act in Person(number).acts(Asked())] for number in range(40)]
    assert {len(each) for each in acts} == {TURNS}
    said = sum(act.kind == "say" for each in acts for act in each)
    assert 0.2 < said / (40 * TURNS) < 0.4


def test_a_screen_is_read_as_a_person_would():
    screens = shipped()
    asked = [text for text, name in screens.asks["es"] if name == "Q3"]
    assert screens.question("es", f"Gracias.\n\n{asked[0]}\n3 preguntas más\n1 Sí") == "Q3"
    assert screens.question("es", "Gracias.") == ""
    assert screens.code("es", "country", "España") == "ES"
