"""What the trained model holds and how well it understands sentences that it never saw."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine import NLU, PYTHON, train

HELDOUT = Path(__file__).parent / "heldout"
SENTENCES = [
    (intent, text)
    for language in ("es", "en")
    for intent, texts in yaml.safe_load((HELDOUT / f"{language}.yml").read_text()).items()
    for text in texts
]
QUESTIONS = [entry["id"] for entry in yaml.safe_load((NLU / "questions.yml").read_text())["questions"]]


@pytest.fixture(scope="module")
def model() -> dict[str, Any]:
    train()
    run = subprocess.run(
        [PYTHON, "-W", "ignore", Path(__file__).with_name("understood.py")],
        cwd=NLU, check=True, capture_output=True, timeout=180, input=json.dumps(SENTENCES).encode(),
    )  # fmt: skip
    loaded: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    return loaded


def test_the_trained_domain_holds_every_question(model: dict[str, Any]) -> None:
    """A missing importer is only a warning to Rasa, and the questions would be gone without a word."""
    multi = ["agencies_more", "Q6_what_more", "Q9_more"]
    assert len(QUESTIONS) == 29
    assert sorted(model["required"]) == sorted([*QUESTIONS, *multi])
    assert set(QUESTIONS) <= set(model["slots"])
    assert {f"utter_ask_{question}" for question in [*QUESTIONS, *multi]} <= set(model["responses"])


def test_sentences_that_it_never_saw_are_understood(model: dict[str, Any]) -> None:
    """What is not understood is asked again; what is understood as something else is worse."""
    assert len(SENTENCES) > 1000
    pairs = list(zip((intent for intent, _ in SENTENCES), model["intents"], strict=True))
    right = sum(meant == found for meant, found in pairs)
    wrong = sum(found not in (meant, "nlu_fallback") for meant, found in pairs)
    assert right / len(pairs) > 0.94
    assert wrong / len(pairs) < 0.02


@pytest.mark.parametrize("intent", ["affirm", "deny", "unsure", "danger_now", "self_harm", "watched", "exit"])
def test_what_must_not_be_mistaken_is_hardly_ever(model: dict[str, Any], intent: str) -> None:
    found = Counter(one for (meant, _), one in zip(SENTENCES, model["intents"], strict=True) if meant == intent)
    assert found.total() > 20
    assert found[intent] / found.total() > 0.85
    assert found["deny" if intent == "affirm" else "affirm"] == 0


@pytest.mark.parametrize(
    "command", [["data", "validate", "--fail-on-warnings"], ["test", "core", "--fail-on-prediction-errors"]]
)
def test_rasa_itself_finds_no_fault(command: list[str], tmp_path: Path) -> None:
    train()
    out = ["--out", str(tmp_path), "--stories", "tests"] if command[0] == "test" else []
    run = subprocess.run([NLU / ".venv/bin/rasa", *command, *out], cwd=NLU, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stdout[-1000:]
