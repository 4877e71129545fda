"""A broken or hostile engine: whatever it answers, a turn ends with what a person may be told or with a named error."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, override

import orjson

from bench.fuzz_files import Outcome, resident
from bench.fuzz_words import MARK, Hostile
from bot import safety, texts
from bot.channels import Incoming, Kind
from bot.conduct import Conduct
from bot.conversation import Filed, Talk
from bot.dialogue import ANSWER_LIMIT, EFFECTS, Engine
from bot.directory import Directory
from bot.draft import Draft
from bot.effects import Effect, File, Leave
from bot.exchange import Exchange
from bot.first_words import FirstWords
from bot.questions import shipped
from bot.report import build
from bot.respond import Respond
from tests.channels.platforms.server import Call, Loopback, Reply

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
KINDS: tuple[Kind, ...] = ("text", "text", "text", "choice", "media", "location", "start", "unsupported")


CODES = ("ready", "yes", "no", "minor", "adult", "CO", "ES", "none", "share", "anonymous", "there", "hurt", "given",
         "skipped", "not_sure", "armed", ["work", "sex"], ["coordination"], MARK, "a b", "é", "x" * 80,
         3, None)  # fmt: skip


class HostileEngine(Loopback):
    """Answers each turn with something between a sound turn and noise."""

    def __init__(self, hostile: Hostile) -> None:
        super().__init__()
        self.keep_calls = False
        self._hostile = hostile

    @override
    async def answer(self, call: Call) -> Reply:
        chance = self._hostile.chance
        if chance.random() < 0.1:
            return Reply(chance.choice((200, 200, 204, 400, 409, 500, 301)), self._hostile.body())
        if chance.random() < 0.002:
            return Reply(200, b'{"model": "' + b"x" * (2 * ANSWER_LIMIT) + b'"}')
        turn = self._turn()
        return Reply(200, orjson.dumps(self._hostile.spoilt(turn) if chance.random() < 0.6 else turn))

    def _turn(self) -> dict[str, Any]:
        chance, ids = self._hostile.chance, shipped().ids
        slots = {chance.choice(ids): self._code() for _ in range(chance.randrange(8))}
        replies = [self._piece() for _ in range(chance.randrange(5))]
        intent = chance.choice(("inform", "danger_now", "human", "exit", "watched", "thanks", "withdraw"))
        understood = {"intent": intent, "confidence": chance.random(), "entities": {"age": chance.randrange(90)}}
        state = {"slots": slots, "active_loop": None, "requested_slot": chance.choice((None, *ids))}
        return {"model": "m", "state": state, "asked": chance.choice((None, *ids)), "understood": understood,
                "replies": replies}  # fmt: skip

    def _code(self) -> Any:
        return self._hostile.chance.choice(CODES)

    def _piece(self) -> dict[str, Any]:
        chance = self._hostile.chance
        if chance.random() < 0.4:
            about = {"language": chance.choice(("es", "xx")), "country": chance.choice(("ES", "XX", MARK))}
            return {"effect": chance.choice(sorted(EFFECTS)), "reason": "danger_now", **about}
        buttons = [{"value": "yes", "title": "Sí"}] * chance.randrange(3)
        return {"text": f"{MARK} {{country}}", "key": "utter_ask_x", "buttons": buttons}


async def talked(turns: int, seed: int) -> Outcome:
    """So many turns with such an engine, in conversations of forty; the state is written and read between them."""
    hostile, found, begun = Hostile(seed), Outcome(), time.monotonic()
    platform = HostileEngine(hostile)
    await platform.start()
    try:
        async with Engine((platform.url,), "t") as client:
            respond, talk = _respond(client), _talk()
            for turn in range(turns):
                if turn % 40 == 0:
                    talk = _talk()
                now = NOW + timedelta(seconds=turn % 40)
                with found.one():
                    talk = await _turn(respond, talk, _incoming(hostile, turn), now)
    finally:
        await platform.close()
    found.seconds, found.megabytes = time.monotonic() - begun, resident()
    return found


async def _turn(respond: Respond, talk: Talk, incoming: Incoming, now: datetime) -> Talk:
    effects = await respond(talk, incoming, False, now)
    for effect in effects:
        _happened(talk, effect)
    return Talk.from_json(orjson.loads(orjson.dumps(talk.to_json())))


def _happened(talk: Talk, effect: Effect) -> None:
    if isinstance(effect, File):
        report = build(_draft(talk, effect))
        assert report.text("es")
        assert report.json_bytes()
        talk.file(Filed("00", effect.cause, ""))
    if isinstance(effect, Leave):
        talk.mode = "new"


def _draft(talk: Talk, effect: File) -> Draft:
    return Draft(
        "00" * 16, effect.cause, talk.first, talk.last, talk.channel, talk.address, talk.language, practice=True,
        answers=talk.answers, story=tuple(talk.story), urgent=tuple(talk.urgent), flags=tuple(talk.flags),
    )  # fmt: skip


def _incoming(hostile: Hostile, number: int) -> Incoming:
    kind, words = hostile.chance.choice(KINDS), hostile.text(600)
    choice = hostile.chance.choice(("Q3=yes", "safe=ready", words[:64])) if kind == "choice" else ""
    return Incoming(str(number), "5", kind, words, choice, thread=(str(number),), edited=hostile.chance.random() < 0.05)


def _talk() -> Talk:
    return Talk.begin("telegram", Incoming("1", "5", "text"), "es", NOW)


def _respond(client: Engine) -> Respond:
    spoken = texts.shipped()
    conduct = Conduct(spoken, Directory.load(today=NOW.date(), allow_unchecked=True), practice=False)
    exchange = Exchange(client, conduct, shipped())
    return Respond(exchange, safety.shipped(), conduct, shipped(), FirstWords.of(spoken.safety))
