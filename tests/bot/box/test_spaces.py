"""Namespaces alone, without the other measures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bot.box.inside import outside, tries, under

WITH_USER = [True, False] if os.geteuid() == 0 else [True]


@pytest.fixture(params=WITH_USER, ids=lambda each: "with rights of its own" if each else "as root")
def leave(request: pytest.FixtureRequest) -> str:
    step = f"spaces.leave(with_user={request.param})"
    try:
        under(step, "print(0)")
    except AssertionError:
        pytest.skip("this machine gives no namespaces")
    return step


def test_there_is_no_network(leave: str) -> None:
    steps = tries(
        loopback="linked(socket.SOCK_DGRAM, ('127.0.0.1', 9))", far="linked(socket.SOCK_DGRAM, ('192.0.2.1', 9))"
    )
    assert under(leave, steps) == {"loopback": "ENETUNREACH", "far": "ENETUNREACH"}
    assert outside(tries(loopback="linked(socket.SOCK_DGRAM, ('127.0.0.1', 9))")) == {"loopback": None}


def test_there_are_no_files_but_those_that_were_shown(leave: str, tmp_path: Path) -> None:
    for name in ("room", "shown", "hidden"):
        (tmp_path / name).mkdir()
    (tmp_path / "shown" / "file").write_text("x")
    room, shown = (f"Path({str(tmp_path / name)!r})" for name in ("room", "shown"))
    step = f"{leave}\nspaces.furnish({room}, [{shown}], [Path('/dev/null')])"
    steps = tries(
        shown=f"open({str(tmp_path / 'shown' / 'file')!r}).read()",
        device="open('/dev/null', 'w').write('x')",
        own="open('/box/new', 'w').write('x')",
        changed=f"open({str(tmp_path / 'shown' / 'file')!r}, 'w')",
        hidden=f"os.listdir({str(tmp_path / 'hidden')!r})",
        passwords="open('/etc/shadow')",
        root="open('/new', 'w')",
        proc="os.listdir('/proc')",
    )
    found = under(step, steps)
    assert [found.pop(name) for name in ("shown", "device", "own")] == [None] * 3
    assert found == {"changed": "EROFS", "hidden": "ENOENT", "passwords": "ENOENT", "root": "EROFS", "proc": "ENOENT"}
    assert not list((tmp_path / "room").iterdir())


def test_where_it_does_not_work_everything_is_as_it_was(leave: str, tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    wrong = f"spaces.furnish(Path({str(tmp_path / 'room')!r}), [Path({str(tmp_path / 'nothing')!r})], [])"
    steps = tries(passwords="open('/etc/passwd').read()", room=f"open({str(tmp_path / 'room' / 'x')!r}, 'w')")
    found = under(f"{leave}\ntry:\n    {wrong}\nexcept OSError: pass", steps)
    assert found == {"passwords": None, "room": None}
