"""The people of a measurement: what each one taps or writes, the same in every run."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

TURNS = 25  # of one conversation
ASIDES = 4  # questions of their own that people ask on the way
TYPED = 0.1  # of the answers that could be tapped; with asides and own words about 30 % of all turns

type Words = Mapping[str, Sequence[str]]

# What may be chosen: nothing that shortens a conversation, and nothing urgent.
CHOICES: Mapping[str, Sequence[str]] = {
    "safe": ["ready"], "age": ["adult"], "situation": ["there", "back"], "country": ["CO", "US", "MX", "ES", "EC"],
    "consent": ["confidential", "share"], "Q6": ["yes"], "Q6_what": ["threat", "family", "law", "expose"],
    "Q6_what_more": ["done"], "Q9": ["work", "home", "beg", "other"], "Q9_more": ["done"],
    "N1": ["person", "information", "later", "nothing"], "N2": ["here"],
}  # fmt: skip
LAST = "N2"  # who files a report waits here for the last turn, and asks meanwhile
SHORT: Words = {**CHOICES, "consent": ["confidential"], LAST: ["none"]}  # 23 turns at most
WRITTEN: Mapping[str, Words] = {
    "situation": {"es": ["ya estoy allá", "volví a mi casa"], "en": ["already there", "back home now"]},
    "country": {"es": ["en España", "estoy en México"], "en": ["I am in Spain", "in Mexico"]},
    "Q2": {"es": ["claro que sí", "no señor"], "en": ["yes they did", "no sir"]},
    "Q3": {"es": ["sí, el pasaporte", "no, yo lo tengo"], "en": ["yes, my passport", "no, I have it"]},
    "Q4": {"es": ["no me acuerdo", "sí señora"], "en": ["I don't remember", "yes ma'am"]},
    "Q5": {"es": ["sí, siempre", "la verdad no"], "en": ["yes, always", "not really"]},
    "Q7": {"es": ["no me pagan", "muchas horas"], "en": ["they don't pay", "too many hours"]},
    "Q8": {"es": ["sí, muy distinto", "no tanto"], "en": ["yes, very different", "not much"]},
    "story": {
        "es": ["me ofrecieron un trabajo en un restaurante y al llegar todo era otra cosa, trabajo hasta la noche"],
        "en": ["they offered me a job in a restaurant and it was all different when I arrived, I work until night"],
    },
    "N2_when": {"es": ["los lunes en la tarde, hora de Madrid"], "en": ["Mondays in the afternoon, Madrid time"]},
    "N2_words": {"es": ["pregunten por la bicicleta azul"], "en": ["ask about the blue bicycle"]},
}
ASIDE: Words = {
    "es": ["¿cuánto cuesta esto?", "¿eres un robot?", "¿qué derechos tengo?", "¿quién lee esto?"],
    "en": ["how much does this cost?", "are you a robot?", "what are my rights?", "who reads this?"],
}
EDITED: Words = {
    "es": ["la casa queda cerca de una estación y hay un portón verde"],
    "en": ["the house is close to a station and it has a green gate"],
}


@dataclass(frozen=True, slots=True)
class Act:
    """One message: a `tap` on the button of a code or on an `outdated` one, words to `say`, an `edit` of words."""

    kind: Literal["start", "tap", "outdated", "say", "edit"]
    value: str = ""


class Talk(Protocol):
    """One conversation, through whatever is measured. `open`: the question that stands; `offered`: code and title."""

    open: str
    offered: list[tuple[str, str]]

    async def take(self, act: Act) -> None:
        """Sends it and waits for the whole reply. Raises `NoReply`."""


class NoReply(Exception):
    """No reply in time, or not the expected one."""


@dataclass(slots=True)
class Person:
    """Number n says the same in every run. Even numbers speak Spanish, odd ones English."""

    number: int

    @property
    def language(self) -> str:
        return "en" if self.number % 2 else "es"

    def acts(self, talk: Talk, *, files: bool = False) -> Sequence[Callable[[], Act]]:
        """The turns in order; each is asked for once the reply before it is there. `files`: the last files a report."""
        chance = random.Random(self.number)
        asides = set() if files else set(chance.sample(range(2, TURNS - 2), ASIDES))

        def act(turn: int) -> Act:
            early = files and talk.open == LAST and turn < TURNS - 1
            if turn in asides or early:
                return Act("say", chance.choice(ASIDE[self.language]))
            return self._answer(talk, chance, SHORT if files else CHOICES)

        return [lambda: Act("start"), *(partial(act, turn) for turn in range(1, TURNS))]

    def _answer(self, talk: Talk, chance: random.Random, choices: Words) -> Act:
        codes = [code for code, _ in talk.offered]
        words = WRITTEN.get(talk.open)
        if words and (codes in ([], ["skipped"]) or chance.random() < TYPED * 2):  # half of the questions have words
            return Act("say", chance.choice(words[self.language]))
        return Act("tap", chance.choice(choices.get(talk.open) or codes))

    def opening(self, talk: Talk) -> Sequence[Callable[[], Act]]:
        """The first four turns: what stands then is asked again and again by `restless`."""
        tap = [lambda code=code: Act("tap", code) for code in ("ready", "adult", "there")]
        return [lambda: Act("start"), *tap]

    def restless(self, turn: int) -> Act:
        """Of ten turns seven outdated buttons, two questions, and an edited message, which is kept: the state grows."""
        match turn % 10:
            case 3 | 6:
                return Act("say", ASIDE[self.language][turn // 10 % len(ASIDE["es"])])
            case 9:
                return Act("edit", EDITED[self.language][0])
        return Act("outdated", "safe=ready")
