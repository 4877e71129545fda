"""What is known of one conversation between two messages: sealed after each turn, gone 24 hours after the last word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.channels import Incoming
from bot.draft import Answer, Said
from bot.languages import SOURCE_LANGUAGE
from bot.reentry import QUESTION as REENTRY
from bot.reentry import Entrance

SILENCE = timedelta(minutes=10)  # after which somebody else may hold the phone

# Of one conversation, so that its state can't grow without end: some sixty pages of own words, in so many messages; and
# what is remembered of messages and reports.
MOST_CHARACTERS, MOST_SAID, MOST_THREAD, MOST_FILED = 200_000, 2_000, 5_000, 200
BURST, HOURS_WORTH = 40, 10  # messages at once that are no flood; of an hour, in those of a minute

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
class Aside:
    """A short question of ours beside the questions (`bot.asides`). `sign`: what brought it; `words`: those that did;
    `again`: how often it was put anew."""

    name: str
    sign: str = ""
    words: str = ""
    again: int = 0


@dataclass(slots=True)
class Pace:
    """How fast somebody writes: two vessels that each message fills and time empties. `at`: seconds since 1970, of the
    last message; `slowed`: messages that came too fast for an answer of their own."""

    minute: float = 0.0
    hour: float = 0.0
    at: float = 0.0
    slowed: int = 0

    def counts(self, now: float, a_minute: int) -> bool:
        """One message more; True if it came too fast. `a_minute`: messages of one that are usual; 0: any number is."""
        if not a_minute:
            return False
        passed, self.at = max(0.0, now - self.at), now
        most = a_minute * HOURS_WORTH
        self.minute = max(0.0, self.minute - passed * a_minute / 60) + 1
        self.hour = max(0.0, self.hour - passed * most / 3600) + 1
        fast = self.minute > max(BURST, a_minute) or self.hour > most
        self.minute, self.hour = min(self.minute, max(BURST, a_minute)), min(self.hour, most)
        return fast


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
    destination: str = ""  # of the placement: a country, ISO 3166
    presumed: str = ""  # that country, once the consent text named it to somebody who told none
    urgent: list[str] = field(default_factory=list)  # causes that make it P0
    filed: list[Filed] = field(default_factory=list)
    covers: int = 0
    told: int = 0  # words and attachments that the last report held
    flags: list[str] = field(default_factory=list)  # of `bot.report.FLAGS`, heard beside the questions
    aside: Aside | None = None  # the one that stands
    entrance: Entrance | None = None  # once a word for coming back was chosen
    children_told: bool = False  # the lines for children were shown
    language_known: bool = True  # False: nothing told it, and it is asked first
    case: str = ""  # begun with a receipt code: digest of the conversation that the report came of, hexadecimal
    pace: Pace = field(default_factory=Pace)
    overflown: bool = False  # more was said than is kept
    overflown_told: bool = False

    @classmethod
    def begin(cls, channel: str, incoming: Incoming, language: str | None, now: datetime) -> Talk:
        """`language`: None if nothing tells it."""
        at, spoken = stamp(now), language or SOURCE_LANGUAGE
        return cls(channel, incoming.address, spoken, first=at, last=at, placement=incoming.placement,
                   language_known=language is not None)  # fmt: skip

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Talk:
        fields = dict(value)
        fields["offered"] = [(code, title) for code, title in fields["offered"]]
        fields["answers"] = {name: Answer.from_json(answer) for name, answer in fields["answers"].items()}
        fields["story"] = [Said(**said) for said in fields["story"]]
        fields["attachments"] = [Kept(**kept) for kept in fields["attachments"]]
        fields["filed"] = [Filed(**filed) for filed in fields["filed"]]
        fields["aside"] = Aside(**fields["aside"]) if fields.get("aside") else None
        fields["entrance"] = _entrance(fields.get("entrance"))
        fields["pace"] = Pace(**fields.get("pace", {}))
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
        self.thread = [*self.thread, *incoming.thread][-MOST_THREAD:]

    @property
    def done(self) -> bool:
        """All questions were answered, and the report of it is with the officers."""
        return any(filed.cause == "complete" for filed in self.filed)

    @property
    def adds(self) -> bool:
        """Something was said or sent since the last report."""
        return len(self.story) + len(self.attachments) > self.told

    @property
    def shut(self) -> bool:
        """The word for coming back is due: whoever writes may be another, and nothing of the case is shown."""
        return self.entrance is not None and self.entrance.shut

    def takes_files(self, silent: bool) -> bool:
        """Not while somebody reads along or has not given the word, and not from somebody who agreed to no report."""
        hidden = (self.mode == "cover" and not silent) or self.shut
        return self.mode == "danger" or (not hidden and self.consent != "none")

    def file(self, filed: Filed) -> None:
        """All complete ones are remembered, and the last of the others."""
        self.filed.append(filed)
        if len(self.filed) > MOST_FILED:
            self.filed.remove(next(one for one in self.filed if one.cause != "complete"))
        self.told = len(self.story) + len(self.attachments)

    def discard(self) -> None:
        """What was told and sent goes; the codes that the numbers are chosen by stay."""
        self.answers.clear()
        self.story.clear()
        self.attachments.clear()
        self.told = 0

    def keep_words(self, text: str, now: datetime, *, kind: str = "text", urgent: bool = False) -> None:
        """What may be the word for coming back, or of another person, is no part of the account; an emergency is."""
        if not text or (self.asked == REENTRY and kind != "location" and not urgent):
            return
        text = self.fitting(text, urgent=urgent)
        if not text:
            return
        said = Said(text, stamp(now), self.language, self.asked, kind)
        if self.entrance and self.entrance.shut and not urgent:
            self.entrance.held.append(said)
        else:
            self.story.append(said)

    def fitting(self, text: str, *, urgent: bool = False) -> str:
        """As much of it as may still be kept; of an emergency, twice as much."""
        kept = [said.text for said in [*self.story, *(self.entrance.held if self.entrance else ())]]
        kept += [words for answer in self.answers.values() for words in answer.words]
        more = 1 + urgent
        room = MOST_CHARACTERS * more - sum(map(len, kept)) if len(kept) < MOST_SAID * more else 0
        self.overflown = self.overflown or len(text) > room
        return text[: max(0, room)]

    def shut_out(self) -> None:
        """Somebody else may hold the phone now: the word is due, if one was chosen."""
        if self.entrance:
            self.entrance.shut, self.entrance.asked = True, False

    def enter(self, word: str) -> bool:
        """True if this is the word: what was said meanwhile counts then."""
        if not self.entrance or self.entrance.locked or not self.entrance.fits(word):
            return False
        self.story += self.entrance.open(word)
        return True

    def behind_the_gate(self) -> None:
        """The safety question comes before everything else that is open, and what the engine had finished after it."""
        self.shut_out()
        if self.engine:
            self.engine["slots"] = {**self.slots, "safe": None, "finished": None}
            self.engine["requested_slot"] = None


def _entrance(value: Mapping[str, Any] | None) -> Entrance | None:
    return Entrance(**{**value, "held": [Said(**said) for said in value["held"]]}) if value else None


def stamp(now: datetime) -> str:
    return now.isoformat(timespec="seconds")
