"""The engine's one door: a stateless turn, (state, message) in, (state, replies) out, over HTTP on loopback."""

from __future__ import annotations

import hmac
import os
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.exceptions import RasaException
from sanic import Blueprint
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse, json

from digest import digest
from questions import Question, Questions, Slots
from store import turn
from understanding import (
    BESIDE,
    DECLINING,
    FEARED,
    SHORT,
    SURE,
    TOLD,
    URGENT,
    answered,
    choices,
    codes,
    country_named,
    has_rule,
    interrupts,
    likelier,
    named,
    outweigh,
    stated,
    told,
    values,
    whole,
    wished,
    wonders,
)
from words import load

TOKEN = "FARO_ENGINE_TOKEN"
FORM = "talk"
GIVEN_WITH_TURN = frozenset({"language", "channel", "requested_slot", "session_started_metadata"})
OF_NO_QUESTION = frozenset({"misses", "skips", "disclosed", "finished", "offered"})
OF_ONE_TURN = frozenset({"offered"})
TOLD_AT_ONCE = ("city", "age", "duration", "phone_number", "option", "language")
"""Entities that a reply names as they are; the words of a question become its codes."""
MOST_READ = 600
"""Characters of a message that are classified: a long account is an account. The worker keeps and searches it all."""
ALARM = 0.3
"""Confidence from which words are taken as urgent, whatever else is likelier: a false alarm costs less than a miss."""
CRIES = ("danger_now", "self_harm")


class BadRequest(ValueError):
    """The request is not as the contract of the engine says. Permanent; carries no value of the request."""


@dataclass(frozen=True)
class Asked:
    """One request: what is known of the conversation, and the one message to answer."""

    model: str | None
    slots: dict[str, Any]
    active_loop: str | None
    requested_slot: str | None
    language: str
    channel: str
    text: str | None
    choice: tuple[str, ...]
    intent: str | None

    @classmethod
    def read(cls, body: Any) -> Asked:
        """Raises BadRequest."""
        try:
            state, message = body["state"] or {}, body["message"]
            asked = cls(
                model=body["model"],
                slots={**state.get("slots", {})},
                active_loop=state.get("active_loop"),
                requested_slot=state.get("requested_slot"),
                language=body["language"],
                channel=body["channel"],
                text=message.get("text"),
                choice=tuple(message.get("choice", ())),
                intent=message.get("intent"),
            )
        except (KeyError, TypeError, AttributeError, ValueError):
            raise BadRequest from None
        return asked._checked()

    def _checked(self) -> Asked:
        kinds = (self.text is not None, bool(self.choice), self.intent is not None)
        strings = [self.language, self.channel, *self.choice, *([] if self.text is None else [self.text])]
        if sum(kinds) != 1 or not all(isinstance(one, str) for one in strings):
            raise BadRequest
        if self.intent not in (None, "start", "resume") or self.active_loop not in (None, FORM):
            raise BadRequest
        return self


def harmless(text: str) -> str:
    """A person's text without what Rasa would read as an intent or a slot: slashes (and white space) at its start."""
    while text != (bare := text.strip().lstrip("/\N{FULLWIDTH SOLIDUS}")):
        text = bare
    return text


def parsed(intent: str, confidence: float = 1.0, text: str = "", **entities: Any) -> dict[str, Any]:
    """What Rasa would have understood, where the channel knows it already."""
    found = [{"entity": name, "value": value} for name, one in entities.items() for value in one]
    return {"text": text, "intent": {"name": intent, "confidence": confidence}, "entities": found}


def alarmed(understood: Mapping[str, Any], least: float = ALARM) -> dict[str, Any]:
    """The intent; if danger or a watcher is likely enough beside it, that one instead. Who most likely wants to leave
    is not kept by a guess."""
    chances = {guess["name"]: guess["confidence"] for guess in understood.get("intent_ranking", ())}
    cries = {name: chances[name] for name in CRIES if name in chances}
    if understood["intent"]["name"] in URGENT | {"exit"} or max(sum(cries.values()), chances.get("watched", 0)) < least:
        return dict(understood["intent"])
    if sum(cries.values()) >= least:
        return {"name": max(cries, key=lambda name: cries[name]), "confidence": sum(cries.values())}
    return {"name": "watched", "confidence": chances["watched"]}


class Silent(OutputChannel):
    """Sends nothing: the replies are read from the tracker once the turn is done."""

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        return None


