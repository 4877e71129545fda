"""What officers do with the reports of their unit, whichever way they come in, and that the audit chain hears of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from storage import envelope, reports
from storage.reports import ListedReport, ReportRow

# Takes the event, the report's id and the payload digest of what was handed out.
type Tell = Callable[[str, bytes, bytes], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Desk:
    """One officer of a unit, in one transaction. `tell` sees to it that the audit chain hears of what is done, in that
    transaction: if it raises, nothing is done and nothing handed out."""

    tx: AsyncConnection
    unit: str
    tell: Tell

    async def listing(self) -> list[ListedReport]:
        """The unit's reports, most urgent first."""
        return await reports.listing(self.tx, self.unit)

    async def fetch(self, report_id: bytes, *, with_parts: bool = True) -> ReportRow | None:
        """A report's sealed files; None for one that is not there, was taken back, or is not this unit's."""
        row = await reports.fetch(self.tx, report_id, unit=self.unit, with_parts=with_parts)
        if row:
            await self.tell("fetched", row.id, envelope.payload_sha256(row.sealed))
        return row

    async def part(self, report_id: bytes, name: str) -> bytes | None:
        """One large attachment of such a report; None if it has none of this name."""
        row = await reports.fetch(self.tx, report_id, unit=self.unit, with_parts=False)
        sealed = await reports.part(self.tx, report_id, name) if row else None
        if sealed is not None:
            await self.tell("fetched", report_id, envelope.payload_sha256(sealed))
        return sealed

    async def acknowledge(self, report_id: bytes, officer: str) -> bool | None:
        """The unit has it, and its notices stop. False if it had it before, None as above."""
        row = await reports.fetch(self.tx, report_id, unit=self.unit, with_parts=False)
        if row is None:
            return None
        new = await reports.acknowledge(self.tx, report_id, self.unit, officer)
        if new:
            await self.tell("acknowledged", report_id, envelope.payload_sha256(row.sealed))
        return new
