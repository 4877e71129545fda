from __future__ import annotations

import platform
import sys

import pytest

from bot.box import kernel


def test_a_call_that_fails_tells_the_kernels_reason() -> None:
    with pytest.raises(OSError, match=r"Bad file descriptor|not implemented|not permitted"):
        kernel.call("landlock_restrict_self", -1, 0)
    with pytest.raises(OSError):
        kernel.prctl(-1)


def test_a_name_that_is_not_in_the_table_is_a_fault_of_ours() -> None:
    with pytest.raises(KeyError):
        kernel.number("no_such_call")


def test_on_another_system_every_call_is_told_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(OSError, match="not this system"):
        kernel.number("mount")
    monkeypatch.undo()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(OSError, match="not this system"):
        kernel.capset(bytes(24))


def test_no_two_calls_of_a_processor_share_a_number() -> None:
    for place, _ in enumerate(kernel.MACHINES):
        numbers = [*kernel.NEW.values(), *(pair[place] for pair in kernel.OLD.values())]
        assert len(numbers) == len(set(numbers)) > 45
