"""How people write: enough training examples for every intent, and held-out sentences that training never saw."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.texts import DATA, plain

LANGUAGES = ("es", "en")
HELD_OUT = DATA.parents[1] / "tests" / "nlu" / "heldout"
OFTEN = {"affirm", "deny", "unsure", "skip", "inform", "danger_now", "watched", "exit", "disclosure"}  # 100 at least
INTENTS = OFTEN | {
    *("greet", "thanks", "self_harm", "pause", "resume", "human", "withdraw", "switch_language", "off_topic"),
    *("ask_machine", "ask_privacy", "ask_cost", "ask_rights", "ask_delete", "ask_what", "ask_repeat"),
}


@cache
def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def training(language: str) -> dict[str, list[str]]:
    entries = read(DATA / language / "nlu.yml")["nlu"]
    return {entry["intent"]: [line.removeprefix("- ") for line in entry["examples"].splitlines()] for entry in entries}


def held_out(language: str) -> dict[str, list[str]]:
    value = read(HELD_OUT / f"{language}.yml")
    assert isinstance(value, dict)
    return value


def bare(text: str) -> str:
    return plain(text) or text  # of emoji alone nothing is left


def test_there_are_25_intents() -> None:
    assert len(INTENTS) == 25


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
    few = {intent: len(lines) for intent, lines in examples.items() if len(lines) < (100 if intent in OFTEN else 40)}
    assert few == {}
    twice = Counter(line for lines in examples.values() for line in lines)
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
    lines = [line for lines in (training(language) | {"held": []}).values() for line in lines]
    assert [line for line in lines if line.startswith("/") or set("[]{}") & set(line)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_held_out_sentences_are_many_and_in_no_training_data(language: str) -> None:
    sentences = held_out(language)
    assert set(sentences) == INTENTS
    assert {intent: len(lines) for intent, lines in sentences.items() if len(lines) < 25} == {}
    seen = {bare(line) for code in LANGUAGES for lines in training(code).values() for line in lines}
    assert [line for lines in sentences.values() for line in lines if bare(line) in seen] == []
