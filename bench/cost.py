"""Processor time and memory by part of the system, read from /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PARTS = ("gateway", "worker", "engine", "postgresql", "driver and platform", "stock rasa")
TICKS = os.sysconf("SC_CLK_TCK")
UTIME, CHILDREN_STIME = 11, 14  # in /proc/PID/stat after the name (proc(5)): utime stime cutime cstime


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of processor time since the processes began; `machine`: of all processes of the machine; `at`: when."""

    at: float
    parts: Mapping[str, float]
    machine: float

    def since(self, before: Spent) -> Spent:
        """Between two readings; `at` is then their distance."""
        parts = {part: self.parts[part] - before.parts[part] for part in PARTS}
        return Spent(self.at - before.at, parts, self.machine - before.machine)

    @property
    def others(self) -> float:
        """Share of the machine, 0 to 1, that processes took which are not ours."""
        mine = sum(self.parts.values())
        return max(0.0, self.machine - mine) / (self.at * (os.cpu_count() or 1))


def spent(data: Path) -> Spent:
    """`data`: the folder whose PostgreSQL is ours."""
    parts = dict.fromkeys(PARTS, 0.0)
    for part, pid in _ours(data):
        parts[part] += _seconds(pid)
    return Spent(time.monotonic(), parts, _machine())


def resident(data: Path) -> dict[str, float]:
    """MB by part. What processes of one part share (libraries, PostgreSQL's buffers) counts once."""
    own, shared = dict.fromkeys(PARTS, 0.0), dict.fromkeys(PARTS, 0.0)
    for part, pid in _ours(data):
        alone, common = memory(pid)
        own[part] += alone
        shared[part] = max(shared[part], common)
    return {part: own[part] + shared[part] for part in PARTS}


def memory(pid: int) -> tuple[float, float]:
    """MB of a process that are its own, and MB that others may share (proc_pid_status(5)); zero once it has ended."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0, 0.0
    sizes = {name: int(value.split()[0]) / 1024 for name, _, value in (each.partition(":") for each in lines)
             if name in ("RssAnon", "RssFile", "RssShmem")}  # fmt: skip
    return sizes.get("RssAnon", 0.0), sizes.get("RssFile", 0.0) + sizes.get("RssShmem", 0.0)


def _ours(data: Path) -> Iterator[tuple[str, int]]:
    postmaster = int((data / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        try:
            parent, command = int(_stat(pid)[1]), (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if pid == os.getpid():
            yield "driver and platform", pid
        elif postmaster in (pid, parent):
            yield "postgresql", pid
        elif parent == os.getpid() and (part := _part(command)):
            yield part, pid


def _part(command: bytes) -> str | None:
    if b"stock_rasa.py" in command:
        return "stock rasa"
    if b"serve.py" in command:
        return "engine"
    return next((part for part in ("gateway", "worker") if command.rstrip(b"\0").endswith(part.encode())), None)


def _seconds(pid: int) -> float:
    """With its ended children: a connection of PostgreSQL is a process that may have ended meanwhile."""
    try:
        return sum(int(value) for value in _stat(pid)[UTIME : CHILDREN_STIME + 1]) / TICKS
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _stat(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _machine() -> float:
    user, nice, system, _, _, *rest = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    return (int(user) + int(nice) + int(system) + sum(int(each) for each in rest)) / TICKS
