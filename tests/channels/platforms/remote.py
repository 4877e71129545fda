"""A platform as a process of its own, whose telephones are used over HTTP, by hand or by a benchmark:

    curl -d '["hola"]' http://127.0.0.1:8081/phones/50000000/say      {"status": 200}, which the door answered
    curl http://127.0.0.1:8081/phones/50000000/expect?n=2            [{"text": …, "buttons": […]}, …], the next two

Faro is pointed at it by the address of its API,
the example tokens of `telegram.py` or `twilio.py`, this address, and FARO_PUBLIC_URL=https://faro.example.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import unquote

from tests.channels.platforms.phone import Phone, Post
from tests.channels.platforms.server import Call, Loopback, Reply, json_reply

VERBS = ("start", "say", "tap", "place", "repeat")


def main(make: Callable[[], Loopback], phone_of: Callable[[Loopback, str], Phone]) -> None:
    """Runs until it is interrupted; the first line printed is the platform's address."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--door", default="http://127.0.0.1:8000", help="the public door that webhooks are posted to")
    given = options.parse_args()
    asyncio.run(_serve(make(), phone_of, given.port, given.door))


async def _serve(platform: Loopback, phone_of: Callable[[Loopback, str], Phone], port: int, door: str) -> None:
    platform.keep_calls = False
    platform.gate = Post(door)
    answer = platform.answer

    async def routed(call: Call) -> Reply:
        if not call.path.startswith("/phones/"):
            return await answer(call)
        name, _, verb = call.path.removeprefix("/phones/").rpartition("/")
        return await _use(phone_of(platform, unquote(name)), verb, call)

    platform.answer = routed
    await platform.start(port)
    print(platform.url, flush=True)
    await asyncio.Event().wait()


async def _use(phone: Phone, verb: str, call: Call) -> Reply:
    if verb == "expect":
        given = call.arguments
        try:
            seen = await phone.expect(int(given.get("n", "1")), float(given.get("timeout", "10")))
        except TimeoutError:
            return json_reply([], 504)
        return json_reply([asdict(one) for one in seen])
    if verb == "screen":
        return json_reply(phone.screen)
    if verb not in VERBS or not hasattr(phone, verb):
        return json_reply({"verbs": [*VERBS, "expect", "screen"]}, 404)
    return json_reply({"status": await getattr(phone, verb)(*(call.json if call.body else []))})
