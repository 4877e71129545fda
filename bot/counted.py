"""A number with its noun, as the command line tells it."""

from __future__ import annotations


def counted(number: int, one: str, many: str = "") -> str:
    """`1 report`, `2 reports`. `many`: where it is not the noun with an s."""
    return f"{number} {one if number == 1 else many or one + 's'}"
