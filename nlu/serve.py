"""Start the engine: `python serve.py --port 5005`, with FARO_ENGINE_TOKEN in the environment."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import quiet
from digest import model_path
from questions import HERE

WATCH_SECONDS = 1.0


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", type=Path, help="default: the model of these files")
    parser.add_argument("--parent-pid", type=int, help="end when this process has ended")
    return parser.parse_args()


def main() -> int:
    """Serve until SIGTERM. Exit status 2 if the model is missing or made of other files."""
    given = arguments()
    expected = model_path()
    model = (given.model or expected).resolve()
    if model.name != expected.name or not model.exists():
        print(f"no model of these files: {expected.name} is needed; run train.py", file=sys.stderr)
        return 2
    os.chdir(HERE)
    if given.parent_pid:
        threading.Thread(target=end_with, args=(given.parent_pid,), daemon=True).start()
    serve(model, given.host, given.port)
    return 0


def serve(model: Path, host: str, port: int) -> None:
    """Rasa's own server with one channel, no API, and neither a tracker store nor an action server beside it."""
    quiet.environment()
    quiet.mute()
    from rasa.core import run
    from rasa.core.utils import AvailableEndpoints

    from inprocess import InProcessActions
    from store import TurnStore

    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    endpoints.action = InProcessActions()
    endpoints.tracker_store = TurnStore(None)
    run.serve_application(
        str(model),
        interface=host,
        port=port,
        credentials="credentials.yml",
        endpoints=endpoints,
        enable_api=False,
        server_listeners=[(settle, "after_server_start")],
    )


async def settle(app: Any, loop: Any | None = None) -> None:
    """After the model is loaded: silence again what Rasa configured, understand once so that the first person does not
    wait, and take the loaded model out of the garbage collector's way."""
    from rasa.core.channels.channel import UserMessage

    quiet.mute()
    await app.ctx.agent.processor.parse_message(UserMessage("hola"))
    gc.collect()
    gc.freeze()


def end_with(parent: int) -> None:
    """End this process once `parent` no longer lives."""
    while True:
        try:
            os.kill(parent, 0)
        except ProcessLookupError:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        time.sleep(WATCH_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
