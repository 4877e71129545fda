"""The questions as data: which one comes next, how many are left, which answers each takes. Pure; no Rasa."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
MORE = "_more"
DONE = "done"
Slots = Mapping[str, Any]

STANDING = {"affirm": "yes", "deny": "no", "unsure": "not_sure", "skip": "skipped"}
YES_NO = ("yes", "no", "not_sure", "skipped")
GIVEN = frozenset({"channel", "language"})
"""What comes with every message and `when` may look at, beside answers and derived slots."""


class QuestionsError(ValueError):
    """questions.yml is not as the engine needs it. Permanent; the message names ids and fields only."""


@dataclass(frozen=True)
class Question:
    """One entry of questions.yml, or the `<id>_more` that follows a multi question (`more_of` names that one)."""

    id: str
    kind: str
    options: tuple[str, ...]
    accepts: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    intents: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    closes: tuple[str, ...] = ()
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unless: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    together: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plurals: bool = False
    secret: bool = False
    plan: bool = False
    fears: bool = False
    counts: bool = False
    say_first: tuple[str, ...] = ()
    say_after: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    more_of: str | None = None

    @property
    def base(self) -> str:
        """The id whose words and options this question uses."""
        return self.more_of or self.id

    def takes(self, code: str) -> bool:
        """True if `code` is an answer; a country takes every two-letter code that its caller has looked up."""
        if code in self.options or code in self.accepts:
            return True
        if self.kind == "text":
            return code == "given"
        return self.kind == "country" and len(code) == 2 and code.isascii() and code.isupper()

    def meant_by(self, intent: str) -> str | None:
        """The code that an intent such as `affirm` stands for here, or None."""
        code = self.intents.get(intent) or STANDING.get(intent)
        return code if code is not None and self.takes(code) else None


@dataclass(frozen=True)
class Questions:
    """All questions in the order in which they are asked, and the derived slots."""

    instrument: str
    all: tuple[Question, ...]
    derived: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path = HERE / "questions.yml") -> Questions:
        """Read questions.yml.

        Raises QuestionsError if an entry is incomplete or speaks of a slot that does not exist.
        """
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        asked: list[Question] = []
        for entry in data["questions"]:
            asked.extend(_read(entry))
        loaded = cls(data["instrument"], tuple(asked), data["derived"])
        _check(loaded)
        return loaded

    def __getitem__(self, question_id: str) -> Question:
        return next(question for question in self.all if question.id == question_id)

    def find(self, question_id: str | None) -> Question | None:
        """The question of that id, or None."""
        return next((question for question in self.all if question.id == question_id), None)

    def derive(self, slots: Slots) -> dict[str, str | None]:
        """The derived slots (branch, minor, ...), None where the answers do not tell yet."""
        return {name: _derive(rule, slots) for name, rule in self.derived.items()}

    def path(self, slots: Slots) -> list[Question]:
        """The questions that these answers lead through, answered or not, in order."""
        known = {**slots, **self.derive(slots)}
        path: list[Question] = []
        for question in self.all:
            if not _holds(question, known):
                continue
            path.append(question)
            if slots.get(question.id) in question.closes:
                break
        return path

    def next(self, slots: Slots) -> Question | None:
        """The first question of the path without an answer; None when the talk is over."""
        return next((question for question in self.path(slots) if slots.get(question.id) is None), None)

    def left(self, slots: Slots) -> int:
        """How many counted questions are open, the next one included."""
        return sum(question.counts and slots.get(question.id) is None for question in self.path(slots))

    def buttons(self, question: Question, slots: Slots) -> list[str]:
        """The codes offered with a question, in order; the number that a person types counts along this list."""
        known = {**slots, **self.derive(slots)}
        taken = slots.get(question.more_of or "") or ()
        return [code for code in question.options if code not in taken and not _ruled_out(question, code, known)]

    def ruled_out(self, question: Question, code: str, slots: Slots) -> bool:
        """True if this code is not offered after these answers."""
        return _ruled_out(question, code, {**slots, **self.derive(slots)})

    def record(self, question: Question, slots: Slots, codes: Sequence[str]) -> dict[str, Any]:
        """The slots that an answer changes. `codes` holds one code, or several for a multi question."""
        if question.kind == "multi":
            return self._record_multi(question, list(dict.fromkeys(codes)))
        if question.more_of is not None:
            return self._record_more(question, slots, list(dict.fromkeys(codes)))
        return {question.id: codes[0]}

    @staticmethod
    def _record_multi(question: Question, codes: list[str]) -> dict[str, Any]:
        several = [code for code in codes if code not in question.alone]
        chosen = several or codes[:1]
        return {question.id: chosen, question.id + MORE: None if len(several) == 1 == len(codes) else DONE}

    def _record_more(self, question: Question, slots: Slots, codes: list[str]) -> dict[str, Any]:
        new = [code for code in codes if code in question.options and code != DONE]
        chosen = list(dict.fromkeys([*(slots.get(question.more_of or "") or ()), *new]))
        rest = [code for code in self.buttons(question, {**slots, question.base: chosen}) if code != DONE]
        over = not new or len(codes) > 1 or not rest
        return {question.base: chosen, question.id: DONE if over else None}


def _read(entry: Mapping[str, Any]) -> list[Question]:
    kind = entry["kind"]
    if "source" not in entry:
        raise QuestionsError(f"{entry['id']}: no source")
    question = Question(
        id=entry["id"],
        kind=kind,
        options=tuple(entry.get("options", YES_NO if kind == "yes_no" else ())),
        accepts=tuple(entry.get("accepts", ())),
        alone=tuple(entry.get("alone", ())),
        intents=entry.get("intents", {}),
        numbers={code: (low, high) for code, (low, high) in entry.get("numbers", {}).items()},
        words=_words(entry.get("words", ())),
        closes=tuple(entry.get("closes", ())),
        when=_codes(entry.get("when", {})),
        unless={code: _codes(slots) for code, slots in entry.get("unless", {}).items()},
        together=_codes(entry.get("together", {})),
        plurals=entry.get("plurals", False),
        secret=entry.get("secret", False),
        plan=entry.get("plan", False),
        fears=entry.get("fears", False),
        counts=entry.get("counts", False),
        say_first=tuple(entry.get("say_first", ())),
        say_after={code: tuple(keys) for code, keys in entry.get("say_after", {}).items()},
    )
    return [question, _more(question)] if kind == "multi" else [question]


def _codes(slots: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {slot: tuple(codes) for slot, codes in slots.items()}


def _words(given: Mapping[str, Sequence[str]] | Sequence[Mapping[str, Sequence[str]]]) -> dict[str, tuple[str, ...]]:
    several = [given] if isinstance(given, Mapping) else given
    joined: dict[str, tuple[str, ...]] = {}
    for words in several:
        for code, names in words.items():
            joined[code] = (*joined.get(code, ()), *names)
    return joined


def _more(question: Question) -> Question:
    options = tuple(code for code in question.options if code not in question.alone)
    return Question(
        id=question.id + MORE,
        kind="more",
        options=(*options, DONE),
        accepts=("skipped", "none", "not_sure"),
        intents={"deny": DONE, "skip": DONE, "unsure": DONE, "thanks": DONE},
        when={**question.when, question.id: options},
        unless=question.unless,
        more_of=question.id,
        fears=question.fears,
    )


def _check(loaded: Questions) -> None:
    ids = [question.id for question in loaded.all]
    if len(set(ids)) != len(ids):
        raise QuestionsError("two questions have one id")
    known = {*ids, *loaded.derived, *GIVEN}
    for question in loaded.all:
        looked_at = {*question.when, *(slot for slots in question.unless.values() for slot in slots)}
        if not looked_at <= known:
            raise QuestionsError(f"{question.id}: `when` or `unless` names no slot")
        if not question.options or not all(isinstance(code, str) for code in question.options):
            raise QuestionsError(f"{question.id}: options are quoted codes, one at least")


def _derive(rule: Mapping[str, Any], slots: Slots) -> str | None:
    for slot in rule["of"]:
        for value, codes in rule["values"].items():
            if slots.get(slot) in codes:
                return str(value)
    return None


def _holds(question: Question, known: Mapping[str, Any]) -> bool:
    return all(_any_of(known.get(slot), codes) for slot, codes in question.when.items())


def _ruled_out(question: Question, code: str, known: Mapping[str, Any]) -> bool:
    return any(_any_of(known.get(slot), codes) for slot, codes in question.unless.get(code, {}).items())


def _any_of(value: Any, codes: tuple[str, ...]) -> bool:
    return any(one in codes for one in value) if isinstance(value, (list, tuple)) else value in codes
