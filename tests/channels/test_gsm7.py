"""The alphabet of text messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.gsm7 import BASIC, EXTENDED, ROOM, cost, segments, transliterate


def test_the_alphabet_has_all_its_letters() -> None:
    assert (len(BASIC), len(EXTENDED)) == (127, 10)  # 128 places, one of them the escape


@pytest.mark.parametrize(
    ("text", "plain"),
    [("áíóú ÁÍÓÚ", "aiou AIOU"), ("ñÑ¿¡üÜéÉ", "ñÑ¿¡üÜéÉ"), ("Voilà ça œuvre", "Voilà ca oeuvre"), ("n\u0303", "ñ"),
     ("«x» … 1º", '"x" ... 1o'), ("a\u00a0b", "a b"), ("[€]", "[€]"), ("ayiti ò", "ayiti ò"), ("漢", "漢")],
)  # fmt: skip
def test_letters_outside_the_alphabet_become_their_nearest(text: str, plain: str) -> None:
    assert transliterate(text) == plain


@given(st.text(alphabet=sorted(BASIC | EXTENDED)))
def test_what_is_in_the_alphabet_stays(text: str) -> None:
    assert transliterate(text) == text


@pytest.mark.parametrize(
    ("text", "count"),
    [("a" * 160, 1), ("a" * 161, 2), ("a" * 306, 2), ("a" * 307, 3), ("€" * 80, 1), ("€" * 81, 2), ("á" * 70, 1),
     ("á" * 71, 2), ("á" * 134, 2), ("á" * 135, 3), ("😀" * 35, 1), ("😀" * 36, 2)],
)  # fmt: skip
def test_segments_are_counted_as_networks_bill_them(text: str, count: int) -> None:
    assert segments(text) == count


@given(st.text(alphabet=st.sampled_from("aé€á😀"), max_size=400))
def test_what_costs_no_more_than_the_room_fits_two_segments(text: str) -> None:
    if cost(text) <= ROOM:
        assert segments(text) <= 2
