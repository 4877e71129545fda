"""A short chaos run: everything is killed at random moments, and nothing is lost or done twice."""

from __future__ import annotations

import pytest

from bench.chaos import WEIGHTS, Plan, run
from bench.chaos_table import PROMISES, text

# As short as start, a few conversations and the rescue of what the last kill hit allow.
SHORT = Plan(
    kills=10, seconds=90, seed=5, people=4, gap=0.5, engines=1, workers=2, troubles=False, taps=False, warm=True
)


@pytest.mark.alone
async def test_ten_kills_lose_nothing_and_double_nothing() -> None:
    found = await run(SHORT)
    assert found["problems"] == found["notes"] == []
    assert found["kills"] == SHORT.kills
    assert found["figures"]["reports opened"] == found["figures"]["people"] >= 8
    printed = text(found)
    assert all(f"| **{promise}** | **0** |" in printed for promise in PROMISES)


def test_everything_is_killed_alone_and_together() -> None:
    assert set(WEIGHTS) == {"worker", "gateway", "engine", "database", "all"}
    assert sum(WEIGHTS.values()) == 100
