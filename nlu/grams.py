"""What a text is made of, as numbers: words, pairs of words, and pieces of words, weighted by how rare they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from amounts import folded

WORDS = r"(?u)\w+|[^\w\s]"
PIECES = (2, 5)
"""Letters of the shortest and longest piece of a word; they hold what typing errors leave whole."""
RARE = {"word": 1, "pair": 2, "piece": 3}
"""In how many texts of training something stands at least."""


def written(text: str) -> str:
    """Lower case, no accents; a letter held down twice at most; a long number is one number."""
    short = re.sub(r"(.)\1{2,}", r"\1\1", folded(text))
    return re.sub(r"\d{3,}", "000", short).replace("’", "'")


def analysers() -> tuple[Callable[[str], list[str]], ...]:
    """Words with their pairs; pieces. Each block counts as much as the other, so that letters do not outvote words."""
    words = CountVectorizer(preprocessor=written, token_pattern=WORDS, ngram_range=(1, 2))
    pieces = CountVectorizer(preprocessor=written, analyzer="char_wb", ngram_range=PIECES)
    return words.build_analyzer(), pieces.build_analyzer()


@dataclass(frozen=True)
class Grams:
    """The grams that training knows, per block, and their weights."""

    known: tuple[Sequence[str], ...]
    rarity: np.ndarray

    @cached_property
    def _columns(self) -> list[dict[str, int]]:
        starts = (0, len(self.known[0]))
        return [
            {gram: start + place for place, gram in enumerate(grams)}
            for start, grams in zip(starts, self.known, strict=True)
        ]

    @cached_property
    def _analysers(self) -> tuple[Callable[[str], list[str]], ...]:
        return analysers()

    @classmethod
    def learn(cls, texts: Sequence[str]) -> Grams:
        """Count in how many texts each gram stands, and leave the rare ones out."""
        known, rarity = [], []
        for block, analyse in zip(("word", "piece"), analysers(), strict=True):
            seen = Counter(gram for text in texts for gram in set(analyse(text)))
            kept = sorted(gram for gram, count in seen.items() if count >= RARE[kind(block, gram)])
            known.append(kept)
            rarity.extend(np.log((1 + len(texts)) / (1 + seen[gram])) + 1 for gram in kept)
        return cls(tuple(known), np.array(rarity, dtype=np.float32))

    def rows(self, texts: Iterable[str]) -> csr_matrix:
        """One row a text."""
        rows = [self.row(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns, values = (np.concatenate(part) for part in zip(*rows, strict=True))
        return csr_matrix((values, columns, ends), shape=(len(rows), len(self.rarity)))

    def row(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Columns and values of one text."""
        blocks = [
            self._block(analyse(text), columns) for analyse, columns in zip(self._analysers, self._columns, strict=True)
        ]
        return np.concatenate([at for at, _ in blocks]), np.concatenate([values for _, values in blocks])

    def _block(self, grams: list[str], columns: dict[str, int]) -> tuple[np.ndarray, np.ndarray]:
        count = Counter(column for gram in grams if (column := columns.get(gram)) is not None)
        at = np.fromiter(count.keys(), dtype=np.int32, count=len(count))
        times = np.fromiter(count.values(), dtype=np.float32, count=len(count))
        values = (1 + np.log(times)) * self.rarity[at]
        length = float(np.sqrt(values @ values))
        return at, values / length if length else values


def kind(block: str, gram: str) -> str:
    """Which rule of RARE holds for a gram."""
    return "pair" if block == "word" and " " in gram else block
