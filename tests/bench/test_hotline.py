"""The hotline's slice with tiny numbers on real processes, and the model that carries its costs to other machines."""

from __future__ import annotations

import dataclasses
import os

import pytest

from bench import hotline, table
from bench.cost import PARTS
from bench.hotline import CONVERSATIONS, FULL, PLATFORMS, TURNS, Costs
from bench.measure import Plan

SLICE = Plan(people=4, warm=0.3, reports_warm=0.3)
SECONDS = 0.6
RECEIPT_MS, COMMITS_PER_TURN = 300.0, 3.0


@pytest.mark.alone
async def test_a_slice_gives_what_the_table_tells_of_each_number_of_processes() -> None:
    runs = await hotline.measured(SLICE, SECONDS, (1,))
    (run,) = runs
    assert run["processes"] == 1
    for name in ("bare", "whole", "with_reports"):
        assert run[name]["per_second"] > 0
        assert run[name]["lost"] == 0
        assert set(run[name]["cpu_ms"]) == set(PARTS)
    assert run["ratio"] == run["whole"]["per_second"] / run["bare"]["per_second"]
    assert run["hours"] == pytest.approx(CONVERSATIONS * TURNS / run["with_reports"]["per_second"] / 3600)
    assert run["commits_per_second"] > 0
    found = {"runs": runs, "model": hotline.model(runs, RECEIPT_MS, COMMITS_PER_TURN)}
    costs = Costs.of(run, RECEIPT_MS, COMMITS_PER_TURN)
    assert found["model"]["checked"][0]["predicted"] == min(costs.limits(os.cpu_count() or 1, 1, 1).values())
    assert len(list(table._hotline(found))) == 2 + len(runs) + 2 + len(hotline.CORES) + len(PLATFORMS)


def ran(processes: int, **changed: float) -> dict:
    """What a run with so many workers and engines might have found."""
    cpu = {"gateway": 2.0, "worker": 5.0, "engine": 6.0, "postgresql": 2.5}
    return {
        "processes": processes, "whole": {"cpu_ms": cpu}, "commits_per_second": 900.0, "hours": 1.0,
        "with_reports": {"cpu_ms": cpu | {"worker": 17.0}, "per_second": 30.0 * processes}, **changed,
    }  # fmt: skip


def test_from_the_costs_of_one_worker_the_smaller_limit_is_predicted_for_each_number() -> None:
    """27.5 ms a turn with its report: two cores give 1000 / 13.75; an engine 0.9 x 1000 / 6; the disk 900 / 3."""
    cores = os.cpu_count() or 1
    runs = [ran(1), ran(2, commits_per_second=1.0), ran(4, commits_per_second=1.0)]
    checked = hotline.model(runs, RECEIPT_MS, COMMITS_PER_TURN)["checked"]
    assert [one["processes"] for one in checked] == [1, 2, 4]
    assert [one["measured"] for one in checked] == [30.0, 60.0, 120.0]
    for one in checked:
        single = 1000 * FULL * min(one["processes"], cores) / 6
        receipts = min(2 * one["processes"], cores) * 1000 / 300 * TURNS
        expected = min(cores * 1000 / 27.5, single, 1000 * FULL / 2, receipts, 300.0)
        assert one["predicted"] == pytest.approx(expected)


def test_more_cores_never_make_it_slower_and_the_disk_ends_it() -> None:
    costs = Costs.of(ran(1), RECEIPT_MS, COMMITS_PER_TURN)
    found = hotline.predicted(costs)
    rates = [one["per_second"] for one in found]
    assert rates == sorted(rates)
    assert (found[0]["cores"], found[0]["first_full"]) == (2, "all cores")
    assert rates[0] == pytest.approx(2000 / 27.5)
    assert (rates[-1], found[-1]["first_full"]) == (300.0, "PostgreSQL's commits")
    assert found[-1]["hours"] == pytest.approx(28_000 * 25 / 300 / 3600)


CHEAP = Costs(all_ms=0.1, parts_ms={"gateway": 0.1, "worker": 0.1, "engine": 0.1}, receipt_ms=1.0, commits=1.0,
              disk=1e9)  # fmt: skip


@pytest.mark.parametrize(
    ("dear", "first", "per_second"),
    [
        ({"all_ms": 50.0}, "all cores", 8 * 1000 / 50),
        ({"parts_ms": CHEAP.parts_ms | {"gateway": 50.0}}, "gateways", 2 * FULL * 1000 / 50),
        ({"parts_ms": CHEAP.parts_ms | {"worker": 50.0}}, "workers", 4 * FULL * 1000 / 50),
        ({"parts_ms": CHEAP.parts_ms | {"engine": 50.0}}, "engines", 4 * FULL * 1000 / 50),
        ({"receipt_ms": 5000.0}, "receipt codes", 8 * 1000 / 5000 * TURNS),
        ({"disk": 90.0}, "PostgreSQL's commits", 90.0),
    ],
)
def test_what_is_first_full_is_what_became_dear(dear: dict, first: str, per_second: float) -> None:
    costs = dataclasses.replace(CHEAP, **dear)
    (found,) = hotline.predicted(costs, (8,))
    assert (found["first_full"], found["per_second"]) == (first, pytest.approx(per_second))
    assert set(found["limits"]) == {
        "all cores",
        "gateways",
        "workers",
        "engines",
        "receipt codes",
        "PostgreSQL's commits",
    }


def test_one_platform_holds_one_sender_to_its_own_pace() -> None:
    told = hotline.model([ran(1)], RECEIPT_MS, COMMITS_PER_TURN)["platforms"]
    assert told["telegram"]["turns_per_second"] == pytest.approx(20.0)
    assert told["telegram"]["hours"] == pytest.approx(28_000 * 25 / 20 / 3600)
    assert told["whatsapp"]["hours"] < told["telegram"]["hours"]
