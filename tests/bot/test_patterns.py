from __future__ import annotations

import re
import time

import pytest
import re2

from bot.languages import examples, folders, read
from bot.patterns import Patterns
from bot.safety import PATTERNS
from bot.texts import plain


@pytest.mark.parametrize(("pattern", "text", "fits"), [
    ("he is hitting me", "help he is hitting me now", True),
    ("hit", "he hits me", False),  # whole words only
    ("(?<!not )in danger", "i am in danger", True),
    ("(?<!not )in danger", "i am not in danger", False),
    ("kill(ing)? me(?! with work)", "killing me with work", False),
    ("kill(ing)? me(?! with (work|jokes))", "they kill me here", True),
    (r"(a|b)\) c", "b c", False),
    (r"se \w+ aqui", "se привет aqui", True),  # letters of any script are letters
    ("帮", "帮 我", True),
])  # fmt: skip
def test_a_pattern_fits_where_python_says_that_it_fits(pattern: str, text: str, fits: bool) -> None:
    assert bool(re.search(rf"\b(?:{pattern})\b", text)) is fits
    assert list(Patterns(["never", pattern]).fitting(text)) == ([1] if fits else [])


def test_no_patterns_fit_nothing() -> None:
    assert list(Patterns([]).fitting("anything")) == []


def test_a_pattern_that_is_none_is_refused() -> None:
    with pytest.raises(re2.error):
        Patterns(["(open"])


def test_every_pattern_of_every_language_fits_the_examples_as_python_alone_would_say() -> None:
    lists = [pattern for folder in folders() for key in PATTERNS for pattern in read(folder / "safety.yml")[key]]
    lines = [plain(line) for folder in folders() for line in _sample(folder.name)]
    assert len(lists) > 1000
    assert len(lines) > 1000
    exact, together = [re.compile(rf"\b(?:{pattern})\b") for pattern in lists], Patterns(lists)
    for line in lines[:: len(lines) // 300]:
        assert list(together.fitting(line)) == [n for n, one in enumerate(exact) if one.search(line)]


def test_a_long_message_takes_no_longer_than_its_length() -> None:
    lists = [pattern for folder in folders() for key in PATTERNS for pattern in read(folder / "safety.yml")[key]]
    together = Patterns(lists)
    began = time.perf_counter()
    list(together.fitting("no puedo " * 250))
    assert time.perf_counter() - began < 0.1


def _sample(language: str) -> list[str]:
    folder = next(one for one in folders() if one.name == language)
    assert examples(folder / "nlu.yml")
    entries = read(folder / "nlu.yml")["nlu"]
    urgent = [entry for entry in entries if entry["intent"] in {"danger_now", "self_harm", "watched", "disclosure"}]
    return [line.removeprefix("- ") for entry in urgent for line in entry["examples"].splitlines()]
