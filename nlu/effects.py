"""What only the worker can do, asked of it as an effect among the replies: numbers, leaving, deletion, a language."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from understanding import country_named
from words import load, normal


def intent_of(tracker: Tracker) -> str | None:
    """The intent of the message that is being answered."""
    intent = (tracker.latest_message.get("intent") or {}).get("name")
    return None if intent is None else str(intent)


def country_of(tracker: Tracker) -> str | None:
    """The country that the message names."""
    questions, words = load()
    return country_named(words, questions["country"], str(tracker.get_slot("language")), tracker.latest_message)


class Effect(Action, ABC):
    """Tells the worker to do what only it can do: numbers, deletion, another language. The engine says nothing."""

    @property
    @abstractmethod
    def effect(self) -> str:
        """Its name; the action that brings it is called after it."""

    def name(self) -> str:
        return f"action_{self.effect}"

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


class Exit(Away):
    effect = "exit"


class Later(Away):
    effect = "later"


class Danger(Leaving):
    effect = "danger"

    def fields(self, tracker: Tracker) -> dict[str, Any]:
        return {"reason": intent_of(tracker), "country": tracker.get_slot("country")}


class Withdraw(Leaving):
    effect = "withdraw"


class SwitchLanguage(Leaving):
    effect = "language"

    def __init__(self) -> None:
        _, self._words = load()

    def fields(self, tracker: Tracker) -> dict[str, Any]:
        """The code of the language that was named, or None for the worker to ask."""
        named = (self._words.names.get(normal(name)) for name in tracker.get_latest_entity_values("language"))
        return {"language": next(named, None)}


class Call(Effect, ABC):
    """An effect that shows whom to call: in the country that the message names, if it names one."""

    def fields(self, tracker: Tracker) -> dict[str, Any]:
        country = country_of(tracker)
        return {} if country is None else {"country": country}


class Human(Call):
    effect = "human"


class Numbers(Call):
    """What follows words that no rule and no question takes: config.yml names it as the fallback."""

    effect = "numbers"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        return [*await super().run(dispatcher, tracker, domain), FollowupAction("action_listen")]


class DeleteHelp(Effect):
    effect = "delete_help"
