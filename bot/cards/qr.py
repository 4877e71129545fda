"""The QR code of a placement: as much of it may be worn off as the length of the address allows."""

from __future__ import annotations

from dataclasses import dataclass

import segno

from bot.cards.formats import FORMATS
from bot.errors import FaroError

QUIET = 4  # white squares around the code, as ISO/IEC 18004 wants them
LEAST_SQUARE = 0.8  # mm, on the smallest card
LEVELS = ("H", "Q")  # 30 and 25 per cent of the code may be gone


class AddressTooLong(FaroError):
    """The code of this address would have squares too small for a worn card and a plain telephone."""

    code = "address_too_long"


@dataclass(frozen=True, slots=True)
class Code:
    """Rows of "0" and "1" from the top, without the quiet zone."""

    level: str
    rows: tuple[str, ...]

    def square(self, side: float) -> float:
        """Millimetres of one square, when code and quiet zone fill `side` millimetres."""
        return side / (len(self.rows) + 2 * QUIET)


def make(address: str) -> Code:
    """The strongest level whose squares are large enough on the smallest card. Raises `AddressTooLong`."""
    smallest = min(one.side for one in FORMATS.values())
    for level in LEVELS:
        made = segno.make(address, error=level, micro=False, boost_error=False)
        code = Code(level, tuple("".join(map(str, row)) for row in made.matrix))
        if code.square(smallest) >= LEAST_SQUARE:
            return code
    raise AddressTooLong(str(len(address)))
