"""How people write: enough training examples for every intent, and held-out sentences that training never saw."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.languages import DATA, folders
from bot.texts import plain

LANGUAGES = tuple(sorted(folder.name for folder in folders()))
HELD_OUT = DATA.parents[1] / "tests" / "nlu" / "heldout"
# How many examples at least. What saves, hides or ends comes first, and what people say in the most ways.
LEAST = {
    **dict.fromkeys(("danger_now", "watched", "disclosure", "off_topic"), 250),
    **dict.fromkeys(("self_harm", "affirm", "deny", "unsure", "inform", "exit", "rights"), 140),
    **dict.fromkeys(("skip", "minor", "for_other", "human", "who_are_you", "confidentiality"), 120),
    **dict.fromkeys(("papers", "check_offer"), 120),
    **dict.fromkeys(("pause", "withdraw", "what_is_trafficking", "report_status"), 90),
    **dict.fromkeys(("greet", "thanks", "resume", "ask_cost", "ask_delete", "ask_repeat", "switch_language"), 60),
}  # fmt: skip
INTENTS = set(LEAST)

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@cache
def read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)


@cache
def training(language: str) -> dict[str, list[str]]:
    entries = read(DATA / language / "nlu.yml")["nlu"]
    return {entry["intent"]: [line.removeprefix("- ") for line in entry["examples"].splitlines()] for entry in entries}


@cache
def held_out(language: str) -> dict[str, list[str]]:
    """By intent. What somebody wrote as an example too, independently, is left out: it measures nothing any more."""
    seen = {bare(line) for code in LANGUAGES for lines in training(code).values() for line in lines}
    value = read(HELD_OUT / f"{language}.yml")
    return {intent: [line for line in lines if bare(line) not in seen] for intent, lines in value.items()}


def bare(text: str) -> str:
    return plain(text) or text  # of emoji alone nothing is left


def test_there_are_30_intents_in_five_languages() -> None:
    assert (len(INTENTS), len(LANGUAGES)) == (30, 5)


@pytest.mark.parametrize("language", LANGUAGES)
def test_rasa_reads_the_file_as_training_data_of_its_format_and_of_nothing_else(language: str) -> None:
    value = read(DATA / language / "nlu.yml")
    assert set(value) == {"version", "nlu"}
    assert value["version"] == "3.1"
    assert all(set(entry) == {"intent", "examples"} for entry in value["nlu"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_enough_examples_and_none_is_given_twice(language: str) -> None:
    entries = [entry["intent"] for entry in read(DATA / language / "nlu.yml")["nlu"]]
    examples = training(language)
    assert sorted(entries) == sorted(INTENTS)
    assert {intent: len(lines) for intent, lines in examples.items() if len(lines) < LEAST[intent]} == {}
    assert sum(map(len, examples.values())) > 4500
    twice = Counter(bare(line) for lines in examples.values() for line in lines)
    assert [line for line, times in twice.items() if times > 1] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_means_two_intents(language: str) -> None:
    meant: dict[str, set[str]] = {}
    for intent, lines in training(language).items():
        for line in lines:
            meant.setdefault(bare(line), set()).add(intent)
    assert {line: intents for line, intents in meant.items() if len(intents) > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_example_is_a_command_or_holds_a_mark_that_rasa_reads_as_an_entity(language: str) -> None:
    lines = [line for lines in training(language).values() for line in lines]
    assert [line for line in lines if line.startswith("/") or set("[]{}") & set(line)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_write_short_and_long(language: str) -> None:
    lengths = Counter(len(line.split()) for lines in training(language).values() for line in lines)
    assert lengths[1] > 100
    assert sum(times for length, times in lengths.items() if length >= 12) > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_sentences_are_many_where_those_of_the_training_are_left_out(language: str) -> None:
    sentences = held_out(language)
    assert set(sentences) == INTENTS
    assert {intent: len(lines) for intent, lines in sentences.items() if len(lines) < 20} == {}
    assert sum(map(len, sentences.values())) > 1000
