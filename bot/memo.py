"""What a receipt code opens: codes by which a later conversation follows its report. No word that a person wrote."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self

import orjson

from bot.conversation import Filed, Talk, stamp
from bot.draft import Answer
from bot.questions import Questions
from bot.reentry import Entrance
from bot.report import BY_CODE, WISHES
from storage import receipt
from storage.errors import Tampered
from storage.keys import KeyRing
from storage.receipt import Receipt

# How to reach somebody, and whether it was safe then, hold for the conversation in which they were said.
LEFT_OUT = frozenset({"safe", "N2", *WISHES.values()})


@dataclass(frozen=True, slots=True)
class Memo:
    """Enough to ask nothing twice and to send what is added to the same units: `answers` in codes, what made it urgent,
    and the digest of the word for coming back. `report`: id of the report that the code was given for."""

    report: str
    language: str
    placement: str
    presumed: str
    answers: Mapping[str, Answer]
    urgent: tuple[str, ...]
    flags: tuple[str, ...]
    word: tuple[str, str] | None  # salt and digest

    @classmethod
    def of(cls, talk: Talk, report: str, questions: Questions) -> Self:
        left_out = LEFT_OUT | questions.own_words
        answers = {name: replace(answer, words=(), phones=()) for name, answer in talk.answers.items()
                   if name not in left_out}  # fmt: skip
        word = (talk.entrance.salt, talk.entrance.digest) if talk.entrance else None
        urgent, flags = tuple(talk.urgent), tuple(talk.flags)
        return cls(report, talk.language, talk.placement, talk.presumed, answers, urgent, flags, word)

    def seal(self, keys: KeyRing, found: Receipt) -> bytes:
        """Only the code opens it, and only this installation can have written it."""
        body = orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS).decode()
        mark = _mark(keys, found, body)
        return receipt.seal_memo(orjson.dumps({"body": body, "mark": mark}), found.recipient)

    @classmethod
    def open(cls, keys: KeyRing, found: Receipt, sealed: bytes) -> Self:
        """Raises `Tampered` for what was not written here, for this code."""
        value = orjson.loads(receipt.open_memo(sealed, found.identity))
        if not hmac.compare_digest(str(value["mark"]), _mark(keys, found, value["body"])):
            raise Tampered
        fields = orjson.loads(value["body"])
        answers = {name: Answer.from_json(answer) for name, answer in fields["answers"].items()}
        word = tuple(fields["word"]) if fields["word"] else None
        return cls(**{**fields, "answers": answers, "urgent": tuple(fields["urgent"]), "flags": tuple(fields["flags"]),
                      "word": word})  # fmt: skip

    def talk(self, channel: str, address: str, language: str, case: bytes, newest: str, questions: Questions,
             now: datetime) -> Talk:  # fmt: skip
        """A conversation that stands behind the safety question, where everything was asked and the report is in."""
        at = stamp(now)
        flags = [*self.flags, *([] if BY_CODE in self.flags else [BY_CODE])]
        reports = dict.fromkeys((self.report, newest))
        return Talk(
            channel, address, language, first=at, last=at, mode="paused", engine=self._engine(questions),
            answers=dict(self.answers), placement=self.placement, presumed=self.presumed, urgent=list(self.urgent),
            flags=flags, filed=[Filed(report, "complete", at) for report in reports], children_told=True,
            case=case.hex(), entrance=Entrance(*self.word, shut=True) if self.word else None,
        )  # fmt: skip

    def _engine(self, questions: Questions) -> dict[str, Any]:
        """Nothing is open: what another channel left out, or a newer version would ask, counts as skipped. Slots that
        others are derived from stay as they are, since a skip there means something."""
        fixed = {slot for rule in questions.derivations.values() for slot in rule["of"]} | {"safe"}
        slots: dict[str, Any] = {f"{name}_more": "done" for name in questions.several}
        for name in questions.ids:
            given = self.answers.get(name)
            if given is None and name in fixed:
                continue
            value = given.value if given else "skipped"
            codes = [value] if isinstance(value, str) else list(value)
            slots[name] = codes if name in questions.several else codes[0]
        return {"slots": slots, "active_loop": None, "requested_slot": None}


def _mark(keys: KeyRing, found: Receipt, body: str) -> str:
    return keys.digest("memo", found.lookup.hex(), body).hex()
