"""Texts in pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels import Button, Outgoing
from bot.channels.pieces import each, numbered, split, utf16


@given(text=st.text(alphabet=st.sampled_from("ab .\n?😀ñ"), max_size=300), limit=st.integers(2, 60))
def test_pieces_are_within_the_limit_and_lose_only_white_space_at_their_ends(text: str, limit: int) -> None:
    pieces = split(text, limit, utf16)
    assert all(utf16(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", [""]),
        ("corto", ["corto"]),
        ("Uno uno.\n\nDos dos. Tres", ["Uno uno.", "Dos dos. Tres"]),
        ("Uno uno uno. Dos dos dos", ["Uno uno uno.", "Dos dos dos"]),
        ("a" * 20, ["a" * 16, "aaaa"]),
    ],
)
def test_a_text_is_cut_where_a_reader_pauses(text: str, pieces: list[str]) -> None:
    assert split(text, 16) == pieces


def test_a_letter_of_two_units_is_never_cut() -> None:
    assert split("😀" * 5, 4, utf16) == ["😀😀", "😀😀", "😀"]


def test_numbered_choices_follow_the_text() -> None:
    message = Outgoing("¿Sí?", (Button("Sí", "yes"), Button("No", "no")), "utter_x", "es")
    assert numbered(message) == Outgoing("¿Sí?\n1 Sí\n2 No", (), "utter_x", "es")


def test_buttons_hang_on_the_last_piece() -> None:
    message = Outgoing("a b", (Button("Sí", "yes"),), "utter_x", "es")
    assert each(message, ["a", "b"], message.buttons) == [
        Outgoing("a", (), "utter_x", "es"),
        Outgoing("b", message.buttons, "utter_x", "es"),
    ]
