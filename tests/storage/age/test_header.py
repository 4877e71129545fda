import base64
import io
import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import age
from storage.age import header

HYBRID = [age.HybridIdentity.generate() for _ in range(2)]
CLASSICAL = [age.X25519Identity.generate()]
SMALL = age.encrypt(b"made-up words", [key.recipient() for key in HYBRID])
FUZZ = int(os.environ.get("FARO_FUZZ", "2000"))
WORD = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=80)


STANZA = st.builds(age.Stanza, st.lists(WORD, min_size=1, max_size=4).map(tuple), st.binary(max_size=200))


@given(st.lists(STANZA, min_size=1))
def test_every_header_is_read_as_it_was_written(stanzas):
    data = header.write(bytes(16), stanzas)
    read = header.read(io.BytesIO(data + b"payload"))
    assert (list(read.stanzas), read.length) == (stanzas, len(data))
    read.check(bytes(16))
    with pytest.raises(age.HmacFailure):
        read.check(b"x" * 16)


@pytest.mark.parametrize("size", [0, 1, 47, 48, 49, 96, 97])
def test_body_ends_with_a_line_shorter_than_the_others(size):
    lines = header.write(bytes(16), [age.Stanza(("x",), bytes(size))]).split(b"\n")[2:-2]
    assert [len(line) == 64 for line in lines] == [True] * (len(lines) - 1) + [False]


@given(st.binary(max_size=100))
def test_base64_has_one_way_to_be_written(data):
    text = header.encode64(data).encode()
    assert header.decode64(text) == data
    assert base64.b64encode(data).rstrip(b"=") == text


@pytest.mark.parametrize("text", [b"A", b"AB", b"AAB", b"AA==", b"A A", b"AA\n", b"A-_A", b"\xc3\xa1AA", b"AAAAA"])
def test_other_base64_is_refused(text):
    with pytest.raises(age.HeaderFailure):
        header.decode64(text)


def test_endless_line_is_refused_and_not_held():
    endless = io.BytesIO(header.VERSION_LINE + b"-> x " + b"y" * (header.MAX_HEADER + 10))
    with pytest.raises(age.HeaderFailure):
        header.read(endless)
    assert endless.tell() <= header.MAX_HEADER


KINDS = st.sampled_from(["flip", "drop", "insert", "copy", "cut"])
MUTATION = st.tuples(KINDS, st.integers(0), st.binary(min_size=1, max_size=4))


def mutate(data: bytes, size: int, kind: str, place: int, extra: bytes) -> bytes:
    """`data` with one change in its first `size` bytes."""
    at = place % size
    match kind:
        case "flip":
            return data[:at] + bytes([data[at] ^ (extra[0] or 1)]) + data[at + 1 :]
        case "drop":
            return data[:at] + data[at + len(extra) :]
        case "insert":
            return data[:at] + extra + data[at:]
        case "copy":
            return data[:at] + data[at // 2 : at // 2 + 40] + data[at:]
        case _:
            return data[:at]


@settings(max_examples=FUZZ, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MUTATION, min_size=1, max_size=3))
def test_no_changed_header_is_accepted_and_none_raises_anything_else(changes):
    changed, size = SMALL, age.read_header(SMALL).length
    for kind, place, extra in changes:
        changed = mutate(changed, min(size, len(changed)) or 1, kind, place, extra) or b"\0"
    if changed != SMALL:
        with pytest.raises(age.AgeError):
            age.decrypt(changed, [HYBRID[0]])


@settings(max_examples=FUZZ // 4, deadline=None, suppress_health_check=list(HealthCheck))
@given(MUTATION)
def test_no_changed_file_is_accepted_and_none_raises_anything_else(change):
    changed = mutate(SMALL, len(SMALL), *change)
    if changed != SMALL:
        with pytest.raises(age.AgeError):
            age.decrypt(changed, [HYBRID[0]])


@settings(max_examples=FUZZ // 4, deadline=None)
@given(st.binary(max_size=400))
def test_no_noise_is_accepted_and_none_raises_anything_else(noise):
    for data in (noise, b"age-encryption.org/v1\n" + noise):
        with pytest.raises(age.AgeError):
            age.decrypt(data, [HYBRID[0], CLASSICAL[0]])
