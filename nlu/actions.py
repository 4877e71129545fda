"""What Faro does between a message and the next question: the form's validation, and effects for the worker."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction

from questions import Question, Slots
from understanding import answer, has_rule
from words import load, normal

FORM = "talk"
ASKING_AGAIN = frozenset({"resume", "ask_repeat"})
Changes = dict[str, Any]


def intent_of(tracker: Tracker) -> str | None:
    """The intent of the message that is being answered."""
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    return None if intent is None else str(intent)


def answered_by_rule(tracker: Tracker) -> bool:
    """True if the form left this message to a rule already, and only has its open question to put again."""
    since = (event["event"] for event in reversed(tracker.events))
    return next((event for event in since if event in ("user", "action_execution_rejected")), "user") != "user"


class ValidateTalk(FormValidationAction):
    """Takes the answer out of a message, says what must be said once, and tells the form which question comes next."""

    def __init__(self) -> None:
        self._questions, self._words = load()

    def name(self) -> str:
        return f"validate_{FORM}"

    async def required_slots(
        self, domain_slots: list[str], dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[str]:
        """The questions that the answers so far lead through."""
        return [question.id for question in self._questions.path(tracker.slots)]

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """One step of the form. A message that a rule of data/rules.yml answers is left to that rule."""
        asked = self._questions.find(tracker.get_slot("requested_slot"))
        changes: Changes = {}
        if not answered_by_rule(tracker):
            if has_rule(intent_of(tracker), tracker.slots) and intent_of(tracker) not in ASKING_AGAIN:
                return [ActionExecutionRejected(FORM)]
            changes = self._take(asked, dispatcher, tracker) if asked and intent_of(tracker) not in ASKING_AGAIN else {}
        slots = {**tracker.slots, **changes}
        following = self._questions.next(slots)
        if following is not None and following != asked:
            self._say_first(following, slots, dispatcher)
        # A form that sets no slot counts as rejected, so the counter is set even when it stays.
        changes.setdefault("misses", slots.get("misses"))
        return [SlotSet(slot, value) for slot, value in changes.items()] + [
            SlotSet("requested_slot", following.id if following else None)
        ]

    def _take(self, asked: Question, dispatcher: CollectingDispatcher, tracker: Tracker) -> Changes:
        codes = answer(self._questions, self._words, asked, tracker.slots, tracker.latest_message)
        if not codes:
            return not_answered(intent_of(tracker), tracker.slots, dispatcher)
        for key in asked.say_after.get(codes[0], ()):
            dispatcher.utter_message(response=f"utter_{key}")
        skips = skipped(codes, tracker.slots, dispatcher)
        return {**self._questions.record(asked, tracker.slots, codes), "misses": 0, "skips": skips}

    def _say_first(self, following: Question, slots: Slots, dispatcher: CollectingDispatcher) -> None:
        back = any(slots.get(question.id) is not None for question in self._questions.all)
        for key in following.say_first:
            said = "welcome_back" if key == "hello" and back else key
            dispatcher.utter_message(response=f"utter_{said}")


def skipped(codes: list[str], slots: Slots, dispatcher: CollectingDispatcher) -> int:
    """How many questions in a row were skipped; the second one brings the offer of a pause."""
    if codes != ["skipped"]:
        return 0
    skips = int(slots.get("skips") or 0) + 1
    if skips == 2:
        dispatcher.utter_message(response="utter_pause")
    return skips


def not_answered(intent: str | None, slots: Slots, dispatcher: CollectingDispatcher) -> Changes:
    """Say why the question comes again. Two messages in a row that were not understood bring a person to talk to; but
    nothing that is said before it is safe tells what this is."""
    if slots.get("safe") != "ready":
        dispatcher.utter_message(response="utter_rephrase")
        return {}
    if intent in ("greet", "thanks"):
        if intent == "thanks":
            dispatcher.utter_message(response="utter_thanks")
        return {}
    if intent == "disclosure":
        if not slots.get("disclosed"):
            dispatcher.utter_message(response="utter_not_your_fault")
        return {"disclosed": "yes"}
    if slots.get("misses"):
        dispatcher.utter_message(json_message={"effect": "human"})
        return {"misses": 0}
    dispatcher.utter_message(response="utter_off_topic" if intent == "off_topic" else "utter_rephrase")
    return {"misses": 1}


class Finish(Action):
    """The form has nothing left to ask: says which effect follows, by the answers."""

    def __init__(self) -> None:
        self._questions, _ = load()

    def name(self) -> str:
        return "action_finish"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        safe = tracker.get_slot("safe")
        if safe in ("watched", "not_now"):
            dispatcher.utter_message(json_message={"effect": "cover" if safe == "watched" else "later"})
            return [SlotSet("safe", None)]
        if tracker.get_slot("finished"):
            dispatcher.utter_message(json_message={"effect": "numbers"})
            return []
        effect = "information" if tracker.get_slot("consent") == "none" else "submit"
        dispatcher.utter_message(json_message={"effect": effect, **self._facts(tracker.slots)})
        return [SlotSet("finished", effect)]

    def _facts(self, slots: Slots) -> dict[str, Any]:
        asked = [question.id for question in self._questions.path(slots) if question.more_of is None]
        return {"country": slots.get("country"), **self._questions.derive(slots), "asked": asked}


class Effect(Action, ABC):
    """Tells the worker to do what only it can do: numbers, deletion, another language. The engine says nothing."""

    effect: ClassVar[str]

    @abstractmethod
    def name(self) -> str: ...

    def fields(self, tracker: Tracker) -> dict[str, Any]:
        """What the worker needs beside the effect's name."""
        return {}

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(json_message={"effect": self.effect, **self.fields(tracker)})
        return []


class Leaving(Effect, ABC):
    """An effect after which nothing is asked until the person comes back."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        await super().run(dispatcher, tracker, domain)
        return [ActiveLoop(None), SlotSet("requested_slot", None)]


class Away(Leaving, ABC):
    """Leaving, after which the person is asked first whether it is safe to write."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return [*await super().run(dispatcher, tracker, domain), SlotSet("safe", None)]


class Cover(Away):
    effect = "cover"

    def name(self) -> str:
        return "action_cover"


class Exit(Away):
    effect = "exit"

    def name(self) -> str:
        return "action_exit"


class Later(Away):
    effect = "later"

    def name(self) -> str:
        return "action_later"


class Danger(Leaving):
    effect = "danger"

    def name(self) -> str:
        return "action_danger"

    def fields(self, tracker: Tracker) -> dict[str, Any]:
        return {"reason": intent_of(tracker), "country": tracker.get_slot("country")}


class Withdraw(Leaving):
    effect = "withdraw"

    def name(self) -> str:
        return "action_withdraw"


class SwitchLanguage(Leaving):
    effect = "language"

    def __init__(self) -> None:
        _, self._words = load()

    def name(self) -> str:
        return "action_language"

    def fields(self, tracker: Tracker) -> dict[str, Any]:
        """The code of the language that was named, or None for the worker to ask."""
        named = (self._words.names.get(normal(name)) for name in tracker.get_latest_entity_values("language"))
        return {"language": next(named, None)}


class Human(Effect):
    effect = "human"

    def name(self) -> str:
        return "action_human"


class Numbers(Effect):
    """What follows words that no rule and no question takes: config.yml names it as the fallback."""

    effect = "numbers"

    def name(self) -> str:
        return "action_numbers"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return [*await super().run(dispatcher, tracker, domain), FollowupAction("action_listen")]


class DeleteHelp(Effect):
    effect = "delete_help"

    def name(self) -> str:
        return "action_delete_help"
