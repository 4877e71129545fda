"""Twilio's error codes, by what has to be done about them. Any other is `Refused`."""

from __future__ import annotations

from bot.errors import PlatformDown, Refused, SendError, Throttled, Unreachable, WindowClosed

THROTTLED = {20429, 63018}
# Ours or theirs to mend, or a handset that may be back: later it may go through.
DOWN = {20003, 20500, 20503, 30001, 30003, 30008, 63005, 63020}
# No such number, opted out, blocked, landline, not on WhatsApp: nothing more goes there.
UNREACHABLE = {21211, 21217, 21610, 21614, 30004, 30005, 30006, 63003, 63024}
WINDOW = {63016}


def named(code: int | None, status: int = 400) -> SendError:
    """`code`: Twilio's, where it gave one. `status`: of the HTTP answer."""
    detail = str(code or status)
    if status == 429 or code in THROTTLED:
        return Throttled(detail)
    if code in UNREACHABLE:
        return Unreachable(detail)
    if code in WINDOW:
        return WindowClosed(detail)
    if status >= 500 or status in {401, 403} or code in DOWN:
        return PlatformDown(detail)
    return Refused(detail)
