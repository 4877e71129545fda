"""What a turn wants done. Nothing here does anything: `bot/turn.py` performs it, inside the turn's one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from bot.channels import Outgoing
from bot.draft import Cause


@dataclass(frozen=True, slots=True)
class Say:
    """One message to the person."""

    message: Outgoing


@dataclass(frozen=True, slots=True)
class File:
    """A report is due. `complete`: the questions are done, and it closes the conversation; `danger` and `urgent`: what
    is known so far, at once; `more`: what came after such a report."""

    cause: Cause


@dataclass(frozen=True, slots=True)
class Discard:
    """The person agreed to no report: what was told and sent so far goes now."""


@dataclass(frozen=True, slots=True)
class Withdraw:
    """The person takes their reports back: locked for officers, told in the audit chain."""


@dataclass(frozen=True, slots=True)
class Leave:
    """The key and everything under it go; the chat is deleted where the platform allows. `word`: a last bland line, or
    None when nothing may be sent any more."""

    word: Outgoing | None


type Effect = Say | File | Discard | Withdraw | Leave
