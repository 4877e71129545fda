from __future__ import annotations

import os
import stat
from itertools import pairwise
from pathlib import Path

from bot import engine_box
from bot.engine_box import CLOSED_BY, Goods
from tests.bot.box.inside import goods


def test_what_goes_in_is_the_environment_one_model_and_no_other_folder_of_ours(tmp_path: Path) -> None:
    options = goods().options(tmp_path)
    seen = [Path(after) for before, after in pairwise(options) if before == "--see"]
    root = goods().nlu.parent
    ours = [path for path in seen if path.is_relative_to(root)]
    assert len(ours) > 20
    assert {path.relative_to(root).parts[0] for path in ours} == {"nlu"}
    assert goods().nlu not in seen
    assert [path for path in ours if "models" in path.parts] == [goods().model]
    assert not any(path in seen for path in (Path("/"), Path("/etc"), Path("/usr"), Path("/proc"), Path.home()))


async def test_this_machine_is_asked_by_going_in() -> None:
    """Linux 5.13 and later gives every measure, in most containers all but the namespaces."""
    missing = await engine_box.missing(goods())
    assert set(missing) <= {"spaces", "account"}
    assert engine_box.open_sides(missing) in ([], ["account"])


async def test_a_box_that_can_not_be_entered_at_all_closes_nothing(tmp_path: Path) -> None:
    missing = await engine_box.missing(Goods(tmp_path, tmp_path / "no model"))
    assert "landlock" in missing


def test_a_side_is_open_when_every_measure_that_closes_it_lacks() -> None:
    assert engine_box.open_sides({}) == []
    assert engine_box.open_sides({"spaces": "EPERM"}) == []
    assert engine_box.open_sides({"spaces": "EPERM", "landlock": "ENOSYS"}) == ["files"]
    assert engine_box.open_sides({"account": "EACCES"}) == ["account"]
    assert engine_box.open_sides({"box": "ENOEXEC"}) == list(CLOSED_BY)
    assert engine_box.told({"spaces": "EPERM", "landlock": "ENOSYS"}) == "spaces (EPERM), landlock (ENOSYS)"


def test_a_room_is_empty_and_private_and_another_account_passes_only_where_it_must(tmp_path: Path) -> None:
    first = engine_box.room(tmp_path / "engines" / "1", pass_through=False)
    (first / "left").touch()
    again = engine_box.room(tmp_path / "engines" / "1", pass_through=False)
    assert first == again
    assert not list(again.iterdir())
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (again, again.parent, again.parent.parent)]
    assert modes == [0o700, 0o700, 0o700]
    engine_box.room(tmp_path / "engines" / "1", pass_through=True)
    passed = stat.S_IMODE(again.parent.stat().st_mode)
    assert passed == (0o701 if os.geteuid() == 0 else 0o700)
