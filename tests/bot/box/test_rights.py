from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tests.bot.box.inside import outside, tries, under

STATUS = """
import json, resource
lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(json.dumps({
    "caps": [lines[name].strip() for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")],
    "uid": lines["Uid"].split(), "pinned": lines["NoNewPrivs"].strip(),
    "core": resource.getrlimit(resource.RLIMIT_CORE),
}))
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another account")


def test_no_new_privileges_and_no_dump_of_memory() -> None:
    found = under("", STATUS)
    assert found["pinned"] == "1"
    assert found["core"] == [0, 0]
    assert outside(STATUS)["pinned"] == "0"


def test_every_capability_is_given_up() -> None:
    found = under("rights.without_capabilities()", STATUS)
    assert {int(word, 16) for word in found["caps"][:3]} == {0}
    assert int(found["caps"][4], 16) == 0
    if os.geteuid() == 0:
        assert int(found["caps"][3], 16) == 0  # nor can a program bring one


@as_root
def test_root_becomes_an_account_that_owns_its_room_alone(tmp_path: Path) -> None:
    found = under(f"rights.another_account([], [], Path({str(tmp_path)!r}))", STATUS)
    assert len(set(found["uid"])) == 1
    assert int(found["uid"][0]) == tmp_path.stat().st_uid != 0
    assert {int(word, 16) for word in found["caps"]} == {0}


@as_root
def test_it_stays_what_it_is_where_the_files_are_closed_to_others(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    step = (
        f"try:\n    rights.another_account([Path({str(closed)!r})], [], Path({str(tmp_path)!r}))\nexcept OSError: pass"
    )
    assert set(under(step, STATUS)["uid"]) == {"0"}


@as_root
def test_it_passes_through_the_folders_on_the_way_and_may_not_list_them(tmp_path: Path) -> None:
    (tmp_path / "way" / "room").mkdir(parents=True)
    (tmp_path / "way").chmod(0o700)
    way = ", ".join(f"Path({str(parent)!r})" for parent in (tmp_path / "way" / "room").parents)
    room = str(tmp_path / "way" / "room")
    begin = f"rights.another_account([], [{way}], Path({room!r}))"
    steps = tries(own=f"open({room + '/new'!r}, 'w').write('x')", names=f"os.listdir({str(tmp_path / 'way')!r})")
    assert under(begin, steps) == {"own": None, "names": "EACCES"}
    assert stat.S_IMODE((tmp_path / "way").stat().st_mode) == 0o701


def test_whose_starter_is_gone_does_not_go_on() -> None:
    step = "try:\n    rights.leashed(os.getpid())\nexcept SystemExit as end:\n    print(end.code)"
    assert under(step, "") == 1
