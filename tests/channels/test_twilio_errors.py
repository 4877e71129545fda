"""Twilio's error codes."""

from __future__ import annotations

import pytest

from bot.channels import twilio_errors
from bot.channels.twilio_errors import named
from bot.errors import PlatformDown, Refused, SendError, Throttled, Unreachable, WindowClosed


@pytest.mark.parametrize(
    ("code", "status", "error"),
    [(20429, 429, Throttled), (None, 429, Throttled), (63018, 400, Throttled), (20503, 503, PlatformDown),
     (None, 502, PlatformDown), (20003, 401, PlatformDown), (21610, 400, Unreachable), (21211, 400, Unreachable),
     (63016, 400, WindowClosed), (21617, 400, Refused), (30007, 400, Refused), (99999, 400, Refused),
     (None, 400, Refused)],
)  # fmt: skip
def test_a_code_says_what_has_to_be_done(code: int | None, status: int, error: type[SendError]) -> None:
    assert type(named(code, status)) is error


def test_no_code_has_two_meanings() -> None:
    tables = [twilio_errors.THROTTLED, twilio_errors.DOWN, twilio_errors.UNREACHABLE, twilio_errors.WINDOW]
    assert sum(map(len, tables)) == len(set().union(*tables)) == 20
