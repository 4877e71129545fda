"""How well the trained model and the word lists understand the held-out sentences: figures for tests and for people."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from bot.languages import read
from bot.safety import Sign, shipped
from tests.engine import NLU, PYTHON, train
from tests.nlu.test_examples import LANGUAGES, held_out

URGENT = ("danger_now", "self_harm")
ANSWERS = ("affirm", "deny", "unsure", "skip")
HEARD = {Sign.DANGER, Sign.SELF_HARM, Sign.PERHAPS}
LISTED = {Sign.EXIT: "exit", Sign.WATCHED: "watched"}


@dataclass(frozen=True)
class Understood:
    """One sentence: what it means, what the model takes it for, and the sign that the word lists give."""

    language: str
    meant: str
    text: str
    found: str
    sign: Sign | None

    @property
    def right(self) -> bool:
        return self.found == self.meant

    @property
    def alarm(self) -> bool:
        """The model, or a list, says that somebody is in danger."""
        return self.found in URGENT or self.sign in HEARD

    @property
    def heard(self) -> bool:
        """The model, or a list, takes it for what it is."""
        return self.right or LISTED.get(self.sign or Sign.RESUME) == self.meant


@dataclass(frozen=True)
class Measured:
    """The sentences of one language, or of all."""

    sentences: Sequence[Understood]

    def of(self, *intents: str) -> list[Understood]:
        return [one for one in self.sentences if one.meant in intents]

    @cached_property
    def accuracy(self) -> float:
        return share(one.right for one in self.sentences)

    def recall(self, *intents: str) -> float:
        """By the model alone."""
        return share(one.right for one in self.of(*intents))

    def heard(self, *intents: str) -> float:
        """By the model or a list."""
        return share(one.heard for one in self.of(*intents))

    @property
    def alarms_heard(self) -> float:
        """Of the cries, by the model or a list."""
        return share(one.alarm for one in self.of(*URGENT))

    @property
    def false_alarms(self) -> float:
        """Of all other sentences."""
        return share(one.alarm for one in self.sentences if one.meant not in URGENT)

    def mistaken(self) -> Counter[tuple[str, str]]:
        return Counter((one.meant, one.found) for one in self.sentences if not one.right)


def share(hits: Iterator[bool]) -> float:
    """How many of them are true, 0 to 1."""
    counted = list(hits)
    return sum(counted) / len(counted)


@cache
def model() -> dict[str, Any]:
    """What the trained model holds, and how it understands every held-out sentence, in the order of `sentences`."""
    return understood(sentences())


def understood(asked: Sequence[tuple[str, str, str]]) -> dict[str, Any]:
    """What the trained model holds, and how it understands these (language, intent, text), in their order."""
    train()
    run = subprocess.run(
        [PYTHON, "-W", "ignore", Path(__file__).with_name("understood.py")],
        cwd=NLU, check=True, capture_output=True, timeout=400,
        input=json.dumps([[language, text] for language, _, text in asked]).encode(),
    )  # fmt: skip
    loaded: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return loaded


@cache
def everyday(language: str = "") -> Measured:
    """As `measured`, of the messages as people send them, most of which are short and common."""
    asked = _everyday()
    return _judged(asked, understood(asked)["intents"], language) if not language else _of(everyday(), language)


@cache
def _everyday() -> tuple[tuple[str, str, str], ...]:
    folder = Path(__file__).with_name("everyday")
    return tuple(
        (language, intent, text)
        for language in LANGUAGES
        for intent, texts in read(folder / f"{language}.yml").items()
        for text in texts
    )


@cache
def sentences() -> tuple[tuple[str, str, str], ...]:
    """(language, intent, text) of all held-out sentences."""
    return tuple(
        (language, intent, text)
        for language in LANGUAGES
        for intent, texts in held_out(language).items()
        for text in texts
    )


@cache
def measured(language: str = "") -> Measured:
    """Of one language; of all without one."""
    return _judged(sentences(), model()["intents"], language)


def _judged(asked: Sequence[tuple[str, str, str]], intents: Sequence[str], language: str) -> Measured:
    safety = shipped()
    pairs = zip(asked, intents, strict=True)
    return Measured(
        [
            Understood(spoken, meant, text, found, safety.look(text))
            for (spoken, meant, text), found in pairs
            if language in ("", spoken)
        ]
    )


def _of(all_of_them: Measured, language: str) -> Measured:
    return Measured([one for one in all_of_them.sentences if one.language == language])
