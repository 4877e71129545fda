"""A broken or hostile engine: every turn ends with what may be said, or with an error that has a name."""

from __future__ import annotations

from bench import fuzz_engine
from bench.fuzz import found_by


async def test_whatever_an_engine_answers_a_turn_ends_in_order() -> None:
    found = await fuzz_engine.talked(600, 13)
    assert (found.tried, found_by(found)) == (600, [])
