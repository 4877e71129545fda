"""What is known of one conversation between two messages: sealed after each turn, gone 24 hours after the last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.channels import Incoming
from bot.draft import Answer, Said

SILENCE = timedelta(minutes=10)  # after which somebody else may hold the phone

type Mode = Literal[
    "new",  # nothing said by us yet
    "open",  # a question stands
    "paused",  # "not now": the next message meets the safety question first
    "cover",  # somebody watches: bland talk only
    "danger",  # numbers given, questions stopped: what is written goes to the officers at once
    "closed",  # reported, or refused
]


@dataclass(slots=True)
class Kept:
    """An attachment in the sealed store. `row`: its id there; `size` in bytes; `checked`: metadata was removed."""

    row: int
    media_type: str
    extension: str
    size: int
    at: str
    checked: bool

    def name(self, number: int) -> str:
        """What it is called in a report: never as the person called it."""
        return f"att/{number}.{self.extension}"


@dataclass(slots=True)
class Filed:
    """A report that came of this conversation."""

    report_id: str
    cause: str
    at: str


@dataclass(slots=True)
class Talk:
    """The sealed state. Times are ISO 8601 in UTC."""

    channel: str
    address: str
    language: str
    first: str
    last: str
    mode: Mode = "new"
    engine: dict[str, Any] | None = None
    model: str | None = None
    offered: list[tuple[str, str]] = field(default_factory=list)  # (code, title) of the buttons that stand
    offered_for: str = ""  # the question they belong to
    answers: dict[str, Answer] = field(default_factory=dict)
    story: list[Said] = field(default_factory=list)
    attachments: list[Kept] = field(default_factory=list)
    thread: list[str] = field(default_factory=list)  # the person's messages, to be deleted at an exit
    placement: str = ""
    urgent: list[str] = field(default_factory=list)  # causes that make it P0
    filed: list[Filed] = field(default_factory=list)
    covers: int = 0
    told: int = 0  # words and attachments that the last report held

    @classmethod
    def begin(cls, channel: str, incoming: Incoming, language: str, now: datetime) -> Talk:
        at = stamp(now)
        return cls(channel, incoming.address, language, first=at, last=at, placement=incoming.placement)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Talk:
        fields = dict(value)
        fields["offered"] = [(code, title) for code, title in fields["offered"]]
        fields["answers"] = {name: _answer(answer) for name, answer in fields["answers"].items()}
        fields["story"] = [Said(**said) for said in fields["story"]]
        fields["attachments"] = [Kept(**kept) for kept in fields["attachments"]]
        fields["filed"] = [Filed(**filed) for filed in fields["filed"]]
        return cls(**fields)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def slots(self) -> Mapping[str, Any]:
        slots: Mapping[str, Any] = (self.engine or {}).get("slots") or {}
        return slots

    @property
    def asked(self) -> str:
        return (self.engine or {}).get("requested_slot") or ""

    @property
    def consent(self) -> str:
        """none | anonymous | confidential | share, or "" while it was not asked."""
        return str(self.slots.get("consent") or "")

    def silent_since(self, now: datetime) -> timedelta:
        return now - datetime.fromisoformat(self.last)

    def arrived(self, incoming: Incoming, now: datetime) -> None:
        self.last = stamp(now)
        self.address = incoming.address
        self.placement = self.placement or incoming.placement
        self.thread += incoming.thread

    @property
    def done(self) -> bool:
        """All questions were answered, and the report of it is with the officers."""
        return any(filed.cause == "complete" for filed in self.filed)

    @property
    def adds(self) -> bool:
        """Something was said or sent since the last report."""
        return len(self.story) + len(self.attachments) > self.told

    def takes_files(self, silent: bool) -> bool:
        """Not while somebody reads along, and not from somebody who agreed to no report."""
        hidden = self.mode == "cover" and not silent
        return not hidden and (self.consent != "none" or self.mode == "danger")

    def file(self, filed: Filed) -> None:
        self.filed.append(filed)
        self.told = len(self.story) + len(self.attachments)

    def discard(self) -> None:
        """What was told and sent goes; the codes that the numbers are chosen by stay."""
        self.answers.clear()
        self.story.clear()
        self.attachments.clear()
        self.told = 0

    def keep_words(self, text: str, now: datetime, *, kind: str = "text") -> None:
        if text:
            self.story.append(Said(text, stamp(now), self.language, self.asked, kind))

    def behind_the_gate(self) -> None:
        """The safety question comes before everything else that is open, and what the engine had finished after it."""
        if self.engine:
            self.engine["slots"] = {**self.slots, "safe": None, "finished": None}
            self.engine["requested_slot"] = None


def _answer(value: Mapping[str, Any]) -> Answer:
    given = value["value"]
    return Answer(
        given if isinstance(given, str) else tuple(given), value["at"], value["language"], tuple(value["words"])
    )


def stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