class Turns(InputChannel):
    """Listed in credentials.yml. Holds the questions, the words and the digest of the files it was started on."""

    def __init__(self, token: str) -> None:
        self._token = f"Bearer {token}".encode()
        self._questions, self._words = load()
        self._model = digest()

    @classmethod
    def name(cls) -> str:
        return "turns"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> Turns:
        """Raises RasaException if the environment holds no token: a door without a lock does not open."""
        token = os.environ.get(TOKEN, "")
        if not token:
            raise RasaException(f"{TOKEN} is not set")
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """GET health, POST turn. Errors are answered by name; what they say could hold a person's words."""
        routes = Blueprint("turns")

        @routes.get("/health")
        async def health(request: Request) -> HTTPResponse:
            return json({"model": self._model, "ready": request.app.ctx.agent.is_ready()})

        @routes.post("/turn")
        async def one_turn(request: Request) -> HTTPResponse:
            if not hmac.compare_digest(request.headers.get("authorization", "").encode(), self._token):
                return json({"error": "unauthorized"}, 401)
            try:
                return await self._answer(request)
            except Exception as error:  # noqa: BLE001 - every error is answered, and by its name only
                return json({"error": type(error).__name__}, 500)

        return routes

    async def _answer(self, request: Request) -> HTTPResponse:
        try:
            asked = Asked.read(request.json)
            if asked.model not in (None, self._model):  # before its slots are looked at: they are that model's
                return json({"error": "state_of_another_model"}, 409)
            asked = self._known(asked)
        except (BadRequest, SanicException):
            return json({"error": "bad_request"}, 400)
        return json(await self._turn(request.app.ctx.agent, asked))

    def _known(self, asked: Asked) -> Asked:
        ids = {question.id for question in self._questions.all}
        if not set(asked.slots) <= ids | {*OF_NO_QUESTION}:
            raise BadRequest
        if asked.language not in self._words.languages or asked.requested_slot not in ids | {None}:
            raise BadRequest
        return asked

    async def _turn(self, agent: Agent, asked: Asked) -> dict[str, Any]:
        """Understand, let Rasa answer, and take state and replies out of the tracker, which dies with this call."""
        understood = await self._understand(agent, asked)
        tracker = rebuilt(agent, asked)
        message = UserMessage(understood["text"], Silent(), tracker.sender_id, understood, asked.channel)
        with turn(tracker) as current:
            await agent.handle_message(message)
        if current.failure is not None:
            raise current.failure
        return {
            "model": self._model,
            "state": state(current.tracker),
            "asked": asked.requested_slot,
            "understood": self._seen(understood, asked),
            "replies": [reply(said, self._questions) for said in spoken(current.tracker)],
        }

    async def _understand(self, agent: Agent, asked: Asked) -> dict[str, Any]:
        """Rasa's parse data; the classifier is asked only about words that the open question does not settle."""
        question = self._questions.find(asked.requested_slot)
        if asked.intent is not None:
            return parsed("greet" if asked.intent == "start" else asked.intent)
        if asked.text is None:
            return parsed("inform", choice=asked.choice)
        text = harmless(asked.text)[:MOST_READ]
        if asked.slots.get("offered") and self._words.offer_named(asked.language, text):
            return parsed("check_offer", text=text)
        settled = whole(self._questions, self._words, question, known(asked), text) if question else []
        if settled:
            return parsed("inform", choice=settled)
        given = {"language": asked.language, "country": asked.slots.get("country")}
        understood: dict[str, Any] = await agent.processor.parse_message(UserMessage(text, metadata=given))
        return self._read(understood, question, asked)

    def _read(self, understood: dict[str, Any], question: Question | None, asked: Asked) -> dict[str, Any]:
        """What Rasa found, as an answer to the open question where it is one."""
        intent, text = understood["intent"], understood["text"]
        worded = named(self._words, question, known(asked), understood) if question else []
        found = stated(self._words, question, known(asked), understood) if question else []
        if question and worded and outweigh(question, text, intent):
            return understood if intent["name"] in TOLD else answering(understood, found)
        guess = ALARM
        if question and found and asked.slots.get("safe") == "ready":
            guess = FEARED if question.fears else BESIDE
        understood = {**understood, "intent": alarmed(understood, guess)}
        if question:
            understood["intent"] = likelier(question, understood)
        if found and answered(text, understood["intent"], guess):
            return answering(understood, found)
        if question and (wish := wished(question, understood)):
            return answering(understood, wish)
        return self._placed(understood, question, known(asked))

    def _placed(self, understood: dict[str, Any], question: Question | None, slots: Slots) -> dict[str, Any]:
        """What the words mean at this point of the talk: its beginning, an own account, or an answer."""
        intent, confidence = understood["intent"]["name"], understood["intent"]["confidence"]
        if question is None:
            over = self._questions.next(slots) is None
            return understood if over or has_rule(intent, slots) else parsed("greet", confidence)
        if question.kind != "text":
            return understood
        short = len(understood["text"].split()) <= SHORT
        if question.secret and wonders(understood["text"], understood["intent"]):
            return understood if has_rule(intent, slots) else parsed("ask_repeat", confidence)
        if question.secret and short and not (intent in URGENT and confidence >= SURE and " " in understood["text"]):
            return parsed("inform", confidence, choice=["skipped" if intent in DECLINING else "given"])
        if interrupts(question, understood["text"], understood["intent"]):
            return understood
        return answering(understood, told(understood))

    def _seen(self, understood: Mapping[str, Any], asked: Asked) -> dict[str, Any]:
        """What was understood, in codes and numbers: of the open question, and beside it; other words are left out."""
        entities: dict[str, Any] = {}
        question, country = self._questions.find(asked.requested_slot), self._questions["country"]
        if question:
            table = self._words.table(question, asked.language)
            found = chosen(understood, asked, question) or codes(table, question, understood)
            if found:
                entities[question.id] = found[0] if len(found) == 1 else found
        if code := country_named(self._words, country, asked.language, understood):
            entities.setdefault("country", code)
        intent = understood["intent"]
        entities |= self._beside(understood)
        return {"intent": intent["name"], "confidence": round(intent["confidence"], 4), "entities": entities}

    def _beside(self, understood: Mapping[str, Any]) -> dict[str, Any]:
        """The first of each: an age in years, an amount of time, a language, ..."""
        found = {name: values(understood, name) for name in TOLD_AT_ONCE}
        found["age"] = [age for age in found["age"] if isinstance(age, int)]
        found["language"] = [self._words.names[name] for name in found["language"]]
        return {name: said[0] for name, said in found.items() if said}


