"""Run by the engine's own Python in nlu/: reads [[intent, text], ...] and says how the model understands each."""

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

import quiet

quiet.environment()
quiet.mute()

from digest import model_path  # noqa: E402
from rasa.core.agent import load_agent  # noqa: E402
from rasa.core.channels.channel import UserMessage  # noqa: E402
from turns import harmless  # noqa: E402


async def main() -> None:
    agent = await load_agent(str(model_path()))
    asked = json.load(sys.stdin)
    parsed = [(await agent.processor.parse_message(UserMessage(harmless(text))))["intent"] for _, text in asked]
    slots = [slot.name for slot in agent.domain.slots]
    domain = {"slots": slots, "required": agent.domain.required_slots_for_form("talk")}
    print(json.dumps({"intents": [one["name"] for one in parsed], **domain, "responses": list(agent.domain.responses)}))


asyncio.run(main())
