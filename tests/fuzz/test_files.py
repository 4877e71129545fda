"""Short runs of `./run bench fuzz` over what is read from files: refused by name, or taken as it is."""

from __future__ import annotations

import pytest

from bench import fuzz_backups, fuzz_fetching, fuzz_files, fuzz_papers, fuzz_pictures
from bench.fuzz import found_by
from bench.fuzz_files import Outcome
from bench.fuzz_words import Hostile

KINDS, PAPERS = 8, 7
BEHIND = 34  # pictures that carry something


def test_no_changed_header_of_a_sealed_file_opens() -> None:
    found = fuzz_files.some_headers(1500, 11)
    assert (found.tried, found_by(found)) == (1500, [])


@pytest.fixture(scope="module")
def spoilt() -> dict[str, Outcome]:
    pictures = {"pictures": fuzz_pictures.pictures(60, 12), "bombs": fuzz_pictures.bombs()}
    return {**fuzz_files.files(60, 12), **fuzz_papers.papers(60, 12), **pictures}


def test_every_kind_of_file_is_refused_by_name_and_in_time(spoilt: dict[str, Outcome]) -> None:
    assert len(spoilt) == KINDS + PAPERS + 2
    assert {name: found_by(found) for name, found in spoilt.items() if found_by(found)} == {}
    assert max(found.slowest for found in spoilt.values()) < 10  # seconds of processor time


def test_every_picture_with_something_in_it_has_it_before_it_is_made_anew() -> None:
    """Or nothing would be tried: each holds one of the riders, and the library reads most of them."""
    carrying = fuzz_pictures.riders()
    assert len(carrying) == BEHIND
    assert sum(any(rider in data for rider in fuzz_pictures.RIDERS) for data in carrying) > BEHIND // 2


async def test_no_address_and_no_platform_leads_a_fetch_to_what_lies_inside() -> None:
    found = await fuzz_fetching.fetched(120, 15)
    assert (found.tried, found_by(found)) == (120, [])


def test_a_hostile_backup_is_refused_in_one_line_and_writes_nothing_elsewhere() -> None:
    """By the command, into a real database."""
    found = fuzz_backups.backups(16, 16, every=9)
    assert found.tried > 15
    assert found_by(found) == []


def test_the_same_seed_says_the_same_and_a_mutation_is_always_one() -> None:
    one, other = Hostile(5), Hostile(5)
    assert [one.text() for _ in range(50)] == [other.text() for _ in range(50)]
    assert all(one.mutated(b"abc") != b"abc" for _ in range(200))
