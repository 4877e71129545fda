"""Makes Rasa's domain and training data of questions.yml and say.yml: a question or a language is written once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import speech
from entities import worded
from questions import Question, Questions
from words import DATA, Language, Words, examples, load, normal

FORM = "talk"
EXAMPLES_PER_CODE = 2
"""Words of a question that become training examples of `inform`, per code and language."""
COUNTED = ("city", "age", "duration", "phone_number", "option")
"""Entities beside the words of questions and the names of languages."""


class QuestionsImporter(TrainingDataImporter):
    """Listed in config.yml after Rasa's own importer, which reads domain.yml, the rules and data/<language>/nlu.yml."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: Any | None = None,
        **kwargs: Any,
    ) -> None:
        self._questions, self._words = load()

    def get_domain(self) -> Domain:
        """Slots, the form, the asks with their buttons, a response per message, an entity per question with words."""
        return Domain.from_dict(domain(self._questions, self._words))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Words of the questions as examples of `inform`, names of languages as examples of `switch_language`."""
        return training_data(self._questions, self._words, labelled())

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        return StoryGraph([])

    def get_conversation_tests(self) -> StoryGraph:
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        return {}

    def get_config_file_for_auto_config(self) -> str | None:
        return None


def domain(questions: Questions, words: Words) -> dict[str, Any]:
    """The part of the domain that questions.yml and say.yml decide, as domain.yml would write it."""
    language = words[min(words.languages, key=lambda code: code != "es")]
    return {
        "slots": {question.id: slot(question) for question in questions.all},
        "entities": sorted({"choice", "language", *COUNTED, *(question.id for question in worded(questions, words))}),
        "forms": {FORM: {"required_slots": [question.id for question in questions.all]}},
        "responses": responses(questions, language),
    }


def slot(question: Question) -> dict[str, Any]:
    """A slot that only the form fills, and that no policy looks at."""
    kind = "list" if question.kind == "multi" else "text"
    return {"type": kind, "influence_conversation": False, "mappings": [{"type": "custom"}]}


def responses(questions: Questions, language: Language) -> dict[str, Any]:
    """Responses in one language: what Rasa's tools show; speech.py says the same in the person's language."""
    said = {f"utter_{key}": [{"text": text}] for key, text in language.messages.items()}
    for question in questions.all:
        said[f"{speech.ASK}{question.id}"] = [speech.ask(questions, language, question, {}, "terminal")]
    return said


def labelled(data: Path = DATA) -> dict[str, str]:
    """The texts that some nlu.yml gives an intent, and which."""
    return {normal(text): intent for _, intent, text in examples(data)}


def training_data(questions: Questions, words: Words, taken: Mapping[str, str]) -> TrainingData:
    """Examples beside those of nlu.yml. A text that nlu.yml gives one intent is not given another here."""
    made = [(name, "switch_language") for name in words.names]
    made.extend((phrase, "inform") for question in worded(questions, words) for phrase in typical(question, words))
    fitting = [(text, intent) for text, intent in made if taken.get(normal(text), intent) == intent]
    return TrainingData(training_examples=[Message.build(text=text, intent=intent) for text, intent in fitting])


def typical(question: Question, words: Words) -> Iterable[str]:
    """A few phrases per answer and language."""
    for language in words.languages.values():
        own = language.questions.get(question.id, {}).get("words", {})
        titles = [language.title(question, code) for code in question.options if code not in language.options]
        yield from dict.fromkeys([*titles, *(p for phrases in own.values() for p in phrases[:EXAMPLES_PER_CODE])])
