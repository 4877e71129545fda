"""Every error that crosses a module: may it be tried again, and which code may be logged.

The message of an error is its code and nothing else, so that no word of a person can travel in one.
"""

from __future__ import annotations

from typing import ClassVar


class FaroError(Exception):
    """Base. `code` may be logged, `retry` says whether the same call may succeed later."""

    code: ClassVar[str] = "error"
    retry: ClassVar[bool] = False

    def __init__(self, detail: str = "") -> None:
        """`detail` is a code of ours or of the platform (digits, identifiers), never text of a person."""
        self.detail = detail
        super().__init__(f"{self.code}:{detail}" if detail else self.code)


class SettingsError(FaroError):
    """A setting is missing, half given or wrong; the message is one line for the operator."""

    code = "settings"

    def __str__(self) -> str:
        return self.detail


# Webhooks: what the public door answers.


class Forged(FaroError):
    """The delivery does not prove that the platform sent it: 403, no trace in the database."""

    code = "forged"


class Malformed(FaroError):
    """Genuine, but not what the platform documents. Answered as received, since it would come again for ever."""

    code = "malformed"


# Sending: a channel names what happened, `bot/post.py` decides.


class SendError(FaroError):
    """A message was not taken by the platform. `after`: seconds the platform asks us to wait, if it does."""

    code = "send"

    def __init__(self, detail: str = "", *, after: float | None = None) -> None:
        super().__init__(detail)
        self.after = after


class Throttled(SendError):
    """Documented as not processed, so that trying again can't double it (HTTP 429)."""

    code, retry = "throttled", True


class PlatformDown(SendError):
    """No connection, or a 5xx before anything was taken."""

    code, retry = "platform_down", True


class MaybeSent(SendError):
    """Timed out after the request left. Sent again: a question twice is better than silence."""

    code, retry = "maybe_sent", True


class Refused(SendError):
    """The platform will never take this message (wrong address, too long, filtered)."""

    code = "refused"


class Unreachable(SendError):
    """The person blocked the bot, opted out, or the address is gone: nothing more goes to this conversation."""

    code = "unreachable"


class WindowClosed(SendError):
    """WhatsApp: more than 24 h since the person's last message; only they can open it again."""

    code = "window_closed"


# Attachments.


class FetchError(FaroError):
    """An attachment could not be had."""

    code = "fetch"


class TooBig(FetchError):
    """More than `bot.channels.MEDIA_LIMIT` bytes."""

    code = "too_big"


class MediaRefused(FetchError):
    """Gone, not a kind we keep, or at an address that is not the platform's."""

    code = "media_refused"


class MediaDown(FetchError):
    """The platform did not answer in time."""

    code, retry = "media_down", True


# Engine.


class EngineDown(FaroError):
    """No engine answered."""

    code, retry = "engine_down", True


class EngineRefused(FaroError):
    """The engine answered, and not with a turn."""

    code = "engine_refused"


class StateOfAnotherModel(EngineRefused):
    """The state was made by an older model: the open question is asked again on a fresh state."""

    code = "state_of_another_model"


# Coming back.


class NoSuchCode(FaroError):
    """No report answers to this receipt code: mistyped, never given, taken back or deleted."""

    code = "no_such_code"


class Busy(FaroError):
    """Too many receipt codes are being looked up. `after`: seconds until it is worth another try."""

    code, retry = "busy", True

    def __init__(self, detail: str = "", *, after: int = 0) -> None:
        super().__init__(detail)
        self.after = after


# Reports.


class NoRecipient(FaroError):
    """No unit for this report has a valid key: it is not accepted, and the person is given the numbers to call."""

    code = "no_recipient"


class TakenBack(FaroError):
    """The case that this would be added to was withdrawn meanwhile: nothing goes to it any more."""

    code = "taken_back"
