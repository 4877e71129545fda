"""Landlock: from now on this process opens no file but those named, and reaches no TCP port (kernel: landlock.rst)."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Mapping
from pathlib import Path

from bot.box import kernel

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
READ, RUN = READ_FILE | READ_DIR, READ_FILE | EXECUTE
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
# Rights that a version of the kernel's interface knows; those that nothing is allowed to use are forbidden everywhere.
RIGHTS: tuple[int, ...] = (0, (1 << 13) - 1, (1 << 14) - 1, (1 << 15) - 1, (1 << 15) - 1, (1 << 16) - 1)
TCP_FROM, TCP = 4, 0b11  # bind and connect
SCOPES_FROM, SCOPES = 6, 0b11  # abstract sockets and signals of processes outside
ASK_VERSION, BENEATH = 1, 1


def version() -> int:
    """Of the interface, 1 or more. Raises `OSError` where there is none."""
    return kernel.call("landlock_create_ruleset", None, 0, ASK_VERSION)


def everything() -> int:
    """All rights to files that this kernel can take away."""
    return RIGHTS[min(version(), len(RIGHTS) - 1)]


def restrict(allowed: Mapping[Path, int]) -> None:
    """`allowed`: path -> rights to it and to what lies beneath. It can't be undone. Raises `OSError`."""
    known, current = everything(), version()
    attributes = struct.pack("QQQ", known, TCP if current >= TCP_FROM else 0, SCOPES if current >= SCOPES_FROM else 0)
    rules = kernel.call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for path, rights in allowed.items():
            _allow(rules, path, rights & known)
        kernel.call("landlock_restrict_self", rules, 0)
    finally:
        os.close(rules)


def _allow(rules: int, path: Path, rights: int) -> None:
    opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        possible = rights if stat.S_ISDIR(os.fstat(opened).st_mode) else rights & OF_FILES
        kernel.call("landlock_add_rule", rules, BENEATH, struct.pack("=Qi", possible, opened), 0)
    finally:
        os.close(opened)
