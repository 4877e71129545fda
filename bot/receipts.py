"""Receipt codes for complete reports, derived outside every transaction: each takes a third of a second and 128 MiB."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from storage import receipt
from storage.receipt import Receipt

AT_ONCE = 2  # derivations, for their memory


class ReceiptDue(Exception):
    """A report is complete and no receipt is at hand: the turn is undone, one is prepared, and the turn taken again."""


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """A code for the person, and what the server keeps of it."""

    code: str
    receipt: Receipt


class Receipts:
    """Makes them under this installation's pepper. Made inside the running loop."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def prepare(self) -> Prepared:
        code = receipt.new_code()
        async with self._slots:
            return Prepared(code, await asyncio.to_thread(receipt.derive, code, self._pepper))
