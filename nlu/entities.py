"""What stands in a text beside its intent: words of questions, cities, languages, ages, durations, numbers to call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from amounts import REGIONS, phone_numbers
from questions import Question, Questions
from words import Words, load, normal

Entity = dict[str, Any]
HOME = "CO"


def worded(questions: Questions, words: Words) -> list[Question]:
    """The questions that are answered by words of their own (a `_more` shares those of its question)."""

    def has_words(question: Question) -> bool:
        said = (language.questions.get(question.id, {}) for language in words.languages.values())
        return question.kind == "country" or bool(question.words) or any(one.get("words") for one in said)

    return [question for question in questions.all if question.more_of is None and has_words(question)]


class Phrases:
    """Which phrases stand in a text: words are looked up, not searched for, so that a long list costs nothing."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        self._names: dict[str, set[str]] = defaultdict(set)
        for name, phrase in phrases:
            self._names[phrase].add(name)
        self._longest = max(phrase.count(" ") + 1 for phrase in self._names)

    def find(self, text: str) -> Iterator[tuple[str, str]]:
        """(name, phrase) from left to right; of phrases of one name that overlap, the longest."""
        said = normal(text).split()
        until: dict[str, int] = defaultdict(int)
        for start in range(len(said)):
            for length in range(min(self._longest, len(said) - start), 0, -1):
                phrase = " ".join(said[start : start + length])
                for name in sorted(self._names.get(phrase, ())):
                    if start >= until[name]:
                        until[name] = start + length
                        yield name, phrase


def phrases(questions: Questions, words: Words) -> Iterator[tuple[str, str]]:
    """(entity, normalised phrase) of all that is looked for, in every language at once."""
    for question in worded(questions, words):
        for language in words.languages:
            own = {normal(phrase) for phrase, _ in words[language].own_words(question)}
            yield from ((question.id, phrase) for phrase in own if phrase)
        if question.kind == "country":
            yield from ((question.id, city) for city in words.cities)
    yield from (("city", city) for city in words.cities)
    yield from (("language", name) for name in words.names)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class Entities(GraphComponent, EntityExtractorMixin):
    """Listed in config.yml. Reads what the importer reads; the language and country of a talk come with the message."""

    def __init__(self) -> None:
        questions, self._words = load()
        self._phrases = Phrases(phrases(questions, self._words))

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Entities:
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Add `entities`."""
        for message in messages:
            given: Mapping[str, Any] = message.get("metadata") or {}
            found = [*self._worded(message.get(TEXT)), *self._counted(message.get(TEXT), given)]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *found], add_to_output=True)
        return messages

    def _worded(self, text: str) -> Iterator[Entity]:
        for name, phrase in self._phrases.find(text):
            yield entity(name, self._words.cities[phrase][0] if name == "city" else phrase)

    def _counted(self, text: str, given: Mapping[str, Any]) -> Iterator[Entity]:
        language = given.get("language") or next(iter(REGIONS))
        found = self._words.amounts[language].read(text)
        yield from (entity("age", age) for age in found.ages)
        yield from (entity("duration", duration) for duration in found.durations)
        if found.options:
            yield entity("option", list(found.options))
        regions = dict.fromkeys(region for region in (given.get("country"), REGIONS.get(language), HOME) if region)
        yield from (entity("phone_number", number) for number in phone_numbers(text, list(regions)))


def entity(name: str, value: Any) -> Entity:
    """As Rasa writes it. Positions are left out: whoever reads this holds no text."""
    return {"entity": name, "value": value, "extractor": "Entities"}
