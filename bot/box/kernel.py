"""Calls to the Linux kernel that Python's library does not have. Each raises `OSError`, also on another system."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import sys
from collections.abc import Mapping

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_CAP_AMBIENT, AMBIENT_CLEAR = 22, 24, 47, 4

# Numbers of system calls differ between processors, but for those from 424 on (kernel: scripts/syscall.tbl).
NEW: Mapping[str, int] = {
    "pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427, "open_tree": 428,
    "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "pidfd_open": 434, "clone3": 435,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "landlock_create_ruleset": 444,
    "landlock_add_rule": 445, "landlock_restrict_self": 446,
}  # fmt: skip
OLD: Mapping[str, tuple[int, int]] = {  # x86_64, aarch64
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "clone": (56, 220), "kill": (62, 129),
    "ptrace": (101, 117), "rt_sigqueueinfo": (129, 138), "pivot_root": (155, 41), "chroot": (161, 51),
    "mount": (165, 40), "umount2": (166, 39), "init_module": (175, 105), "delete_module": (176, 106),
    "tkill": (200, 130), "tgkill": (234, 131), "kexec_load": (246, 104), "add_key": (248, 217),
    "request_key": (249, 218), "keyctl": (250, 219), "unshare": (272, 97), "rt_tgsigqueueinfo": (297, 240),
    "perf_event_open": (298, 241), "open_by_handle_at": (304, 265), "setns": (308, 268),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272), "finit_module": (313, 273),
    "bpf": (321, 280), "userfaultfd": (323, 282),
}  # fmt: skip
MACHINES = ("x86_64", "aarch64")


def number(name: str) -> int:
    """Of a system call on this processor. Raises `OSError` (ENOSYS) on one that is not in the table."""
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        raise OSError(errno.ENOSYS, "not this system")
    return NEW[name] if name in NEW else OLD[name][MACHINES.index(platform.machine())]


def call(name: str, *arguments: int | bytes | ctypes.Array[ctypes.c_char] | None) -> int:
    """A system call by name; integers go in as 64 bits. Gives what it returns."""
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc().syscall(ctypes.c_long(number(name)), *wide))


def prctl(option: int, *arguments: int | ctypes.Array[ctypes.c_char]) -> int:
    number("mount")  # the same systems
    wide = [ctypes.c_ulong(each) if isinstance(each, int) else each for each in arguments]
    return _checked(_libc().prctl(option, *wide, *[ctypes.c_ulong(0)] * (4 - len(wide))))


def mount(source: str, target: str, kind: str, flags: int, options: str = "") -> None:
    number("mount")  # the same systems
    words = [word.encode() or None for word in (source, target, kind)]
    _checked(_libc().mount(*words, ctypes.c_ulong(flags), options.encode() or None))


def capset(data: bytes) -> None:
    """capset(2) of this process: version 3, then three words for each half of the set."""
    number("mount")
    header = (0x20080522).to_bytes(4, sys.byteorder) + bytes(4)
    _checked(_libc().capset(header, data))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
