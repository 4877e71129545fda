"""What a person wrote is gone from the engine when the turn is: from its objects, its files and its log."""

from __future__ import annotations

import json
import secrets
import subprocess
from pathlib import Path

from tests.engine import NLU, PYTHON, Engine, Person, train

STATE = {"slots": {"safe": "ready", "age": "adult"}, "active_loop": "talk", "requested_slot": "situation"}


def test_no_live_object_holds_what_was_written() -> None:
    """In the engine's own process: every object is looked at, and a planted one is found."""
    train()
    harness = Path(__file__).with_name("leftovers.py")
    run = subprocess.run([PYTHON, "-W", "ignore", harness], cwd=NLU, check=True, capture_output=True, timeout=120)
    found = json.loads(run.stdout.splitlines()[-1])
    assert found == {
        "in_replies": 0,
        "held": [],
        "control": 1,
        "fallback_store": False,
        "locks": 0,
        "keys": [],
        "control_text": 1,
    }


def test_no_file_and_no_log_holds_what_was_written(engine: Engine) -> None:
    marker = secrets.token_hex(16)
    for text in (f"estoy viajando {marker}", f"/inform{marker}", f"{marker} me pegan ahora", marker):
        Person(engine, state=dict(STATE)).says(text)
    assert engine.post(f'{{"text": "{marker}"'.encode())[0] == 400
    assert engine.post({"model": marker, "state": None, "message": {"text": marker}})[0] == 400
    tree = [path for path in NLU.rglob("*") if path.is_file() and ".venv" not in path.parts]
    files = [*tree, *(path for path in engine.log.parent.rglob("*") if path.is_file())]
    assert engine.log in files
    assert len(files) > 20
    assert [path for path in files if marker.encode() in path.read_bytes()] == []


def test_the_log_names_no_turn_at_all(engine: Engine) -> None:
    before = engine.log.stat().st_size
    person = Person(engine)
    person.comes()
    person.answers(safe="ready", age="adult")
    assert engine.log.stat().st_size == before


def test_the_state_holds_codes_only(engine: Engine) -> None:
    marker = secrets.token_hex(16)
    person = Person(engine)
    for text in ("hola", "sí puedo", "adulta", "estoy viajando", f"México {marker}", "compartir", f"no {marker}"):
        reply = person.says(f"{text}")
        assert marker not in json.dumps(reply)
    assert len(json.dumps(person.state)) < 400
