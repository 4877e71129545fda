"""The pages of `docs/transcripts/` are those of the talks as they go today."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine import Engine
from tests.house import furnished
from tests.talking import UNITS, Talk, play
from tests.transcripts import FOLDER, PROPERTY, TALKS, page, place


@pytest.mark.parametrize("path", TALKS, ids=[path.stem for path in TALKS])
async def test_a_page_is_that_of_its_talk(
    path: Path, tmp_path: Path, database_url: str, engine: Engine, record_property: Callable[[str, Any], None]
) -> None:
    talk = Talk.read(path)
    async with furnished(tmp_path, database_url, engine, practice=talk.channel == "terminal", units=UNITS) as house:
        wrong = await play(talk, house)
        assert not wrong, "the talk itself goes another way: see tests/test_talks.py"
        made = await page(talk, house)
    record_property(PROPERTY, (place(talk).name, made))
    assert place(talk).read_text(encoding="utf-8") == made, "stale: ./run transcripts"


def test_there_is_one_page_for_each_language_and_no_other() -> None:
    assert sorted(path.stem[:2] for path in TALKS) == ["en", "es", "fr", "ht", "pt"]
    assert sorted(path.stem for path in FOLDER.iterdir()) == [path.stem for path in TALKS]
