"""Processes forked from one that has read all the code: they are up in a tenth of the processor's time.

They run the same commands, each as a process of its own, and are killed like any other. Only what Python reads anew at
each start, modules and texts, is read once: else a thousand kills measure little but that.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import runpy
import signal
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import forkserver
from pathlib import Path

_KILLED_WITH_PARENT = 1  # PR_SET_PDEATHSIG, <linux/prctl.h>
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["bench.chaos_read"])


class Warm:
    """What a run needs of `subprocess.Popen`, for a command `python -m MODULE …`."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path, log: Path) -> None:
        given = (tuple(command[2:]), dict(environment), str(folder), str(log))
        self._process = _CONTEXT.Process(target=_become, args=given, daemon=True)
        self._process.start()

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def wait(self) -> None:
        self._process.join()


def _end_with_the_run() -> None:
    """The parent ends when nobody holds its pipe any more: only the run shall do so."""
    ctypes.CDLL(None).prctl(_KILLED_WITH_PARENT, signal.SIGKILL)
    if (pipe := forkserver._forkserver._forkserver_alive_fd) is not None:  # type: ignore[attr-defined]
        os.close(pipe)


def _become(arguments: Sequence[str], environment: Mapping[str, str], folder: str, log: str) -> None:
    _end_with_the_run()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    for number in (1, 2):
        os.dup2(out, number)
    sys.argv = list(arguments)
    runpy.run_module(arguments[0], run_name="__main__", alter_sys=True)
