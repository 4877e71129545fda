"""Runs a command that dies with its starter, however the starter dies: `python -I leash.py PARENT COMMAND…`.

Linux sends the signal at the death of the starter, even by SIGKILL (prctl(2), PR_SET_PDEATHSIG); it stays over exec.
SIGKILL, because nothing may linger and each process of ours is safe to kill: what is not committed is done again.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)  # the starter died before the leash was on
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
