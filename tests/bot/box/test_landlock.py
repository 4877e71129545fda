"""Landlock alone, without the other measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.box import landlock
from tests.bot.box.inside import outside, tries, under


@pytest.fixture(autouse=True)
def kernel() -> None:
    try:
        landlock.version()
    except OSError:
        pytest.skip("this kernel has no Landlock")


def test_only_what_was_named_is_read_and_only_the_folder_given_is_written(tmp_path: Path) -> None:
    for name in ("seen", "own", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("x")
    allowed = (
        f"{{Path({str(tmp_path / 'seen')!r}): landlock.READ, Path({str(tmp_path / 'own')!r}): landlock.everything()}}"
    )
    steps = tries(
        seen=f"open({str(tmp_path / 'seen' / 'file')!r}).read()",
        names=f"os.listdir({str(tmp_path / 'seen')!r})",
        own=f"open({str(tmp_path / 'own' / 'new')!r}, 'w').write('x')",
        changed=f"open({str(tmp_path / 'seen' / 'file')!r}, 'w')",
        other=f"open({str(tmp_path / 'other' / 'file')!r}).read()",
        passwords="open('/etc/shadow').read()",
        programs="os.execv('/bin/true', ['true'])",
    )
    found = under(f"landlock.restrict({allowed})", steps)
    assert [found.pop(name) for name in ("seen", "names", "own")] == [None] * 3
    assert found == dict.fromkeys(("changed", "other", "passwords", "programs"), "EACCES")
    assert outside(tries(other=f"open({str(tmp_path / 'other' / 'file')!r}).read()")) == {"other": None}


@pytest.mark.skipif("landlock.version() < landlock.TCP_FROM", reason="an older kernel")
def test_no_port_is_reached(tmp_path: Path) -> None:
    steps = tries(
        connection="linked(socket.SOCK_STREAM, ('127.0.0.1', 9))", listening="socket.create_server(('127.0.0.1', 0))"
    )
    found = under("landlock.restrict({})", steps)
    assert found == {"connection": "EACCES", "listening": "EACCES"}
