"""Receipt codes for complete reports, derived outside every transaction: each takes a third of a second and 128 MiB."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.errors import Busy
from storage import receipt
from storage.receipt import Receipt

AT_ONCE = 2  # derivations, for their memory
WAITING = 6  # people who wait with a code, those under way included; more are asked to try again
COST = 0.3  # seconds of one derivation, about
MINUTE = 60.0  # seconds that a wrong code counts for
EACH, MOST = 0.05, 5.0  # seconds that every wrong code of the last minute adds to the next look-up, and at most


class ReceiptDue(Exception):
    """A report is complete and no receipt is at hand: the turn is undone, one is prepared, and the turn taken again."""


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """A code for the person, and what the server keeps of it."""

    code: str
    receipt: Receipt


class Receipts:
    """Makes them under this installation's pepper, and finds them again. Made inside the running loop.

    Guessing: there are 10^15 codes. Undisturbed, a process tries 7 a second. Wrong codes slow down all that follow:
    with two at once, 0.3 s + 0.05 s for each miss of the last minute comes to rest at 0.8 a second, 66,000 a day.
    Where a million codes are out, one guess in 10^9 fits: somebody who tries without a pause finds one in 40 years, and
    meets the safety question and perhaps a secret word there. Whoever types a right code meanwhile waits some seconds
    longer, and is shut out by nobody: no address is counted, since a whole aircraft writes from one, and nothing is
    locked. Each pepper that was replaced costs a look-up 0.3 s more. Out of the database alone nothing can be tried,
    since the pepper lies elsewhere.
    """

    def __init__(self, peppers: Callable[[], Sequence[bytes]], clock: Callable[[], float] = time.monotonic) -> None:
        """`peppers`: newest first, asked for each time, since another process may replace it. `clock`: seconds."""
        self._peppers = peppers
        self._clock = clock
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._looking = 0
        self._misses: deque[float] = deque()

    async def prepare(self) -> Prepared:
        code = receipt.new_code()
        async with self._slots:
            return Prepared(code, await asyncio.to_thread(receipt.derive, code, self._peppers()[0]))

    async def look_up(self, code: str) -> list[Receipt]:
        """What a code that somebody typed may stand for, by each pepper. Raises `Busy`, or `BadCode` if mistyped."""
        if self._looking >= WAITING:
            raise Busy(after=math.ceil(self._looking / AT_ONCE * (COST + self.pause)))
        self._looking += 1
        try:
            async with self._slots:
                await asyncio.sleep(self.pause)
                return [await asyncio.to_thread(receipt.derive, code, pepper) for pepper in self._peppers()]
        finally:
            self._looking -= 1

    def missed(self) -> None:
        """A code that was looked up stands for nothing."""
        self._misses.append(self._clock())

    @property
    def pause(self) -> float:
        """Seconds before the next look-up: none where people only mistype now and then."""
        while self._misses and self._misses[0] < self._clock() - MINUTE:
            self._misses.popleft()
        return min(MOST, EACH * len(self._misses))
