"""What a person's message answers to the open question: codes, or nothing. Pure; the only reader of its words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from questions import STANDING, Question, Questions, Slots
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
WISH = "human"
URGENT = frozenset({"danger_now", "self_harm", "watched"})
DECLINING = frozenset({"deny", "skip", "unsure"})
SHORT = 6
"""Words of a text that is short enough to be nothing but an answer."""
STATEMENT = 8
"""Words of a text that may state a yes or no without saying it, and be nothing else."""
FEW = 4
"""Words from which a text can be a question about something else."""
SURE = 0.8
"""Confidence from which words written into a text question are a command or a question instead of the answer."""

SMALL_TALK = frozenset({"resume", "off_topic", "thanks", "greet"})
LIKELY = 0.3
"""Confidence from which a yes or no is believed though something else is likelier."""
COMMAND = 3
"""Words from which a text that plans a contact is no command any more: "hello, about the English class"."""
AT_LENGTH = 0.5
"""Confidence from which words are urgent within an account that was asked for: much of what is told there is past."""
BESIDE = 0.4
"""The same for a text that holds an answer to the open question."""
FEARED = 0.97
"""The same where the answer itself is a threat: "they say they will call the police"."""
LEADING = {"not_sure": "unsure", "yes": "affirm", "no": "deny"}
IF = "si"
"""What "yes" looks like in Spanish without its accent; it is "if" there, in French and in Creole."""
PAUSE = re.compile(r"[,.;:!\n]|\s[-\u2013\u2014]|[-\u2013\u2014]\s")
ASKING = re.compile(
    r"(?:e |y |et |and |pero |mas |mais |but |men )?(?:"
    r"(?:por |para |de |a |em |en )?(?:que|cual|cuales|quien|quienes|como|cuando|cuanto|cuanta|donde)"
    r"|puedo|puede|pueden"
    r"|what|who|whom|how|when|where|why|which|is|are|am|do|does|did|can|could|will|would|should|may"
    r"|o que|qual|quais|quem|quando|quanto|quanta|onde|posso|pode|podem|sera que"
    r"|qu|quel|quelle|quels|quelles|qui|quoi|comment|quand|combien|ou est|pourquoi|est ce|puis je|peut on"
    r"|kisa|kiyes|kijan|kile|konbyen|poukisa|eske|ki sa|ki moun|ki jan|ki le|ki kote|eske m|ki"
    r")\b"
)
"""How a text begins that asks something, where no question mark tells it; on normalised text, in five languages."""
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
    return typed or aged(question, message) or stated(words, question, slots, message) or meant(question, intent)


def stated(words: Words, question: Question, slots: Slots, message: Message) -> list[str]:
    """The codes that a longer text says in words: what it begins with, or the question's words anywhere in it. These
    count more where yes and no are the answers: "no, no me dejan salir"."""
    text, language = message.get("text") or "", str(slots.get("language"))
    found = [opened(words, question, language, text), named(words, question, slots, message)]
    first, second = reversed(found) if question.kind == "yes_no" else found
    return first or second or led(words, question, language, text)


def opened(words: Words, question: Question, language: str, text: str) -> list[str]:
    """The code of an answer that stands before the first pause, whatever follows: "share, whoever can help reads it".
    A no or "not sure" counts only so: "no, I keep it" is one; "no me dejan salir", "not sure why he keeps it" are none.
    """
    begins = PAUSE.split(text.strip(), maxsplit=1)[0]
    if begins == text.strip() or question.kind not in ("choice", "yes_no"):
        return []
    code = words.exact(question, language, begins)
    return [] if code is None else [code]


def led(words: Words, question: Question, language: str, text: str) -> list[str]:
    """The code of the yes, no or "not sure" that a longer text begins with, in any language before a pause. A yes of
    the language spoken needs none ("yes she keeps it"), unless it may be an "if" ("si me voy me matan")."""
    if question.kind not in ("choice", "yes_no"):
        return []
    begins = PAUSE.split(text.strip(), maxsplit=1)[0]
    first = normal(begins).split()
    for code, intent in LEADING.items():
        titles = {normal(one.options[code]) for one in words.languages.values()}
        if begins != text.strip() and " ".join(dict.fromkeys(first)) in titles:
            return meant(question, intent)
    yes = words[language].options["yes"]
    said = re.match(r"\W*(\w+)(?:\W+\1\b)?", text.casefold())
    if said and normal(said[1]) == normal(yes) and (normal(yes) != IF or said[1] != IF or len(said[0].split()) > 1):
        return meant(question, "affirm")
    return []


def asks(text: str) -> bool:
    """True if the text is a question by its mark or its first word."""
    return "?" in text or "¿" in text or ASKING.match(normal(text)) is not None


def wonders(text: str, intent: Mapping[str, Any]) -> bool:
    """True if the text asks back instead of being a word to remember."""
    return "?" in text or (intent["name"] == "ask_repeat" and intent["confidence"] >= SURE and " " in text.strip())


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
    found = joined(question, found)
    return list(found) if len(found) == 1 or question.kind in ("multi", "more") else []


def joined(question: Question, found: dict[str, None]) -> dict[str, None]:
    """The one code that stands for all that was found: both, for pay and hours."""
    for code, parts in question.together.items():
        if len(found) > 1 and set(found) <= {code, *parts}:
            return {code: None}
    return found


def outweigh(question: Question, text: str, intent: Mapping[str, Any]) -> bool:
    """True if words of the open question in this text are the answer, whatever the text seems to want: "I want to talk
    to a person" when asked what would help most. A question that is surely asked of us is answered first."""
    name, length = intent["name"], len(text.split())
    if name == "watched" and question.kind == "yes_no":  # "the boss has it" is a whole statement, and no guess
        return length <= STATEMENT
    if length > SHORT or name in URGENT | {"withdraw", "switch_language"}:
        return False
    of_us = name in ASKED and intent["confidence"] >= SURE and length >= FEW and (asks(text) or name == WISH)
    return not of_us or name in question.intents


