"""The intent classifier: multinomial logistic regression over Rasa's sparse features, stored as plain arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier as RasaIntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import normalize

FILE = "intents.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent, RasaIntentClassifier):
    """As Rasa's LogisticRegressionClassifier, whose storage needs a package that the engine goes without."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._weights: np.ndarray | None = None
        self._bias: np.ndarray | None = None
        self._names: list[str] = []

    @classmethod
    def required_components(cls) -> list[type]:
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: inverse strength of regularisation; `ranking_length`: how many intents are reported."""
        return {"C": 20.0, "max_iter": 300, "random_state": 7, "ranking_length": 3}

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
        """Fit to the examples that have features, and store the weights."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        model = LogisticRegression(
            C=self._config["C"],
            max_iter=self._config["max_iter"],
            random_state=self._config["random_state"],
            class_weight="balanced",
        )
        model.fit(vstack([features(example) for example in examples]), [example.get(INTENT) for example in examples])
        with self._storage.write_to(self._resource) as folder:
            np.savez(folder / FILE, weights=model.coef_.T, bias=model.intercept_, names=model.classes_.astype(str))
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
        with model_storage.read_from(resource) as folder, np.load(folder / FILE) as stored:
            loaded._weights = np.ascontiguousarray(stored["weights"])
            loaded._bias, loaded._names = stored["bias"], [str(name) for name in stored["names"]]
        return loaded

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent` and `intent_ranking`."""
        for message in messages:
            ranking = self._ranking(features(message))
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _ranking(self, row: csr_matrix) -> list[dict[str, Any]]:
        scores = self._bias + row.data @ self._weights[row.indices]
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        best = np.argsort(likely)[::-1][: self._config["ranking_length"]]
        return [{"name": self._names[index], "confidence": float(likely[index])} for index in best]


def features(message: Message) -> csr_matrix:
    """One row: each featurizer's features of the sentence, scaled to length one; letters do not outvote words."""
    blocks = [one.features for one in message.features if one.attribute == TEXT and one.type == FEATURE_TYPE_SENTENCE]
    return hstack([normalize(csr_matrix(block, dtype=np.float64)) for block in blocks], format="csr")
