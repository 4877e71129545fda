"""The filter alone, without the other measures."""

from __future__ import annotations

import os
import platform
import struct

import pytest

from bot.box import kernel, seccomp
from tests.bot.box.inside import outside, tries, under

pytestmark = pytest.mark.skipif(platform.machine() not in kernel.MACHINES, reason="a processor without a table")
CALLS = """
def call(name, *arguments):
    from bot.box import kernel
    kernel.call(name, *arguments)
"""


def test_no_socket_is_made_and_a_pair_still_is() -> None:
    steps = tries(
        tcp="socket.socket()",
        unix="socket.socket(socket.AF_UNIX)",
        packets="socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
        pair="socket.socketpair()",
    )
    assert under("seccomp.restrict()", steps) == {"tcp": "EPERM", "unix": "EPERM", "packets": "EPERM", "pair": None}
    assert outside(tries(tcp="socket.socket()")) == {"tcp": None}


def test_no_process_but_itself_is_signalled_and_threads_still_start() -> None:
    steps = tries(
        starter="os.kill(os.getppid(), 0)",
        all="os.kill(-1, 0)",
        itself="os.kill(os.getpid(), 0)",
        looked_into="call('ptrace', 16, os.getppid(), 0, 0)",
        ring="call('io_uring_setup', 1, None)",
        user_space="os.posix_spawn('/usr/bin/unshare', ['unshare', '-U', 'true'], {}) and None",
        thread="__import__('threading').Thread(target=print).run()",
    )
    found = under("seccomp.restrict()", CALLS + steps.replace("print))", "int))").replace("target=print", "target=int"))
    assert (found.pop("itself"), found.pop("thread")) == (None, None)
    found.pop("user_space")
    assert set(found.values()) == {"EPERM"}


def test_the_program_is_whole_and_ends_by_allowing() -> None:
    code = seccomp.program(os.getpid())
    assert len(code) % 8 == 0
    steps = [struct.unpack("HBBI", code[place : place + 8]) for place in range(0, len(code), 8)]
    assert steps[-1] == (seccomp.RETURN, 0, 0, seccomp.ALLOW)
    jumps = [place + 1 + max(then, other) for place, (code, then, other, _) in enumerate(steps) if code & 7 == 5]
    assert len(jumps) > 40
    assert max(jumps) < len(steps)
    refused = {value for code, _, _, value in steps if code == seccomp.EQUAL}
    assert {kernel.number(name) for name in seccomp.REFUSED} <= refused
    assert len(seccomp.REFUSED) == len(set(seccomp.REFUSED)) > 35
