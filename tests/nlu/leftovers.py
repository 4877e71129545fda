"""Run by the engine's own Python in nlu/: answers turns that hold a marker, then looks for it in every live object."""

import asyncio
import gc
import json
import secrets
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

import quiet

quiet.environment()
quiet.mute()

from digest import model_path  # noqa: E402
from inprocess import InProcessActions  # noqa: E402
from rasa.core.agent import load_agent  # noqa: E402
from rasa.core.utils import AvailableEndpoints  # noqa: E402
from store import TurnStore  # noqa: E402
from turns import Asked, Turns  # noqa: E402

KNOWN = {"safe": "ready", "age": "adult", "situation": "there", "country": "CO", "consent": "share"}


def request(text: str, slot: str) -> dict[str, object]:
    slots = KNOWN if slot[0] in "QNs" and slot != "safe" else {}
    return {
        "model": None,
        "state": {"slots": slots, "active_loop": "talk", "requested_slot": slot},
        "language": "es",
        "channel": "telegram",
        "message": {"text": text},
    }


def holding(halves: tuple[str, str]) -> list[str]:
    """The types of the objects that hold a text with the marker, other than this function's own."""
    marker = "".join(halves)
    gc.collect()
    found, seen = [], set()
    for container in gc.get_objects():
        for one in (container, *gc.get_referents(container)):
            if isinstance(one, (str, bytes)) and one is not marker and id(one) not in seen:
                seen.add(id(one))
                held = one if isinstance(one, str) else one.decode("latin-1")
                if marker in held:
                    found.append(type(container).__name__)
    return found


async def main() -> None:
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    endpoints.action, endpoints.tracker_store = InProcessActions(), TurnStore(None)
    agent = await load_agent(str(model_path()), endpoints=endpoints)
    door = Turns("token")
    halves = (secrets.token_hex(8), secrets.token_hex(8))
    texts = ("{} me pegan", "no entiendo {}", "me están mirando {}", "¿eres un robot {}?", "{}", "/inform {}")
    replies = []
    for slot in ("safe", "country", "Q3", "Q9", "story", "N2_words"):
        for text in texts:
            replies.append(await door._turn(agent, Asked.read(request(text.format("".join(halves)), slot))))
    kept = json.dumps(replies).count("".join(halves))
    del text, replies
    held = holding(halves)
    control = ["x" + "".join(halves)]
    stores = [agent.tracker_store, agent.tracker_store._tracker_store, agent.lock_store]
    print(
        json.dumps(
            {
                "in_replies": kept,
                "held": held,
                "control": len(holding(halves)) - len(held),
                "fallback_store": agent.tracker_store._fallback_tracker_store is not None,
                "locks": len(getattr(stores[2], "conversation_locks", {})),
                "keys": await stores[1].keys(),
                "control_text": len(control),
            }
        )
    )


asyncio.run(main())
