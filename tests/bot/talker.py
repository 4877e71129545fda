"""Somebody who talks with an engine through `bot.exchange`, and an engine that wishes what a test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from bot import texts
from bot.channels import Incoming
from bot.conduct import Conduct
from bot.conversation import Talk
from bot.dialogue import Engine as EngineClient
from bot.directory import Directory
from bot.effects import Effect, File, Say
from bot.exchange import Exchange
from bot.questions import shipped
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXTS = texts.shipped()
BEFORE = {"safe": "ready", "age": "adult", "situation": "there", "country": "CO", "consent": "anonymous",
          "reentry": "skipped"}  # fmt: skip
ACCOUNT = "un señor me dijo que había trabajo en una casa y desde entonces vivo con su familia"


@dataclass
class Person:
    """Somebody in a conversation; each call is one message, and returns what is to be done."""

    exchange: Exchange
    talk: Talk
    did: list[Effect] = field(default_factory=list)

    async def comes(self) -> list[Effect]:
        return await self.does({"intent": "start"})

    async def says(self, text: str) -> list[Effect]:
        return await self.does({"text": text}, text)

    async def picks(self, *codes: str) -> list[Effect]:
        return await self.does({"choice": list(codes)})

    async def does(self, message: dict[str, Any], text: str = "") -> list[Effect]:
        self.did = await self.exchange(self.talk, message, text, NOW)
        self.talk = Talk.from_json(orjson.loads(orjson.dumps(self.talk.to_json())))  # as between two turns
        return self.did

    async def answers(self, **answers: str) -> Person:
        for question, code in answers.items():
            assert self.talk.asked == question
            await self.picks(code)
        return self

    async def to_the_end(self, **answers: str) -> Person:
        """Says no to everything but these questions, until nothing is asked any more."""
        return await self.reaches("", **answers)

    async def reaches(self, question: str, **answers: str) -> Person:
        """Says no to everything but these questions, until this one is asked."""
        quiet = {"Q9": "none", "Q9_more": "done", "citizenship": "skipped", "story": "skipped", "N1": "nothing",
                 "N2": "none"}  # fmt: skip
        while (asked := self.talk.asked) != question:
            await self.picks(answers.get(asked) or quiet.get(asked) or "no")
            assert self.talk.asked != asked, asked
        return self

    @property
    def words(self) -> list[str]:
        """Everything of theirs that is kept."""
        answers = [words for answer in self.talk.answers.values() for words in answer.words]
        return [*answers, *(said.text for said in self.talk.story)]


def keys(effects: list[Effect]) -> list[str]:
    """What is said, by key; other effects by name."""
    return [one.message.key if isinstance(one, Say) else type(one).__name__ for one in effects]


def causes(effects: list[Effect]) -> list[str]:
    return [one.cause for one in effects if isinstance(one, File)]


def conduct() -> Conduct:
    return Conduct(TEXTS, Directory.load(today=NOW.date(), allow_unchecked=True), practice=False)


def a_talk(language: str = "es") -> Talk:
    talk = Talk.begin("telegram", Incoming("m1", "42", "text"), language, NOW)
    talk.mode = "open"
    return talk


class wishing(Loopback):
    """An exchange with an engine of which every turn is this wish. `model`: None leaves it out of the answers."""

    def __init__(
        self,
        wish: dict[str, Any],
        model: str | None = "m",
        slots: dict[str, str | None] | None = None,
        confidence: float = 1.0,
    ) -> None:
        super().__init__()
        state = {"slots": slots or {}, "active_loop": None, "requested_slot": None}
        turn = {"state": state, "asked": None, "understood": {"intent": "inform", "confidence": confidence},
                "replies": [wish]}  # fmt: skip
        self._turn = turn if model is None else {"model": model, **turn}

    async def answer(self, call: Call) -> Reply:
        """A guess is made once: what follows it is the open question."""
        turn, guess = self._turn, self._turn["understood"]["confidence"] < 1
        self._turn = {**turn, "replies": []} if guess else turn
        return json_reply(turn)

    async def __aenter__(self) -> Exchange:
        await self.start()
        self._client = await EngineClient((self.url,), "t").__aenter__()
        return Exchange(self._client, conduct(), shipped())

    async def __aexit__(self, *error: Any) -> None:
        await self._client.__aexit__(*error)
        await self.close()
