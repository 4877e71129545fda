"""What a person's message answers to the open question: codes, or nothing. Pure; the only reader of its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from questions import Question, Questions, Slots
from words import Words, normal, numbered

TOLD = frozenset({"disclosure", "minor", "for_other"})
"""Intents by which a person tells something; the worker keeps their words, whichever question is open."""

ANSWERING = TOLD | {"affirm", "deny", "unsure", "skip", "inform", "greet", "thanks", "off_topic", "nlu_fallback", None}
"""Intents by which the open question may be answered; every other intent has a rule of its own in data/rules.yml."""

AT_ANY_TIME = frozenset(
    {"danger_now", "self_harm", "watched", "exit", "pause", "withdraw", "switch_language", "resume", "ask_repeat"}
)
"""Intents that act even before the person said that it is safe to write. Whoever holds the phone then learns nothing by
asking what this is: every other message only brings the question whether it is safe."""
ASKED = frozenset({"human", "who_are_you", "confidentiality", "rights", "papers", "what_is_trafficking", "check_offer",
                   "report_status", "ask_cost", "ask_delete"})  # fmt: skip
"""Intents by which a person wants to know something of us."""
URGENT = frozenset({"danger_now", "self_harm", "watched"})
DECLINING = frozenset({"deny", "skip", "unsure"})
SHORT = 6
"""Words of a text that is short enough to be nothing but an answer."""
FEW = 4
"""Words from which a text can be a question about something else."""
SURE = 0.8
"""Confidence from which words written into a text question are a command or a question instead of the answer."""

LEADING = {"not_sure": "unsure", "yes": "affirm", "no": "deny"}
CHILD = range(5, 18)
Message = Mapping[str, Any]


def has_rule(intent: str | None, slots: Slots) -> bool:
    """True if a rule answers this intent now, and not the form."""
    return intent not in ANSWERING and (slots.get("safe") == "ready" or intent in AT_ANY_TIME)


def choices(message: Message) -> list[str]:
    """The codes that came with a button or a channel's choice."""
    return [str(entity["value"]) for entity in message.get("entities", ()) if entity["entity"] == "choice"]


def answer(questions: Questions, words: Words, question: Question, slots: Slots, message: Message) -> list[str]:
    """The codes by which `message` (Rasa's parse data) answers `question`; empty if it does not."""
    intent = (message.get("intent") or {}).get("name")
    if intent not in ANSWERING:
        return []
    if chosen := choices(message):
        return chosen if all(question.takes(code) for code in chosen) else []
    if question.kind == "text":
        return told(message)
    typed = whole(questions, words, question, slots, message.get("text") or "")
    found = typed or aged(question, message) or named(words, question, slots, message)
    return found or led(words, question, message.get("text") or "") or meant(question, intent)


def led(words: Words, question: Question, text: str) -> list[str]:
    """The code of the yes, no or "not sure" that a longer answer begins with: "yes, she keeps it", whatever follows. A no
    counts only before a pause: "no, I keep it" is one, and "no me dejan salir" is none."""
    said = normal(text)
    for one in words.languages.values():
        for code, intent in LEADING.items():
            title = one.options[code]
            begins = f"{said} ".startswith(f"{normal(title)} ")
            if begins and (code != "no" or re.match(rf"\W*{title}\s*[,.;:!-]", text, re.IGNORECASE)):
                return meant(question, intent)
    return []


def told(message: Message) -> list[str]:
    """Whether an own account was given or declined. A longer "no" is taken as the account: nothing told is lost."""
    intent = message.get("intent") or {}
    declined = intent.get("name") == "skip" or (intent.get("name") == "deny" and len(message["text"].split()) <= 3)
    return ["skipped" if declined and intent["confidence"] >= SURE else "given"]


def whole(questions: Questions, words: Words, question: Question, slots: Slots, text: str) -> list[str]:
    """The codes that the whole text stands for: a button's title, a known word, or the numbers of buttons."""
    exact = words.exact(question, str(slots.get("language")), text)
    if exact is not None:
        return [exact]
    numbers = words.amounts[str(slots.get("language"))].read(text).options
    found = numbered(numbers, questions.buttons(question, slots)) or counted(question, numbers)
    return found if len(found) == 1 or question.kind in ("multi", "more") else []


def counted(question: Question, numbers: Sequence[int]) -> list[str]:
    """The code that one number means, such as an age."""
    return [code for code, (low, high) in question.numbers.items() if len(numbers) == 1 and low <= numbers[0] <= high]


def values(message: Message, name: str) -> list[Any]:
    """What was found under that name."""
    return [entity["value"] for entity in message.get("entities", ()) if entity["entity"] == name]


def aged(question: Question, message: Message) -> list[str]:
    """The code that an age in the text means: "I am 31 years old"; of several ages none is taken."""
    return counted(question, [age for age in values(message, "age") if isinstance(age, int)])


def country_named(words: Words, question: Question, language: str, message: Message) -> str | None:
    """The one country that a text names, by its name or a city's; `question`: the one that asks for it."""
    found = set(codes(words.table(question, language), question, message))
    return found.pop() if len(found) == 1 else None


def is_child(message: Message) -> bool:
    """True if the words tell, and not by a guess, that somebody is under 18."""
    intent = message.get("intent") or {}
    return intent.get("name") == "minor" and (
        float(intent.get("confidence") or 0) >= SURE or any(age in CHILD for age in values(message, "age"))
    )


def named(words: Words, question: Question, slots: Slots, message: Message) -> list[str]:
    """The codes of the question's words within a longer text; a single-choice question takes one code only."""
    table = words.table(question, str(slots.get("language")))
    found = dict.fromkeys(code for code in codes(table, question, message) if question.takes(code))
    return list(found) if len(found) == 1 or question.kind in ("multi", "more") else []


def outweigh(question: Question, text: str, intent: Mapping[str, Any]) -> bool:
    """True if words of the open question in this text are the answer, whatever the text seems to want: "I want to talk
    to a person" when asked what would help most. A question that is surely asked of us is answered first."""
    name, length = intent["name"], len(text.split())
    if length > SHORT or name in URGENT | {"withdraw", "switch_language"}:
        return False
    asks = name in ASKED and intent["confidence"] >= SURE and length >= FEW
    return not asks or name in question.intents


def codes(table: Mapping[str, str], question: Question, message: Message) -> list[str]:
    """The codes of the entities that Rasa found for this question."""
    spoken = [normal(str(value)) for value in values(message, question.base)]
    return [table[phrase] for phrase in spoken if phrase in table]


def wished(question: Question, understood: Message) -> list[str]:
    """The code that a wish means where the open question asks for wishes: a person, when asked what would help."""
    name = understood["intent"]["name"]
    return meant(question, name) if name not in ANSWERING and name in question.intents else []


def meant(question: Question, intent: Any) -> list[str]:
    """The code that the intent alone stands for."""
    code = question.meant_by(intent)
    return [] if code is None else [code]
