"""Short runs of `./run bench fuzz` over what is read from files: refused by name, or taken as it is."""

from __future__ import annotations

import pytest

from bench import fuzz_files
from bench.fuzz import found_by
from bench.fuzz_words import Hostile

KINDS = 10


def test_no_changed_header_of_a_sealed_file_opens() -> None:
    found = fuzz_files.some_headers(1500, 11)
    assert (found.tried, found_by(found)) == (1500, [])


@pytest.fixture(scope="module")
def spoilt() -> dict[str, fuzz_files.Outcome]:
    return dict(fuzz_files.files(60, 12))


def test_every_kind_of_file_is_refused_by_name_and_in_time(spoilt: dict[str, fuzz_files.Outcome]) -> None:
    assert len(spoilt) == KINDS
    assert {name: found_by(found) for name, found in spoilt.items() if found_by(found)} == {}
    assert max(found.slowest for found in spoilt.values()) < 10  # seconds of processor time


def test_the_same_seed_says_the_same_and_a_mutation_is_always_one() -> None:
    one, other = Hostile(5), Hostile(5)
    assert [one.text() for _ in range(50)] == [other.text() for _ in range(50)]
    assert all(one.mutated(b"abc") != b"abc" for _ in range(200))
