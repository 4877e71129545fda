"""How long `./run` takes to be ready when it ran before, and how much memory its processes hold then."""

from __future__ import annotations

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.cost import memory
from bot import running
from bot.children import end, launch
from bot.progress import say

ROOT = Path(__file__).parent.parent
PATIENCE = 240.0  # seconds
# Nothing of a person's own `.env`: the default start, in practice mode.
PLAIN = ("FARO_DATABASE_URL", "FARO_ENGINE_URLS", "FARO_TELEGRAM_TOKEN", "FARO_WHATSAPP_SENDER", "FARO_SMS_SENDER",
         "FARO_TWILIO_ACCOUNT_SID", "FARO_TWILIO_AUTH_TOKEN", "FARO_ROSTER_KEYS")  # fmt: skip


async def second_start() -> dict[str, Any]:
    """Seconds of the first start in an empty folder and of the second, and MB of the second once it is ready."""
    say("the whole default start, twice …")
    with TemporaryDirectory(prefix="faro-start-") as folder:
        data = Path(folder)
        first, _ = await _start(data)
        second, held = await _start(data)
    return {"first_seconds": first, "seconds": second, "memory_mb": held, "all_mb": sum(held.values())}


async def _start(data: Path) -> tuple[float, dict[str, float]]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("FARO_")}
    environment = {**plain, **dict.fromkeys(PLAIN, ""), "FARO_DATA_DIR": str(data), "FARO_PORT": "0",
                   "FARO_CONSOLE_PORT": "0"}  # fmt: skip
    begun = time.monotonic()
    process = await launch([ROOT / "run"], environment, stdout=DEVNULL, stderr=DEVNULL, cwd=ROOT)
    try:
        async with asyncio.timeout(PATIENCE):
            while running.find(data) is None:  # announced once all is ready
                await asyncio.sleep(0.1)
                if process.returncode is not None:
                    raise RuntimeError(f"./run ended with status {process.returncode}")
        took = time.monotonic() - begun
        await asyncio.sleep(2)
        return took, _held(process, data)
    finally:
        await end(process, grace=30)


def _held(process: Process, data: Path) -> dict[str, float]:
    """MB of its own of each process; what they share is counted once for all that run one program."""
    found, shared = dict[str, float](), dict[str, float]()
    server = int((data / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])  # nobody's child
    for pid in (*_below(process.pid), *_below(server)):
        name, (own, common) = _name(pid), memory(pid)
        found[name] = found.get(name, 0.0) + own
        shared[name] = max(shared.get(name, 0.0), common)
    return {name: value + shared[name] for name, value in found.items() if value + shared[name] >= 1}


def _below(root: int) -> Iterator[int]:
    """The process and all that come from it."""
    yield root
    for children in Path(f"/proc/{root}/task").glob("*/children"):
        for pid in children.read_text().split():
            yield from _below(int(pid))


def _name(pid: int) -> str:
    command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    known = {"serve.py": "engine", "bot.cli gateway": "gateway", "bot.cli worker": "worker", "postgres": "postgresql",
             "bot.cli": "starter"}  # fmt: skip
    return next((name for part, name in known.items() if part in command), "others")
