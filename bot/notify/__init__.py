"""Ways of telling a unit that a report waits, never what is in it. One file a way beside this one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import FaroError


@dataclass(frozen=True, slots=True)
class Notice:
    """All that may be said outside the seal. `report_id`: hexadecimal; `tier`: P0-P4; `age_minutes`: since filed."""

    report_id: str
    tier: str
    age_minutes: int


class NotifyError(FaroError):
    """The unit was not told. The detail is a code of the way (an SMTP status), never text of a server."""

    code = "notify"


class NotifyLater(NotifyError):
    """The server is not there, or says to come again: try again."""

    code, retry = "notify_later", True


class NotifyRefused(NotifyError):
    """The server will never take it as it is: wrong address, wrong password, file too big. An operator must look."""

    code = "notify_refused"
