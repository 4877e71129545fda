"""Stock Rasa 3.6.21 on the same model and the same PostgreSQL: its own server, Twilio connector and SQL tracker store.

As its manual has it: actions in an action server of its own. One server process takes one message at a time, so several
run side by side, as many as Faro has engines; a person stays with one. Rasa allows several workers of one server only
with Redis for its locks.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
import psycopg
import yaml

from bench.client import Client
from bench.people import Act, NoReply
from bench.ports import free_ports
from bench.screens import Screens, shipped
from bench.whatsapp import FORM, Twilio
from bot import engines
from bot.children import Child
from storage.database import libpq_url
from tests.channels.platforms.twilio import ACCOUNT, AUTH_TOKEN, WHATSAPP

SCRIPT = Path(__file__).parent / "nlu" / "stock_rasa.py"
DRIVER = Path(__file__).parent.parent / ".tools" / "bench"  # its PostgreSQL driver, by `./run`; our engine needs none
READY_SECONDS = 90.0
PATIENCE = 90.0  # seconds; what it takes for a long conversation is what is measured
WEBHOOK = "/webhooks/twilio/webhook"
# It makes a message of each button: "1: Sí (/inform{"choice": "yes"}) - {...}".
_BUTTON = re.compile(r'^\d+: (.*) \(/inform\{"choice": "(\w+)"\}\)')


@dataclass(frozen=True, slots=True)
class Stock:
    """What runs, and the people's way to it."""

    twilio: Twilio
    doors: Sequence[Client]
    places: itertools.count[int]

    def talk(self, number: int, language: str) -> StockTalk:
        talk = StockTalk(self.twilio.number(), self.doors[next(self.places) % len(self.doors)])
        self.twilio.phones[talk.address] = talk
        return talk


class StockTalk:
    """See `bench.people.Talk`. It speaks Spanish to everybody, its model's first language."""

    def __init__(self, address: str, door: Client) -> None:
        self.address, self.open, self.offered = address, "", list[tuple[str, str]]()
        self._door, self._said = door, list[str]()
        self._screens: Screens = shipped()

    async def take(self, act: Act) -> None:
        """Its webhook is answered once everything has been sent."""
        self._said.clear()
        form = urlencode({"From": self.address, "To": WHATSAPP, "Body": self._body(act)}).encode()
        async with asyncio.timeout(PATIENCE):
            status, _ = await self._door.post(WEBHOOK, form)
        if status != 204 or not self._said:
            raise NoReply(str(status))
        buttons = [match for text in self._said if (match := _BUTTON.match(text))]
        self.offered = [(match[2], match[1]) for match in buttons]
        self.open = self._screens.question("es", "\n\n".join(self._said))

    def receive(self, text: str, buttons: list[tuple[str, str]]) -> None:
        self._said.append(text)

    def _body(self, act: Act) -> str:
        match act.kind:
            case "start":
                return "/greet"
            case "tap":
                return f'/inform{{"choice": "{act.value}"}}'
            case "outdated" | "edit":
                return "/resume"
        return act.value


@asynccontextmanager
async def running(number: int, data: Path, database_url: str, twilio: Twilio) -> AsyncIterator[Stock]:
    """So many servers, ready; ended with the block. `data`: a folder for their settings."""
    ports = free_ports(number + 1)
    folder = data / "stock"
    folder.mkdir(exist_ok=True)
    await asyncio.to_thread(_settings, folder, database_url, ports[0])
    model = engines.NLU / "models" / f"faro-{(await engines.digest() or '')[:16]}.tar.gz"
    files = ["--endpoints", folder / "endpoints.yml", "--credentials", folder / "credentials.yml"]
    serve = ["run", "--model", model, *files, "--interface", "127.0.0.1"]
    commands = [["run", "actions", "--port", str(ports[0])], *([*serve, "--port", str(port)] for port in ports[1:])]
    async with AsyncExitStack() as house:
        for place, command in enumerate(commands):
            child = Child(f"stock-{place}", [engines.PYTHON, SCRIPT, twilio.url, *command], _environment(), muted=True)
            house.push_async_callback(child.stop)
            child.start()
        await _ready([f"http://127.0.0.1:{ports[0]}/health", *(f"http://127.0.0.1:{port}/" for port in ports[1:])])
        doors = [Client(f"http://127.0.0.1:{port}", FORM) for port in ports[1:]]
        for door in doors:
            house.callback(door.close)
        yield Stock(twilio, doors, itertools.count())


def _settings(folder: Path, database_url: str, actions: int) -> None:
    url = libpq_url(database_url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE stock")
    endpoints = {
        "action_endpoint": {"url": f"http://127.0.0.1:{actions}/webhook", "enable_selective_domain": True},
        "nlg": {"type": "speech.Speech"},
        "tracker_store": {"type": "SQL", "dialect": "postgresql", "url": url.replace("/postgres?", "/stock?")},
    }
    account = {"account_sid": ACCOUNT, "auth_token": AUTH_TOKEN, "twilio_number": WHATSAPP}
    (folder / "endpoints.yml").write_text(yaml.safe_dump(endpoints))
    (folder / "credentials.yml").write_text(yaml.safe_dump({"twilio": account}))


def _environment() -> dict[str, str]:
    """What our engine has too (`nlu/quiet.py`), and the driver."""
    inherited = {name: os.environ[name] for name in engines.INHERITED if name in os.environ}
    quiet = {"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1",
             "SQLALCHEMY_SILENCE_UBER_WARNING": "1", "OMP_NUM_THREADS": "1"}  # fmt: skip
    return {**inherited, **quiet, "PYTHONPATH": str(DRIVER), "PYTHONWARNINGS": "ignore"}


async def _ready(urls: Sequence[str]) -> None:
    """Raises `TimeoutError`."""
    async with asyncio.timeout(READY_SECONDS), aiohttp.ClientSession() as session:
        for url in urls:
            while not await _answers(session, url):  # noqa: ASYNC110  another process loads its model
                await asyncio.sleep(0.5)


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as answer:
            return answer.status == 200
    except aiohttp.ClientError:
        return False
