"""Somebody who writes to `bot.respond` with the real engine; each call is one message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from bot import safety, texts
from bot.channels import Incoming
from bot.conduct import Conduct
from bot.conversation import Filed, Talk
from bot.dialogue import Engine as EngineClient
from bot.directory import Directory
from bot.effects import Discard, Effect, File, Leave, Say
from bot.exchange import Exchange
from bot.first_words import FirstWords
from bot.questions import shipped
from bot.respond import Respond
from tests.engine import Engine

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXTS = texts.shipped()
QUIET = {"safe": "1", "age": "1", "situation": "3", "country": "Colombia", "consent": "1", "reentry": "saltar",
         "Q7": "4", "Q9": "10", "citizenship": "saltar", "story": "saltar", "N1": "5"}  # fmt: skip


@dataclass
class Person:
    """Every call tells what is to be done, by name. `did`: the effects of the last message."""

    respond: Respond
    talk: Talk
    did: list[Effect] = field(default_factory=list)

    async def says(self, text: str, *, silent: bool = False) -> list[str]:
        return await self.sends(Incoming("1", "5", "text", text), silent=silent)

    async def taps(self, choice: str) -> list[str]:
        return await self.sends(Incoming("1", "5", "choice", choice=choice))

    async def sends(self, incoming: Incoming, *, silent: bool = False) -> list[str]:
        self.did = await self.respond(self.talk, incoming, silent, NOW)
        for effect in self.did:
            self._happened(effect)
        self.talk = Talk.from_json(orjson.loads(orjson.dumps(self.talk.to_json())))  # as between two turns
        return [named(effect) for effect in self.did]

    async def walks(self, lines: Sequence[str]) -> Person:
        for line in lines:
            await self.says(line)
        return self

    async def reaches(self, question: str, **answers: str) -> Person:
        """From wherever it is, with quiet answers but for these, until this question stands; "" is the end."""
        await self.says("hola")
        while self.talk.asked != question:
            asked = self.talk.asked
            assert asked, "the end, and it was not asked"
            await self.says(answers.get(asked) or QUIET.get(asked) or "2")
            assert self.talk.asked != asked, asked
        return self

    def _happened(self, effect: Effect) -> None:
        """As the turn would: a report is filed, and closes the conversation when it is complete."""
        if isinstance(effect, File):
            self.talk.file(Filed("00", effect.cause, ""))
            self.talk.mode = "closed" if effect.cause == "complete" else self.talk.mode
        if isinstance(effect, Discard):
            self.talk.discard()

    @property
    def told(self) -> list[str]:
        return [said.text for said in self.talk.story]

    @property
    def shown(self) -> str:
        """All that the last answer shows."""
        messages = [effect.message for effect in self.did if isinstance(effect, Say)]
        messages += [effect.word for effect in self.did if isinstance(effect, Leave) and effect.word]
        return "\n".join(message.text for message in messages)


def named(effect: Effect) -> str:
    match effect:
        case Say(message):
            return message.key.removeprefix("utter_")
        case File(cause):
            return f"file {cause}"
        case Leave(word):
            return f"leave {word.key if word else 'silently'}"
    return type(effect).__name__.lower()


@asynccontextmanager
async def meeting(
    url: str, token: str, language: str | None = "es", channel: str = "telegram"
) -> AsyncIterator[Person]:
    """`url`: of an engine; of none if nothing answers there."""
    conduct = Conduct(TEXTS, Directory.load(today=NOW.date(), allow_unchecked=True), practice=False)
    async with EngineClient((url,), token) as client:
        exchange = Exchange(client, conduct, shipped())
        respond = Respond(exchange, safety.shipped(), conduct, shipped(), FirstWords.of(TEXTS.safety))
        yield Person(respond, Talk.begin(channel, Incoming("1", "5", "text"), language, NOW))


@asynccontextmanager
async def with_engine(engine: Engine, language: str | None = "es", channel: str = "telegram") -> AsyncIterator[Person]:
    async with meeting(engine.url, engine.token, language, channel) as person:
        yield person
