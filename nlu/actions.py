"""What Faro does between a message and the next question: the form's validation, its end, answers that depend."""

from __future__ import annotations

import re
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActionExecutionRejected, EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.forms import FormValidationAction

from effects import country_of, intent_of
from questions import Question, Slots
from understanding import TOLD, answer, has_rule, is_child
from words import load, normal

FORM = "talk"
HOME = "CO"
CONSULATE = re.compile(r"\b(?:[ck]ons[uil]+l|emba[jixs]|ambass?ad|anbasad)")
ASKING_AGAIN = frozenset({"resume", "ask_repeat"})
Changes = dict[str, Any]


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
        if not codes or (asked.kind == "choice" and self._questions.ruled_out(asked, codes[0], tracker.slots)):
            missed = not_answered(intent_of(tracker), tracker.slots, dispatcher)
            return {**missed, **self._child(tracker, dispatcher)}
        for key in asked.say_after.get(codes[0], ()):
            dispatcher.utter_message(response=f"utter_{key}")
        skips = skipped(codes, tracker.slots, dispatcher)
        return {**self._questions.record(asked, tracker.slots, codes), "misses": 0, "skips": skips}

    def _child(self, tracker: Tracker, dispatcher: CollectingDispatcher) -> Changes:
        """Who rather did not say an age and now tells of one under 18 is asked as a child."""
        if tracker.get_slot("age") != "rather_not" or not is_child(tracker.latest_message):
            return {}
        for key in self._questions["age"].say_after["minor"]:
            dispatcher.utter_message(response=f"utter_{key}")
        return {"age": "minor"}

    def _say_first(self, following: Question, slots: Slots, dispatcher: CollectingDispatcher) -> None:
        back = any(slots.get(question.id) is not None for question in self._questions.all)
        for key in following.say_first:
            said = "welcome_back" if key == "hello" and back else key
            dispatcher.utter_message(response=f"utter_{said}", country=slots.get("country"))


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
    if intent in TOLD:
        if intent == "disclosure" and not slots.get("disclosed"):
            dispatcher.utter_message(response="utter_not_your_fault")
        return {"disclosed": "yes"} if intent == "disclosure" else {}
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


class Rights(Action):
    """What holds in Colombia; and what helps abroad, for who is there or asks about a consulate."""

    def name(self) -> str:
        return "action_rights"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        dispatcher.utter_message(response="utter_rights")
        dispatcher.utter_message(response="utter_rights_law")
        abroad = {country_of(tracker), tracker.get_slot("country")} - {None, HOME, "skipped"}
        if abroad or CONSULATE.search(normal(tracker.latest_message.get("text") or "")):
            dispatcher.utter_message(response="utter_abroad")
        return []


class Offer(Action):
    """How to look at an offer, by its kind. Where the kind is not told, one word that tells it follows."""

    def __init__(self) -> None:
        _, self._words = load()

    def name(self) -> str:
        return "action_offer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        text = str(tracker.latest_message.get("text") or "")
        kind = self._words.offer(str(tracker.get_slot("language")), text)
        dispatcher.utter_message(response=f"utter_offer_{kind}" if kind else "utter_offer")
        return [] if kind else [SlotSet("offered", "yes")]