def answering(understood: Mapping[str, Any], codes: list[str]) -> dict[str, Any]:
    """Parse data of an answer in the words of a question; what else was found in them stays."""
    read = parsed("inform", understood["intent"]["confidence"], choice=codes)
    return {**read, "entities": [*read["entities"], *understood["entities"]]}


def chosen(understood: Mapping[str, Any], asked: Asked, question: Question) -> list[str]:
    """The codes that were chosen for the open question."""
    return choices(understood) if question.id == asked.requested_slot else []


def known(asked: Asked) -> dict[str, Any]:
    """The slots that the questions look at."""
    return {**asked.slots, "language": asked.language, "channel": asked.channel}


def rebuilt(agent: Agent, asked: Asked) -> DialogueStateTracker:
    """A tracker that stands where the conversation stood, of as few events as possible."""
    tracker = DialogueStateTracker(uuid.uuid4().hex, agent.domain.slots)
    given = {"language": asked.language, "channel": asked.channel, "requested_slot": asked.requested_slot}
    lasting = {slot: value for slot, value in asked.slots.items() if slot not in OF_ONE_TURN}
    for slot, value in {**lasting, **given}.items():
        tracker.update(SlotSet(slot, value))
    if asked.active_loop:
        tracker.update(ActiveLoop(asked.active_loop))
    tracker.update(ActionExecuted("action_listen"))
    return tracker


def state(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What the worker keeps: answered slots (codes only), the form, the open question."""
    slots = {slot: value for slot, value in tracker.current_slot_values().items() if value not in (None, 0)}
    return {
        "slots": {slot: value for slot, value in slots.items() if slot not in GIVEN_WITH_TURN},
        "active_loop": tracker.active_loop_name,
        "requested_slot": slots.get("requested_slot"),
    }


def spoken(tracker: DialogueStateTracker) -> list[BotUttered]:
    """What was said in this turn: the tracker holds no other."""
    return [event for event in tracker.events if isinstance(event, BotUttered)]


def reply(said: BotUttered, questions: Questions) -> dict[str, Any]:
    """A message with its buttons, or an effect."""
    if said.data.get("custom"):
        return dict(said.data["custom"])
    key = str(said.metadata["utter_action"])
    question = questions.find(key.removeprefix("utter_ask_"))
    buttons = [{"title": one["title"], "value": one["value"]} for one in said.data.get("buttons") or ()]
    return {"key": key, "text": said.text, "buttons": buttons, "multi": bool(question and question.kind == "multi")}
