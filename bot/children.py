"""Child processes: each on a leash and in a group of its own, started again when it dies, ended to the last one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot import leash, log

GRACE_SECONDS = 10.0  # between SIGTERM and SIGKILL
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # before a dead child is started again
STEADY_SECONDS = 60.0  # one that lived so long starts again after the first pause
TAIL = 20  # lines of a muted child that are kept until it is ready


class Child:
    """One process of ours that is kept running until `stop`."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        environment: Mapping[str, str],
        *,
        muted: bool = False,
        grace: float = GRACE_SECONDS,
    ) -> None:
        """`muted`: what it writes is dropped, since a library in it may print words; only its last lines before
        `ready` are kept, for the operator."""
        self.name = name
        self.ready = False
        self.failures = 0  # deaths before `ready`
        self.tail: deque[str] = deque(maxlen=TAIL)
        self._command = command
        self._environment = environment
        self._muted = muted
        self._grace = grace
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep(), name=self.name)

    async def stop(self) -> None:
        """Ends the process and all that it started. A second call does nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _keep(self) -> None:
        pause = FIRST_PAUSE
        while True:
            begun = time.monotonic()
            code = await self._once()
            log.event("child_ended", child=self.name, status=code)
            self.failures += not self.ready
            if time.monotonic() - begun > STEADY_SECONDS:
                pause = FIRST_PAUSE
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    async def _once(self) -> int:
        process = await launch(self._command, self._environment, stderr=PIPE if self._muted else None)
        try:
            if process.stderr:
                await self._drain(process.stderr)
            return await process.wait()
        finally:
            await end(process, self._grace)

    async def _drain(self, stream: asyncio.StreamReader) -> None:
        while chunk := await stream.read(65536):
            if not self.ready:
                self.tail.extend(chunk.decode(errors="replace").splitlines())


async def launch(
    command: Sequence[str | Path], environment: Mapping[str, str], *, stdin: int = DEVNULL, stdout: int | None = None,
    stderr: int | None = None, cwd: Path | None = None,
) -> Process:  # fmt: skip
    """Starts a command on the leash. Output goes to our stderr unless said otherwise."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", leash.__file__, str(os.getpid()), *map(str, command)),
        stdin=stdin,
        stdout=sys.stderr.fileno() if stdout is None else stdout,
        stderr=stderr,
        env=dict(environment),
        cwd=cwd,
        start_new_session=True,
    )


async def end(process: Process, grace: float = GRACE_SECONDS) -> None:
    """SIGTERM to the group, then SIGKILL to what is left of it."""
    if process.returncode is None:
        _signal(process.pid, signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), grace)
    _signal(process.pid, signal.SIGKILL)
    await process.wait()


def _signal(group: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):  # the group has ended
        os.killpg(group, number)