def codes(table: Mapping[str, str], question: Question, message: Message) -> list[str]:
    """The codes of the entities that Rasa found for this question."""
    spoken = [normal(str(value)) for value in values(message, question.base)]
    return [table[phrase] for phrase in spoken if phrase in table]


def likelier(question: Question, understood: Message) -> dict[str, Any]:
    """The intent; where small talk is hardly likelier than a yes or no to the open question, that instead: "lol no"."""
    intent = dict(understood["intent"])
    ranking = understood.get("intent_ranking", ())
    fitting = [one for one in ranking if one["name"] in STANDING and question.meant_by(one["name"]) is not None]
    best = max(fitting, key=lambda one: one["confidence"], default=intent)
    beside = intent["name"] in SMALL_TALK or (intent["name"] in ASKED - {WISH} and not asks(understood["text"]))
    near = best["confidence"] >= max(LIKELY, intent["confidence"] / 2)
    return dict(best) if question.kind != "text" and beside and near else intent


def answered(text: str, intent: Mapping[str, Any], guess: float) -> bool:
    """True if a longer text that holds an answer is one, whatever else it may mean. `guess`: the confidence from which
    it is urgent instead."""
    name, confidence = intent["name"], intent["confidence"]
    if name in URGENT:
        return bool(confidence < guess)
    if name in ANSWERING or name == "withdraw":
        return False
    return confidence < SURE or name == "resume" or (name in ASKED - {WISH} and not asks(text))


def interrupts(question: Question, text: str, intent: Mapping[str, Any]) -> bool:
    """True if what is written into a text question is a cry, a command or a question to us, and not the answer."""
    name, confidence, length = intent["name"], intent["confidence"], len(text.split())
    if name in URGENT and question.plan:  # "not when he is here" is the plan itself
        return bool(confidence >= SURE and (name != "watched" or length <= SHORT))
    if name in URGENT:
        return bool(confidence >= AT_LENGTH)
    if name in ANSWERING or confidence < SURE:
        return False
    if question.plan:
        return length <= COMMAND
    return length <= SHORT or asks(text) or name not in ASKED - {WISH} | {"switch_language"}


def wished(question: Question, understood: Message) -> list[str]:
    """The code that a wish means where the open question asks for wishes: a person, when asked what would help."""
    name = understood["intent"]["name"]
    return meant(question, name) if name not in ANSWERING and name in question.intents else []


def meant(question: Question, intent: Any) -> list[str]:
    """The code that the intent alone stands for."""
    code = question.meant_by(intent)
    return [] if code is None else [code]
