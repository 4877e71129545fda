"""Cuts a text into pieces that a platform takes, where a reader would pause; nothing is lost but white space there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence

from bot.channels import Button, Outgoing

_PAUSES = ("\n\n", "\n", ". ", "? ", "! ", "; ", ", ", " ")


def utf16(text: str) -> int:
    """Length in UTF-16 units, as Telegram and WhatsApp clients count; never less than the number of characters."""
    return len(text.encode("utf-16-le")) // 2


def split(text: str, limit: int, measure: Callable[[str], int] = len) -> list[str]:
    """Pieces with `measure(piece) <= limit`, in order; at least one. `measure` must never fall as a text grows."""
    pieces: list[str] = []
    while measure(text) > limit:
        cut = _pause(text, _longest(text, limit, measure))
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in (*pieces, text) if piece] or [""]


def _longest(text: str, limit: int, measure: Callable[[str], int]) -> int:
    lengths = range(1, min(len(text), limit) + 1)
    return max(1, bisect_right(lengths, limit, key=lambda length: measure(text[:length])))


def _pause(text: str, longest: int) -> int:
    """Where to cut: the best pause in the second half, so that pieces don't become crumbs."""
    for pause in _PAUSES:
        at = text.rfind(pause, longest // 2, longest)
        if at > 0:
            return at + len(pause)
    return longest


def numbered(message: Outgoing) -> Outgoing:
    """The choices as lines of text, "1 Sí", where they can't be tapped. The answer is then a number, or words."""
    lines = [message.text, *(f"{number} {button.title}" for number, button in enumerate(message.buttons, 1))]
    return Outgoing("\n".join(lines), (), message.key, message.language)


def each(message: Outgoing, texts: Sequence[str], buttons: Sequence[Button] = ()) -> list[Outgoing]:
    """One piece a text, of the same template; the buttons hang on the last one."""
    pieces = [Outgoing(text, (), message.key, message.language) for text in texts]
    return [*pieces[:-1], Outgoing(texts[-1], tuple(buttons), message.key, message.language)]
