"""Namespaces: a network without any device, and a file system that holds what was put there and nothing else."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable
from pathlib import Path

from bot.box import kernel

TEMPORARY = Path("/box")  # a file system of its own, in memory; no folder of the things that are shown lies in it
TEMPORARY_SIZE = "size=512m,mode=777"

MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE, SEALED = -100, 0x8000, 0b111  # read-only, no set-user-id, no devices


def leave(*, with_user: bool) -> None:
    """Into namespaces of our own: mounts, network, shared memory, host name. `with_user`: and rights of our own, for
    those who have none; in there they have all. Raises `OSError`."""
    kernel.number("unshare")
    uid, gid = os.getuid(), os.getgid()
    alone = os.CLONE_NEWNS | os.CLONE_NEWNET | os.CLONE_NEWIPC | os.CLONE_NEWUTS
    os.unshare(alone | (os.CLONE_NEWUSER if with_user else 0))
    if with_user:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")


def furnish(room: Path, things: Iterable[Path], devices: Iterable[Path]) -> None:
    """Makes `room`, a folder, the root of all files: `things` are seen in it at their own places, to read, and beside
    them `TEMPORARY`, to write. Raises `OSError`, and then everything is as it was."""
    kernel.mount("none", "/", "", MS_REC | MS_PRIVATE)
    kernel.mount("box", str(room), "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    try:
        os.chdir(room)
        os.umask(0o022)  # another account passes through the folders that are made here
        _fill(sorted(set(things)), sorted(set(devices)))
        kernel.call("pivot_root", b".", b".")
    except OSError:
        os.chdir("/")
        kernel.call("umount2", os.fsencode(room) + b"\0", MNT_DETACH)
        raise
    kernel.call("umount2", b".", MNT_DETACH)
    os.chdir("/")
    os.umask(0o077)


def _fill(things: list[Path], devices: list[Path]) -> None:
    for path in [path for path in things if _outermost(path, things)]:
        _show(path)
    for path in devices:
        _place(path)
    _inside(TEMPORARY).mkdir()
    kernel.call("mount_setattr", AT_FDCWD, b".", AT_RECURSIVE, struct.pack("QQQQ", SEALED, 0, 0, 0), 32)
    for path in devices:
        kernel.mount(str(path), str(_inside(path)), "", MS_BIND)
    kernel.mount("box", str(_inside(TEMPORARY)), "tmpfs", MS_NOSUID | MS_NODEV, TEMPORARY_SIZE)


def _outermost(path: Path, things: list[Path]) -> bool:
    return not any(parent in things for parent in path.parents)


def _show(path: Path) -> None:
    _place(path)
    kernel.mount(str(path), str(_inside(path)), "", MS_BIND | MS_REC)


def _place(path: Path) -> None:
    """A name to mount on."""
    inside = _inside(path)
    inside.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        inside.mkdir(exist_ok=True)
    else:
        inside.touch()


def _inside(path: Path) -> Path:
    return Path(*path.parts[1:])
