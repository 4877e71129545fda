"""A real engine for tests: the trained model of the tree, served by nlu/serve.py, and a person who talks to it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NLU = Path(__file__).parents[1] / "nlu"
PYTHON = NLU / ".venv" / "bin" / "python"
TRAIN_SECONDS = 900
START_SECONDS = 90


@dataclass(frozen=True)
class Engine:
    """A running engine. `log`: the file that holds all it wrote."""

    url: str
    token: str
    pid: int
    log: Path

    def get(self, path: str) -> tuple[int, Any]:
        return self._send(urllib.request.Request(f"{self.url}{path}"))

    def post(self, body: Any, token: str | None = None) -> tuple[int, Any]:
        """POST a turn; `body` as JSON, or as it is if it is bytes."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        return self._send(urllib.request.Request(f"{self.url}/webhooks/turns/turn", data, headers))

    @staticmethod
    def _send(request: urllib.request.Request) -> tuple[int, Any]:
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            with error:
                text = error.read().decode()
            return error.code, json.loads(text) if text.startswith("{") else text


@dataclass
class Person:
    """One conversation. What a person would keep is the state; every call is one message and returns the reply."""

    engine: Engine
    language: str = "es"
    channel: str = "telegram"
    state: dict[str, Any] | None = None
    seen: list[dict[str, Any]] = field(default_factory=list)

    def says(self, text: str) -> dict[str, Any]:
        return self._send({"text": text})

    def picks(self, *codes: str) -> dict[str, Any]:
        return self._send({"choice": list(codes)})

    def comes(self, intent: str = "start") -> dict[str, Any]:
        return self._send({"intent": intent})

    def answers(self, **answers: str | list[str]) -> dict[str, Any]:
        """Answer the questions by name, each of which must be the open one."""
        for question, codes in answers.items():
            assert self.asked == question, f"{self.asked} is open, not {question}"
            self.picks(*([codes] if isinstance(codes, str) else codes))
        return self.seen[-1]

    @property
    def asked(self) -> str | None:
        """The open question."""
        return None if self.state is None else self.state["requested_slot"]

    @property
    def slots(self) -> dict[str, Any]:
        return {} if self.state is None else self.state["slots"]

    def _send(self, message: Mapping[str, Any]) -> dict[str, Any]:
        request = {"model": None, "state": self.state, "language": self.language, "channel": self.channel}
        status, reply = self.engine.post({**request, "message": message})
        assert status == 200, (status, reply)
        self.state = reply["state"]
        self.seen.append(reply)
        return reply


def keys(reply: Mapping[str, Any]) -> list[str]:
    """What was said, by key; effects by name."""
    return [one.get("key") or one["effect"] for one in reply["replies"]]


def effects(reply: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in reply["replies"] if "effect" in one]


def train() -> None:
    """Train the model of the tree; nothing to do if it is there."""
    subprocess.run([PYTHON, "train.py"], cwd=NLU, check=True, timeout=TRAIN_SECONDS, capture_output=True)


@contextmanager
def serving(folder: Path, token: str = "") -> Iterator[Engine]:
    """An engine of its own, ready. Its output goes to `folder`; it ends with the block. `token`: default a new one."""
    train()
    token, port, log = token or secrets.token_urlsafe(), free_port(), folder / "engine.log"
    command = [PYTHON, "serve.py", "--port", str(port), "--parent-pid", str(os.getpid())]
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), "TMPDIR": str(folder), "FARO_ENGINE_TOKEN": token}
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=NLU, env=environment, stdout=output, stderr=subprocess.STDOUT)
    engine = Engine(f"http://127.0.0.1:{port}", token, process.pid, log)
    try:
        wait_ready(engine, process)
        yield engine
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_ready(engine: Engine, process: subprocess.Popen[bytes]) -> None:
    """Raises AssertionError if the engine ends or is not ready in time."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, engine.log.read_text(errors="replace")[-2000:]
        try:
            if engine.get("/webhooks/turns/health")[1]["ready"]:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the engine is not ready")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
