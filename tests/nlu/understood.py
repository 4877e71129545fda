"""Run by the engine's own Python in nlu/: reads [[language, text], ...] and says how the model understands each."""

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

import quiet

quiet.environment()
quiet.mute()

from digest import model_path  # noqa: E402
from rasa.core.agent import load_agent  # noqa: E402
from rasa.core.channels.channel import UserMessage  # noqa: E402
from turns import alarmed, harmless  # noqa: E402


async def main() -> None:
    agent = await load_agent(str(model_path()))
    understood, began = [], time.perf_counter()
    for language, text in json.load(sys.stdin):
        message = UserMessage(harmless(text), metadata={"language": language})
        understood.append(await agent.processor.parse_message(message))
    taken = time.perf_counter() - began
    domain = {
        "slots": [slot.name for slot in agent.domain.slots],
        "required": agent.domain.required_slots_for_form("talk"),
        "responses": list(agent.domain.responses),
    }
    intents = [alarmed(one)["name"] for one in understood]
    rankings = [[[guess["name"], guess["confidence"]] for guess in one["intent_ranking"]] for one in understood]
    print(json.dumps({"intents": intents, "rankings": rankings, "seconds": taken, **domain}))


asyncio.run(main())
