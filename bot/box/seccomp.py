"""A filter of system calls: no socket is made, no other process is touched, no way out of the box is built.

The program is classic BPF over `struct seccomp_data` (kernel: seccomp_filter.rst). It names what is refused: what
Python and TensorFlow use differs from version to version, and what leads out of the box does not.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

from bot.box import kernel

# Whoever holds an accepted connection may read and write it; a new one can't be made, nor bound, nor sent to.
REFUSED = (
    "socket", "connect", "bind", "io_uring_setup", "io_uring_enter", "io_uring_register",
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp", "pidfd_open", "pidfd_getfd",
    "pidfd_send_signal", "tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
    "unshare", "setns", "mount", "umount2", "pivot_root", "chroot", "open_tree", "move_mount", "fsopen", "fsconfig",
    "fsmount", "mount_setattr", "open_by_handle_at",
    "add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd", "kexec_load", "init_module",
    "finit_module", "delete_module",
)  # fmt: skip
ITSELF = ("kill", "tgkill")  # only to the process itself
NEW_SPACES = 0x7E020000  # CLONE_NEWUSER and its like

LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # offsets in `struct seccomp_data`
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
FOREIGN_NUMBERS = 0x40000000  # calls of the 32-bit interface of x86_64, which have the same meaning
MODE_FILTER = 2


def restrict() -> None:
    """Needs "no new privileges". It can't be undone. Raises `OSError`."""
    code = ctypes.create_string_buffer(program(os.getpid()))
    count = (len(code) - 1) // 8
    pointer = ctypes.create_string_buffer(struct.pack("HxxxxxxP", count, ctypes.addressof(code)))
    kernel.prctl(kernel.PR_SET_SECCOMP, MODE_FILTER, pointer)


def program(own: int) -> bytes:
    """The filter for the process of this number."""
    refusal = ERROR | errno.EPERM
    steps = [
        _step(LOAD, ARCHITECTURE),
        _step(EQUAL, ARCHITECTURES[platform.machine()], 1, 0),
        _step(RETURN, KILL),
        _step(LOAD, NUMBER),
        *_if(AT_LEAST, FOREIGN_NUMBERS, refusal),
        *(step for name in REFUSED for step in _if(EQUAL, kernel.number(name), refusal)),
        *_if(EQUAL, kernel.number("clone3"), ERROR | errno.ENOSYS),  # its flags can't be seen; libc then takes clone
        *_by_argument("clone", ANY_BIT, NEW_SPACES, refusal, ALLOW),
        *(step for name in ITSELF for step in _by_argument(name, EQUAL, own, ALLOW, refusal)),
        _step(RETURN, ALLOW),
    ]
    return b"".join(steps)


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _if(test: int, value: int, verdict: int) -> tuple[bytes, bytes]:
    return _step(test, value, 0, 1), _step(RETURN, verdict)


def _by_argument(name: str, test: int, value: int, verdict: int, otherwise: int) -> tuple[bytes, ...]:
    return (
        _step(EQUAL, kernel.number(name), 0, 4),
        _step(LOAD, FIRST_ARGUMENT),
        *_if(test, value, verdict),
        _step(RETURN, otherwise),
    )
