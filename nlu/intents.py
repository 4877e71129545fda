"""The intent classifier: a linear machine over grams and a small network over meaning, together; stored as arrays."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.svm import LinearSVC

from grams import Grams
from meaning import KNOWN, Meaning
from words import examples as spoken

FILE = "intents.npz"
LEAST = 3
"""In how many texts of one language a gram stands that gets a weight of its own for that language."""
TOLERANCE = 0.01
"""A hundred times what is usual; the answers stay the same, the time is a fraction."""
LEAST_CHANCE = 1e-4
STRANGE = 0.3
"""How much the encoder counts for a language that it was not made for."""


@dataclass(frozen=True)
class Linear:
    """Weights of grams: one for all languages, and one more for the language that is spoken."""

    grams: Grams
    own: Mapping[str, np.ndarray]
    """Language to the column of each gram's own weight there; -1: none."""
    weights: np.ndarray
    bias: np.ndarray

    @classmethod
    def learn(
        cls, texts: Sequence[str], spoken: Sequence[str], labels: np.ndarray, config: Mapping[str, Any]
    ) -> Linear:
        """As support vectors, one intent against all others; rare intents count more."""
        grams = Grams.learn(texts)
        shared = grams.rows(texts)
        blocks, own, width = [shared], {}, shared.shape[1]
        for language in sorted(set(spoken)):
            here = np.array([one == language for one in spoken], dtype=np.float32)
            copy = csr_matrix(shared.multiply(here[:, None]))
            kept = np.flatnonzero(copy.getnnz(axis=0) >= LEAST)
            own[language] = np.full(shared.shape[1], -1, dtype=np.int32)
            own[language][kept] = np.arange(width, width + len(kept))
            blocks.append(copy[:, kept])
            width += len(kept)
        machine = LinearSVC(**weighed(labels, config), tol=TOLERANCE, random_state=config["random_state"])
        machine.fit(hstack(blocks, format="csr"), labels)
        return cls(grams, own, np.ascontiguousarray(machine.coef_.T), machine.intercept_)

    @classmethod
    def of(cls, stored: Mapping[str, np.ndarray]) -> Linear:
        """As `stored` kept it."""
        known = tuple(str(stored[name]).split("\n") for name in ("words", "pieces"))
        own = {name[len("own_") :]: stored[name] for name in stored if name.startswith("own_")}
        return cls(Grams(known, stored["rarity"]), own, stored["weights"], stored["bias"])

    def stored(self) -> dict[str, np.ndarray]:
        """Arrays by name; half precision is enough for weights."""
        words, pieces = (np.array("\n".join(grams)) for grams in self.grams.known)
        own = {f"own_{language}": columns for language, columns in self.own.items()}
        numbers = {"rarity": self.grams.rarity, "weights": self.weights.astype(np.float16), "bias": self.bias}
        return {"words": words, "pieces": pieces, **own, **numbers}

    def scores(self, text: str, language: str | None) -> np.ndarray:
        """How far the text lies on each intent's side."""
        at, values = self.grams.row(text)
        scores = self.bias + values @ self.weights[at].astype(np.float32)
        if language in self.own:
            copies = self.own[language][at]
            scores = scores + values[copies >= 0] @ self.weights[copies[copies >= 0]].astype(np.float32)
        return scores


def weighed(labels: np.ndarray, config: Mapping[str, Any]) -> dict[str, Any]:
    """`C` and the weight of each intent: the rarer, the more, by the root of how rare; on average as without."""
    count = Counter(labels.tolist())
    weight = {label: float(np.sqrt(max(count.values()) / times)) for label, times in count.items()}
    return {"C": config["C"] / float(np.mean([weight[label] for label in labels.tolist()])), "class_weight": weight}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """Listed in config.yml; reads texts, and needs no tokenizer or featurizer of Rasa."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._names: list[str] = []
        self._linear: Linear | None = None
        self._meaning: Meaning | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse strength of regularisation; `linear`: how much the linear machine counts beside the network;
        `doubt`: what all scores are divided by, so that a confidence is how often it is right."""
        return {"C": 0.5, "linear": 4.0, "doubt": 1.35, "random_state": 7, "ranking_length": 5}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> IntentClassifier:
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fit both to the examples, and store the weights. The same examples give the same weights, in whatever order
        they were read: what was tested is what another machine trains."""
        examples = [(one.get(TEXT), one.get(INTENT)) for one in training_data.intent_examples if one.get(TEXT)]
        texts, intents = zip(*sorted(examples), strict=True)
        names, labels = np.unique(intents, return_inverse=True)
        languages = {text: language for language, _, text in spoken()}
        given = [languages.get(text, KNOWN[0]) for text in texts]
        linear = Linear.learn(texts, given, labels, self._config)
        meaning = Meaning.learn(texts, given, labels, self._config["random_state"])
        with self._storage.write_to(self._resource) as folder:
            arrays = {**linear.stored(), **meaning.stored(), "names": names.astype(str)}
            np.savez_compressed(folder / FILE, **arrays)
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> IntentClassifier:
        loaded = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder, np.load(folder / FILE) as file:
            stored = {name: file[name] for name in file.files}
        loaded._names = [str(name) for name in stored["names"]]
        loaded._linear, loaded._meaning = Linear.of(stored), Meaning.of(stored)
        return loaded

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent` and `intent_ranking`. The language spoken comes with the message, if it is known."""
        for message in messages:
            language = (message.get("metadata") or {}).get("language")
            ranking = self._ranking(message.get(TEXT), language)
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, text: str, language: str | None) -> list[dict[str, Any]]:
        assert self._linear is not None
        assert self._meaning is not None
        understood = 1.0 if language is None or language in KNOWN else STRANGE
        chances = np.log(self._meaning.chances(text, language) + LEAST_CHANCE)
        scores = understood * chances + self._config["linear"] * self._linear.scores(text, language)
        likely = np.exp((scores - scores.max()) / self._config["doubt"])
        likely /= likely.sum()
        best = np.argsort(likely)[::-1][: self._config["ranking_length"]]
        return [{"name": self._names[index], "confidence": float(likely[index])} for index in best]
