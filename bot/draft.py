"""Everything that a conversation gave and a report is made of; plain JSON both ways, since it lives in sealed state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

type Cause = Literal[
    "complete", "danger", "urgent", "more"
]  # why it is filed; only the first one closes a conversation


@dataclass(frozen=True, slots=True)
class Answer:
    """What one question got. `value`: code or codes; `at`: ISO 8601; `words`: as the person wrote them, in order;
    `phones`: the telephone numbers in them, as E.164."""

    value: str | tuple[str, ...]
    at: str
    language: str
    words: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Answer:
        """Raises `KeyError` for another shape."""
        given = value["value"]
        return cls(given if isinstance(given, str) else tuple(given), value["at"], value["language"],
                   tuple(value["words"]), tuple(value.get("phones", ())))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """Own words in the order written. `about`: the question that stood; `kind`: text | edited | location (lat,long)."""

    text: str
    at: str
    language: str
    about: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the report. `name` as in the archive (att/1.jpg); `size` in bytes; `checked`: no metadata left."""

    name: str
    media_type: str
    size: int
    at: str
    checked: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """One report before it is built. `answers`: by question id, questions that were never put are absent.

    `place`, `route`, `destination`: of the placement, where it is known; `presumed`: that destination, if the consent
    text named it. `flags`: to be known beside the answers, of `bot.report.FLAGS`; `units`, `citizenship` (ISO 3166)
    and `landing_within_24h`: what is known of these beside the answers; `follows`: id of the report that it adds to.
    """

    report_id: str
    cause: Cause
    started: str
    filed: str
    channel: str
    address: str
    language: str
    practice: bool
    placement: str = ""
    place: str = ""
    route: str = ""
    destination: str = ""
    presumed: str = ""
    answers: Mapping[str, Answer] = field(default_factory=dict)
    story: tuple[Said, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    urgent: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    citizenship: tuple[str, ...] = ()
    follows: str | None = None
    landing_within_24h: bool = False

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Draft:
        """Raises `TypeError` or `KeyError` for another shape."""
        lists = {name: tuple(value[name]) for name in ("urgent", "flags", "units", "citizenship")}
        return cls(**{
            **value, **lists,
            "answers": {name: Answer.from_json(answer) for name, answer in value["answers"].items()},
            "story": tuple(Said(**said) for said in value["story"]),
            "attachments": tuple(Attachment(**attachment) for attachment in value["attachments"]),
        })  # fmt: skip

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def codes(self) -> dict[str, str | tuple[str, ...]]:
        """Question id -> code or codes, as the screening takes them."""
        return {name: answer.value for name, answer in self.answers.items()}

    def code(self, question: str) -> str | None:
        """The single code that a question got, or None when it was not put."""
        answer = self.answers.get(question)
        return answer.value if answer and isinstance(answer.value, str) else None

    def words(self, question: str) -> tuple[str, ...]:
        answer = self.answers.get(question)
        return answer.words if answer else ()

    def phones(self, question: str) -> tuple[str, ...]:
        answer = self.answers.get(question)
        return tuple(dict.fromkeys(answer.phones)) if answer else ()
