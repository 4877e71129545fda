"""The shared age vectors when they lie beside the project, and a set of our own that always does."""

from pathlib import Path

import pytest

from tests.storage.age.vector import Vector

OWN = Path(__file__).parents[1] / "vectors" / "age"
SHARED = Path(__file__).parents[4] / "shared" / "vectors" / "age" / "testdata"
# Of these a reader may release the chunks before the fault even where the fault is that another chunk follows. Ours
# looks ahead, finds it first, and so releases less.
STRICTER = {
    "stream_no_final_full",
    "stream_no_final_two_chunks_full",
    "stream_trailing_garbage_long",
    "stream_trailing_garbage_short",
    "stream_two_final_chunks",
    "stream_two_final_chunks_full",
    "stream_two_final_chunks_second",
}


def vectors(folder: Path) -> list[Vector]:
    return [Vector.read(path) for path in sorted(folder.iterdir()) if path.name != "README.md"]


@pytest.mark.parametrize("vector", vectors(OWN), ids=lambda vector: vector.name)
def test_own_vector_ends_as_told(vector):
    assert vector.outcome()[0] == vector.one("expect")
    if vector.one("expect") == "success":
        assert vector.outcome()[1] == vector.one("payload")


def test_own_vectors_are_all_there():
    assert len(vectors(OWN)) == 20
    assert {vector.one("expect") for vector in vectors(OWN)} == {
        "success", "header failure", "no match", "HMAC failure", "payload failure",
    }  # fmt: skip


def test_shared_vectors_end_as_told():
    if not SHARED.is_dir():
        assert len(vectors(OWN)) == 20  # the same rules, in fewer files
        return
    found = vectors(SHARED)
    binary = [vector for vector in found if not vector.armored]
    assert (len(found), len(binary)) == (143, 110)
    exact, refused = set(), set()
    for vector in binary:
        end, released = vector.outcome()
        assert end == vector.one("expect"), vector.name
        (exact if released == (vector.one("payload") or released) else refused).add(vector.name)
    assert refused == STRICTER
    assert len(exact) == 103
