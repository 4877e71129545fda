"""Whom the engine runs as: nobody that owns anything, without capabilities, and without a way to new ones."""

from __future__ import annotations

import errno
import os
import pwd
import resource
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from bot.box import kernel

# Debian's policy leaves these numbers to nobody: 9.2.2, "65000-65533: reserved".
RESERVED = range(65001, 65533)
MAY_READ, MAY_PASS = 0o004, 0o001  # of all others
MOST_CAPABILITIES = 64


def pinned() -> None:
    """No new privileges by any program, and no dump of memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)


def another_account(things: Iterable[Path], way: Iterable[Path], room: Path) -> None:
    """When started as root: becomes an account that is nobody's, which owns `room` alone.

    It passes through the folders of `way`, and may not list or read them, as the database's account may
    (storage/embedded.py). Raises `OSError` if it could not read `things`.
    """
    kernel.number("mount")  # not on another system
    if any(not path.stat().st_mode & MAY_READ for path in things):
        raise OSError(errno.EACCES, "the engine's files are readable by root alone")
    for parent in set(way):
        if not (mode := parent.stat().st_mode) & MAY_PASS:
            parent.chmod(mode | MAY_PASS)
    account = _free()
    _unbound()
    with suppress(FileNotFoundError):  # it lies outside of the new walls
        os.chown(room, account, account)
    os.setgroups([])
    os.setresgid(account, account, account)
    os.setresuid(account, account, account)


def without_capabilities() -> None:
    """Gives up every capability, for good. Raises `OSError`."""
    _unbound()
    kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.AMBIENT_CLEAR)
    kernel.capset(bytes(24))


def _unbound() -> None:
    """No program that is run later can have a capability, whatever its file says."""
    for capability in range(MOST_CAPABILITIES):
        with suppress(OSError):  # beyond the last that this kernel knows, or we had none
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)


def leashed(parent: int) -> None:
    """Dies with its starter; once more, since the kernel forgets it when the account changes (prctl(2))."""
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise SystemExit(1)  # the starter died before the leash was on again


def _free() -> int:
    taken = {entry.pw_uid for entry in pwd.getpwall()}
    return next(number for number in RESERVED if number not in taken)
