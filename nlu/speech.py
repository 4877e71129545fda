"""How Faro speaks: Rasa's `nlg`, with the texts of data/<language>/say.yml by language, channel and person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from questions import Question, Questions, Slots
from store import failing
from words import Language, load

ASK = "utter_ask_"
HOME = "CO"
SMS_LIMIT = 306
"""GSM 03.38 characters of two joined SMS segments (2 x 153)."""


class TextMissing(LookupError):
    """say.yml has no such text. Permanent; the message is the key."""


def variants(derived: Mapping[str, str | None]) -> list[str]:
    """The wordings that fit the person, best first: about another, for a child, of the past."""
    fitting = {"other": derived.get("reporter") == "other", "minor": derived.get("minor") == "yes"}
    person = [name for name, fits in fitting.items() if fits]
    if derived.get("place") != "back":
        return person
    return [wording for one in person for wording in (f"{one}_back", one)] + ["back"]


def message(language: Language, key: str, channel: str) -> str:
    """A message of say.yml, in the channel's own wording if there is one."""
    text = language.messages.get(f"{key}_{channel}") or language.messages.get(key)
    if text is None:
        raise TextMissing(f"{language.code}: {key}")
    return text


def placed(language: Language, key: str, channel: str, country: str | None) -> str:
    """A message; from another country than Colombia its `<key>_abroad`, which names that country, if there is one."""
    name = language.territories.get(country or "")
    if name is None or country == HOME or f"{key}_abroad" not in language.messages:
        return message(language, key, channel)
    return message(language, f"{key}_abroad", channel).format(country=name)


def wording(language: Language, question: Question, channel: str, fits: list[str]) -> str:
    """A question's text: the person's wording, else the channel's, else the plain one."""
    texts = language.questions.get(question.id, {})
    text = next((texts[key] for key in (*fits, channel, "ask") if texts.get(key)), None)
    if text is None:
        raise TextMissing(f"{language.code}: {question.id}")
    return str(text)


def left(language: Language, count: int) -> str:
    """ "N left" """
    key = "left_one" if count == 1 and "left_one" in language.messages else "left"
    return language.messages[key].format(n=count)


def ask(questions: Questions, language: Language, question: Question, slots: Slots, channel: str) -> dict[str, Any]:
    """A question as Rasa sends it: text and buttons (title, payload for Rasa's shell, value for the channel)."""
    text = wording(language, question, channel, variants(questions.derive(slots)))
    if question.counts:
        counted = f"{text}\n{left(language, questions.left(slots))}"
        text = text if channel == "sms" and len(counted) > SMS_LIMIT else counted
    codes = questions.buttons(question, slots)
    return {"text": text, "buttons": [_button(language, question, code) for code in codes]}


def _button(language: Language, question: Question, code: str) -> dict[str, str]:
    return {"title": language.title(question, code), "payload": f'/inform{{"choice": "{code}"}}', "value": code}


class Speech(TemplatedNaturalLanguageGenerator):
    """`nlg: type: speech.Speech` of endpoints.yml; reads say.yml once, when the engine starts."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        super().__init__(domain.responses if domain else {})
        self._questions, self._words = load()

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> dict[str, Any] | None:
        """The message of an `utter_...` in the language and channel of the conversation; `kwargs`: slots that an action
        has changed just now."""
        with failing():
            return self._say(utter_action, {**tracker.current_slot_values(), **kwargs})

    def _say(self, utter_action: str, slots: Slots) -> dict[str, Any]:
        language, channel = self._words[str(slots["language"])], str(slots["channel"])
        if utter_action.startswith(ASK):
            return ask(self._questions, language, self._questions[utter_action[len(ASK) :]], slots, channel)
        return {"text": placed(language, utter_action[len("utter_") :], channel, slots.get("country"))}
