"""What the trained model holds, and what Rasa itself says of the files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.engine import NLU, train
from tests.nlu.measure import model

QUESTIONS = [entry["id"] for entry in yaml.safe_load((NLU / "questions.yml").read_text())["questions"]]


def test_the_trained_domain_holds_every_question() -> None:
    """A missing importer is only a warning to Rasa, and the questions would be gone without a word."""
    multi = ["agencies_more", "Q6_what_more", "Q9_more"]
    loaded = model()
    assert len(QUESTIONS) == 29
    assert sorted(loaded["required"]) == sorted([*QUESTIONS, *multi])
    assert set(QUESTIONS) <= set(loaded["slots"])
    assert {f"utter_ask_{question}" for question in [*QUESTIONS, *multi]} <= set(loaded["responses"])


@pytest.mark.parametrize(
    "command", [["data", "validate", "--fail-on-warnings"], ["test", "core", "--fail-on-prediction-errors"]]
)
def test_rasa_itself_finds_no_fault(command: list[str], tmp_path: Path) -> None:
    train()
    out = ["--out", str(tmp_path), "--stories", "tests"] if command[0] == "test" else []
    run = subprocess.run([NLU / ".venv/bin/rasa", *command, *out], cwd=NLU, capture_output=True, text=True, timeout=240)
    assert run.returncode == 0, run.stdout[-1000:]
