"""The engine starts with a model of its own files and a token; it ends when told to or when its parent is gone."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.engine import NLU, PYTHON, free_port, serving, train

PARENT = """
import os, subprocess, sys, time
command = [sys.argv[1], "serve.py", "--port", sys.argv[2], "--parent-pid", str(os.getpid())]
child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(child.pid, flush=True)
time.sleep(60)
"""


def lives(pid: int) -> bool:
    """False for a process that is gone, or that only waits to be counted."""
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_it_is_ready_when_health_answers_and_ends_on_sigterm(tmp_path: Path) -> None:
    with serving(tmp_path) as engine:
        assert engine.get("/webhooks/turns/health")[0] == 200
    assert not lives(engine.pid)


def test_it_ends_when_its_parent_is_gone() -> None:
    train()
    environment = {**os.environ, "FARO_ENGINE_TOKEN": "token"}
    command = [sys.executable, "-c", PARENT, str(PYTHON), str(free_port())]
    with subprocess.Popen(command, cwd=NLU, env=environment, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert lives(child)
        parent.kill()
    end = time.monotonic() + 30
    while lives(child) and time.monotonic() < end:
        time.sleep(0.1)
    assert not lives(child)


def test_without_a_token_it_does_not_start() -> None:
    train()
    environment = {name: value for name, value in os.environ.items() if name != "FARO_ENGINE_TOKEN"}
    run = subprocess.run(
        [PYTHON, "-W", "ignore", "serve.py", "--port", str(free_port())],
        cwd=NLU, env=environment, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert run.returncode != 0
    assert "FARO_ENGINE_TOKEN is not set" in run.stderr


@pytest.mark.parametrize("name", ["faro-0000000000000000.tar.gz", "missing.tar.gz"])
def test_a_model_of_other_files_is_refused(tmp_path: Path, name: str) -> None:
    train()
    if name.startswith("faro"):
        shutil.copy(next((NLU / "models").glob("faro-*.tar.gz")), tmp_path / name)
    command = [PYTHON, "serve.py", "--port", str(free_port()), "--model", tmp_path / name]
    run = subprocess.run(command, cwd=NLU, capture_output=True, text=True, timeout=60)
    assert run.returncode == 2
    assert "run train.py" in run.stderr


def test_a_model_that_is_there_is_not_trained_again() -> None:
    train()
    began = time.monotonic()
    run = subprocess.run([PYTHON, "train.py"], cwd=NLU, capture_output=True, text=True, timeout=60, check=True)
    assert "up to date" in run.stdout
    assert time.monotonic() - began < 10
    assert len(list((NLU / "models").glob("faro-*.tar.gz"))) <= 3
