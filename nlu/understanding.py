"""What a person's message answers to the open question: codes, or nothing. Pure; the only reader of its words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from questions import Question, Questions, Slots
from words import Words, normal, numbered

ANSWERING = frozenset(
    {"affirm", "deny", "unsure", "skip", "inform", "greet", "thanks", "disclosure", "off_topic", "nlu_fallback", None}
)
"""Intents by which the open question may be answered; every other intent has a rule of its own in data/rules.yml."""

AT_ANY_TIME = frozenset(
    {"danger_now", "self_harm", "watched", "exit", "pause", "withdraw", "switch_language", "resume", "ask_repeat"}
)
"""Intents that act even before the person said that it is safe to write. Whoever holds the phone then learns nothing by
asking what this is: every other message only brings the question whether it is safe."""
URGENT = frozenset({"danger_now", "self_harm", "watched"})
SHORT = 6
"""Words of a text that is short enough to be nothing but an answer."""
SURE = 0.8
"""Confidence from which words written into a text question are a command or a question instead of the answer."""

NUMBER = re.compile(r"[0-9]{1,8}")
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
    text = message.get("text") or ""
    typed = whole(questions, words, question, slots, text)
    return typed or named(words, question, slots, message) or mentioned(question, text) or meant(question, intent)


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
    found = numbered(text, questions.buttons(question, slots)) or counted(question, text)
    return found if len(found) == 1 or question.kind in ("multi", "more") else []


def counted(question: Question, text: str) -> list[str]:
    """The code that a bare number means, such as an age."""
    number = int(text) if NUMBER.fullmatch(text.strip()) else -1
    return [code for code, (low, high) in question.numbers.items() if low <= number <= high]


def mentioned(question: Question, text: str) -> list[str]:
    """The code that the one number of a short text means: "I am 31 years old". A limit ("not yet 18") tells nothing."""
    numbers = NUMBER.findall(text) if len(text.split()) <= SHORT else []
    limits = {low for low, _ in question.numbers.values()}
    return counted(question, numbers[0]) if len(numbers) == 1 and int(numbers[0]) not in limits else []


def named(words: Words, question: Question, slots: Slots, message: Message) -> list[str]:
    """The codes of the question's words within a longer text; a single-choice question takes one code only."""
    table = words.table(question, str(slots.get("language")))
    found = dict.fromkeys(code for code in codes(table, question, message) if question.takes(code))
    return list(found) if len(found) == 1 or question.kind in ("multi", "more") else []


def outweigh(text: str, intent: str) -> bool:
    """True if words of the open question in this text are the answer, whatever the text seems to want: "I want to talk
    to a person" when asked what would help most."""
    return len(text.split()) <= SHORT and intent not in URGENT | {"withdraw", "switch_language"}


def codes(table: Mapping[str, str], question: Question, message: Message) -> list[str]:
    """The codes of the entities that Rasa found for this question."""
    spoken = [normal(str(e["value"])) for e in message.get("entities", ()) if e["entity"] == question.base]
    return [table[phrase] for phrase in spoken if phrase in table]


def meant(question: Question, intent: Any) -> list[str]:
    """The code that the intent alone stands for."""
    code = question.meant_by(intent)
    return [] if code is None else [code]
