"""Start the engine: `python serve.py --port 5005`, with FARO_ENGINE_TOKEN in the environment.

In its box (`bot/box`) it is handed its socket and its token as open files, so that it needs neither a network nor a
secret in its environment: `python serve.py --socket-fd 3 --token-fd 4`.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import quiet
from digest import model_path
from questions import HERE

WATCH_SECONDS = 1.0
TOKEN_BYTES = 4096
PR_SET_DUMPABLE = 4


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--socket-fd", type=int, help="a bound socket that was handed over, instead of host and port")
    parser.add_argument("--token-fd", type=int, help="where the token is read, instead of the environment")
    parser.add_argument("--of", help="read by nobody but whoever looks at the list of processes: whose engine this is")
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
    close_to_others()
    if given.token_fd is not None:
        os.environ["FARO_ENGINE_TOKEN"] = os.read(given.token_fd, TOKEN_BYTES).decode()
        os.close(given.token_fd)
    if given.parent_pid:
        threading.Thread(target=end_with, args=(given.parent_pid,), daemon=True).start()
    if given.socket_fd is not None:
        serve(model, {"sock": socket.socket(fileno=given.socket_fd)})
    else:
        serve(model, {"host": given.host, "port": given.port})
    return 0


def close_to_others() -> None:
    """No process of the same account may look into this one's memory, and no dump of it is written (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0)


def serve(model: Path, place: dict[str, Any]) -> None:
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
    # What `run.serve_application` does, which knows no socket that is handed over.
    app = run.configure_app(
        run.create_http_input_channels(None, "credentials.yml"),
        enable_api=False,
        endpoints=endpoints,
        server_listeners=[
            (partial(run.load_agent_on_start, str(model), endpoints, None), "before_server_start"),
            (settle, "after_server_start"),
            (run.close_resources, "after_server_stop"),
        ],
    )
    app.run(**place, access_log=False, motd=False)


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
