"""Tells one unit that a report waits: once, and a P0 again and again until an officer acknowledges it."""

from __future__ import annotations

from datetime import timedelta

from bot import log
from bot.errors import SettingsError
from bot.notify import Notice, NotifyError, NotifyRefused
from bot.notify.email import SmtpSettings, notify
from bot.service import Service
from storage import deliveries, queue, reports
from storage.deliveries import DeliveryRow

BACKOFF = (1, 5, 15, 60)  # minutes; then every hour, since a unit that was never told is a report lost

LOOK_AGAIN = timedelta(hours=1)  # whether a unit without mail has it now


async def deliver(service: Service, delivery_id: int) -> None:
    """Without mail settings, or a unit without an address, the report lies ready for `faro officer`, and says so."""
    async with service.database.begin() as tx:
        row = await deliveries.get(tx, delivery_id)
        unit = (await service.roster(tx)).units.get(row.unit) if row else None
        report = await reports.fetch(tx, row.report_id) if row and unit and unit.wants_file else None
    if row is None:
        return
    if unit is None or not unit.email or not service.settings.smtp_url:
        log.event("report_lies_ready", unit=row.unit, tier=row.tier)
        await _later(service, row)
        return
    notice = Notice(row.report_id.hex(), row.tier, int((service.clock() - row.planned) / timedelta(minutes=1)))
    smtp = SmtpSettings.of(service.settings.smtp_url, service.settings.mail_from)
    try:
        await notify(smtp, unit, notice, report.sealed if report else None)
    except (NotifyError, SettingsError) as error:
        await _again(service, row, error if isinstance(error, NotifyError) else NotifyRefused("settings"))
    else:
        await _done(service, row)


async def _later(service: Service, row: DeliveryRow) -> None:
    """Nothing failed; mail may be set up meanwhile. The sweep comes back to it."""
    async with service.database.begin() as tx:
        await deliveries.postpone(tx, row.id, service.clock() + LOOK_AGAIN)


async def _done(service: Service, row: DeliveryRow) -> None:
    async with service.database.begin() as tx:
        again = await deliveries.delivered(tx, row.id, service.clock())
        if again:
            await queue.enqueue_deliver(tx, row.id, again)


async def _again(service: Service, row: DeliveryRow, error: NotifyError) -> None:
    """A refusal too: an operator may mend the address or the password meanwhile."""
    log.failure("unit_not_told", error, unit=row.unit, attempt=row.attempts + 1)
    at = service.clock() + timedelta(minutes=BACKOFF[min(row.attempts, len(BACKOFF) - 1)])
    async with service.database.begin() as tx:
        await deliveries.failed(tx, row.id, error.code, at)
        await queue.enqueue_deliver(tx, row.id, at)
