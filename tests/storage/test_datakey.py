import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.datakey import STEP, DataKey, pad, place, unpad
from storage.errors import Tampered

KEY = DataKey(1, b"", bytes(range(32)))


@given(st.binary(max_size=2000))
def test_what_was_sealed_opens_again(plain: bytes) -> None:
    assert KEY.open(KEY.seal(plain, b"here"), b"here") == plain


@given(st.binary(max_size=600) | st.binary(max_size=20).map(lambda end: end + bytes(300)))
def test_padding_is_taken_off_exactly(plain: bytes) -> None:
    assert unpad(pad(plain)) == plain
    assert len(pad(plain)) % STEP == 0


def test_short_words_all_have_one_sealed_length() -> None:
    assert {len(KEY.seal(b"x" * n, b"")) for n in range(STEP)} == {12 + STEP + 16}
    assert len(KEY.seal(b"x" * STEP, b"")) == 12 + 2 * STEP + 16


def test_sealed_bytes_open_nowhere_else_and_not_changed() -> None:
    sealed = KEY.seal(b"words", b"here")
    with pytest.raises(Tampered):
        KEY.open(sealed, b"there")
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(Tampered):
            KEY.open(bytes(changed), b"here")
    for length in (0, 11, 12, 20, len(sealed) - 1):
        with pytest.raises(Tampered):
            KEY.open(sealed[:length], b"here")


def test_padding_that_nobody_made_is_refused() -> None:
    for padded in (b"", bytes(256), b"words" + bytes(10), b"\x80\x01"):
        with pytest.raises(Tampered):
            unpad(padded)


def test_the_same_words_are_never_sealed_to_the_same_bytes() -> None:
    assert len({KEY.seal(b"words", b"here") for _ in range(100)}) == 100


def test_places_never_read_the_same() -> None:
    assert place("ab", "c") != place("a", "bc") != place("abc")
    assert place(b"a") == place("a")


def test_a_key_does_not_show_itself() -> None:
    assert repr(KEY) == "DataKey(epoch=1, wrapped=b'')"


def test_json_goes_through() -> None:
    value = {"text": "sí", "n": 1, "list": [None, True]}
    assert KEY.open_json(KEY.seal_json(value, b"here"), b"here") == value
