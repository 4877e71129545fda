"""Every state a conversation can be in, reached with the real engine; what a test says next is said in each of them."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.channels import Incoming, Outgoing
from bot.conduct import Conduct
from bot.conversation import Talk
from bot.dialogue import Engine as EngineClient
from bot.directory import Directory
from bot.effects import Leave, Say
from bot.exchange import Exchange
from bot.first_words import FirstWords
from bot.questions import shipped
from bot.respond import Respond
from bot.safety import Safety
from tests.bot.somebody import NOW, TEXTS, Person
from tests.engine import Engine
from tests.nlu.wording import offered, safety

MARKS = ("Zarzamora", "Quintopelo", "Morrocoy", "Bajamar", "Tolondro")  # nobody's names, in no template
SECRET = "girasol azul"
# What is chosen at each question that is walked past; the rest is skipped, or "no".
ADULT = {"safe": "ready", "age": "adult", "situation": "there", "country": "CO", "consent": "share",
         "agencies": "prosecution", "agencies_more": "done", "Q6": "yes", "Q6_what": "family", "Q6_what_more": "done",
         "Q7": "no", "Q9": "work", "Q9_more": "done", "N1": "information", "N2": "other"}  # fmt: skip
WALKS: dict[str, dict[str, str]] = {
    "adult": ADULT,
    "traveller": ADULT | {"situation": "travelling", "country": "ES", "consent": "anonymous"},
    "minor": ADULT | {"age": "minor"},
    "relative": ADULT | {"situation": "other", "their_situation": "there", "consent": "confidential"},
}
QUESTIONS = len(offered())
# States beside the open questions, and how many states there are in all.
BESIDE = ("new", "paused", "cover", "danger", "refused", "closed", "aside_danger", "aside_calm", "word", "locked")
COUNT = QUESTIONS + len(BESIDE)


@dataclass(frozen=True)
class State:
    """`name`: the open question, or one of `BESIDE`."""

    name: str
    language: str
    talk: dict[str, Any]

    def talking(self) -> Talk:
        return Talk.from_json(copy.deepcopy(self.talk))


@dataclass(frozen=True)
class States:
    """All of one language, and everything that was said on the way there."""

    language: str
    all: tuple[State, ...]
    said: tuple[Outgoing, ...]

    def __iter__(self) -> Iterator[State]:
        return iter(self.all)

    def __getitem__(self, name: str) -> State:
        return next(state for state in self.all if state.name == name)

    def only(self, *names: str) -> list[State]:
        return [self[name] for name in names]

    @property
    def open(self) -> list[State]:
        """Where a question stands, after it was said to be safe."""
        return [state for state in self.all if state.name in offered() and state.name != "safe"]


@dataclass
class Walker:
    """Reaches the states of one language, and keeps what it was told."""

    engine: Engine
    language: str
    found: dict[str, State]
    said: list[Outgoing]

    async def all(self) -> States:
        for walk in WALKS.values():
            await self.walk(walk)
        refusing = ADULT | {"consent": "none"}
        await self.walk(refusing, "refused")
        await self.beside()
        assert len(self.found) == COUNT, sorted(set(offered()) - set(self.found))
        return States(self.language, tuple(self.found.values()), tuple(self.said))

    async def walk(self, chosen: dict[str, str], end: str = "closed") -> None:
        async with visiting(self.engine, self.language) as person:
            await self.does(person, "new", greeting(self.language))
            while asked := person.talk.asked:
                self.keep(person, asked)
                if person.talk.mode != "open":
                    break
                await self.answers(person, asked, chosen)
            self.keep(person, end)

    async def answers(self, person: Person, asked: str, chosen: dict[str, str]) -> None:
        codes = [code for code, _ in person.talk.offered]
        code = chosen.get(asked) or ("no" if "no" in codes else "skipped")
        await person.taps(f"{asked}={code}")
        assert person.talk.asked != asked or person.talk.mode != "open", asked
        self.said += messages(person)

    async def beside(self) -> None:
        stopped = safety(self.language)["pause"][0]
        for name, lines in {
            "paused": [stopped], "cover": [safety(self.language)["watched"][0]], "danger": [CRY[self.language]],
            "aside_danger": [PERHAPS], "aside_calm": [TEARS],
        }.items():  # fmt: skip
            async with self.at("Q3") as person:
                for line in lines:
                    await self.does(person, name, line)
                self.keep(person, name)
        await self.shut_out()

    async def shut_out(self) -> None:
        """A word was chosen, and somebody comes back who may not know it."""
        async with self.at("reentry") as person:
            await person.says(SECRET)
            await person.says(greeting(self.language), silent=True)
            await person.taps("safe=ready")
            self.keep(person, "word")
            for word in ("rosa roja", "rosa verde", "rosa negra"):
                await self.does(person, "locked", word)
            self.keep(person, "locked")

    async def does(self, person: Person, name: str, line: str) -> None:
        if name == "new":
            self.keep(person, name)
        await person.says(line)
        self.said += messages(person)

    @asynccontextmanager
    async def at(self, name: str) -> AsyncIterator[Person]:
        async with visiting(self.engine, self.language) as person:
            person.talk = self.found[name].talking()
            yield person

    def keep(self, person: Person, name: str) -> None:
        self.found.setdefault(name, State(name, self.language, person.talk.to_json()))


@asynccontextmanager
async def visiting(engine: Engine, language: str, channel: str = "telegram") -> AsyncIterator[Person]:
    """Somebody who is put into one state after another: `person.talk = state.talking()`."""
    conduct = Conduct(TEXTS, Directory.load(today=NOW.date(), allow_unchecked=True), practice=False)
    async with EngineClient((engine.url,), engine.token) as client:
        respond = Respond(Exchange(client, conduct, shipped()), safety_words(), conduct, shipped(), first_words())
        yield Person(respond, Talk.begin(channel, Incoming("1", "5", "text"), language, NOW))


@cache
def safety_words() -> Safety:
    """Compiled once: a thousand patterns take a second."""
    return Safety.of(TEXTS.safety)


@cache
def first_words() -> FirstWords:
    return FirstWords.of(TEXTS.safety)


async def reached(engine: Engine, language: str) -> States:
    return await Walker(engine, language, {}, []).all()


def messages(person: Person) -> list[Outgoing]:
    """What the last answer shows."""
    said = [effect.message for effect in person.did if isinstance(effect, Say)]
    return said + [effect.word for effect in person.did if isinstance(effect, Leave) and effect.word]


def everything(person: Person) -> str:
    """All words of the last answer, those of the buttons too."""
    return "\n".join(" ".join((one.text, *(button.title for button in one.buttons))) for one in messages(person))


def greeting(language: str) -> str:
    return GREETINGS[language]


def asked_in(names: Iterable[str]) -> list[str]:
    """The questions among what was said."""
    return [name.removeprefix("ask_") for name in names if name.startswith("ask_")]


async def silently(person: Person, line: str) -> list[str]:
    """The same after more than ten minutes."""
    return await person.says(line, silent=True)


GREETINGS = {"es": "hola", "en": "hello", "pt": "olá", "fr": "bonjour", "ht": "bonjou"}
CRY = {"es": "me está pegando ahora mismo", "en": "he is hitting me right now", "pt": "ele está me batendo agora",
       "fr": "il me frappe maintenant", "ht": "l ap bat mwen kounye a"}  # fmt: skip
PERHAPS = "aquí hay un arma y sangre en el piso"  # the lists of all languages are looked at in each
TEARS = "no puedo parar de llorar"
NAMED = {"es": "quiero hablar con una persona", "en": "can i talk to a real person", "pt": "quero falar com uma pessoa",
         "fr": "je veux parler à une personne", "ht": "mwen vle pale ak yon moun"}  # fmt: skip
