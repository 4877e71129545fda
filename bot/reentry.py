"""A word that somebody chose, asked for after a gap before anything of the case is shown. Only its digest is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from bot.draft import Said
from bot.texts import plain

QUESTION = "reentry"  # its id in nlu/questions.yml: nothing that is written there is ever kept as words
MOST_MISSES = 3
ALIKE = 0.6  # of 1: so much of the word in other words is a misspelling of it
_COST = {"n": 2**13, "r": 8, "p": 1, "dklen": 32}  # some 20 ms: a guess from the sealed state costs something


@dataclass(slots=True)
class Entrance:
    """`shut`: the word is due, and nothing of the case may be shown; `asked`: it was asked for. `held`: what was said
    while it was shut; it counts as told only once the word was right. `thread`: the message that the word came with."""

    salt: str
    digest: str
    thread: list[str] = field(default_factory=list)
    shut: bool = False
    asked: bool = False
    misses: int = 0
    held: list[Said] = field(default_factory=list)

    @classmethod
    def of(cls, word: str) -> Entrance:
        salt = secrets.token_bytes(16)
        return cls(salt.hex(), _digest(salt, word).hex())

    @property
    def locked(self) -> bool:
        return self.misses >= MOST_MISSES

    def fits(self, word: str) -> bool:
        """Compared without accents, case and punctuation, in a time that tells nothing."""
        return hmac.compare_digest(_digest(bytes.fromhex(self.salt), word), bytes.fromhex(self.digest))

    def open(self, word: str) -> list[Said]:
        """With the right word. Gives what was held, without what was a try at the word."""
        told = [said for said in self.held if not _alike(said.text, word)]
        self.shut, self.asked, self.misses, self.held = False, False, 0, []
        return told


def _digest(salt: bytes, word: str) -> bytes:
    return hashlib.scrypt(_normal(word).encode(), salt=salt, **_COST)


def _normal(word: str) -> str:
    """A sign alone, such as a flower, has no letters and is a word all the same."""
    return plain(word) or word.strip()


def _alike(text: str, word: str) -> bool:
    said, right = _normal(text), _normal(word)
    return SequenceMatcher(None, said, right).ratio() > ALIKE or f" {right} " in f" {said} "
