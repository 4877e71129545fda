"""Whole conversations, as `tests/talks/*.yml` tells them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.engine import Engine
from tests.house import furnished
from tests.talking import Talk, play

FOLDER = Path(__file__).parent / "talks"
TALKS = sorted(FOLDER.glob("*.yml"))


@pytest.mark.parametrize("path", TALKS, ids=[path.stem for path in TALKS])
async def test_a_talk_goes_as_written(path: Path, tmp_path: Path, database_url: str, engine: Engine) -> None:
    talk = Talk.read(path)
    async with furnished(tmp_path, database_url, engine, practice=talk.channel == "terminal") as house:
        wrong = await play(talk, house)
        assert not wrong, f"{talk.about}\n" + "\n".join(wrong)


def test_there_are_talks_in_both_languages_and_on_every_channel() -> None:
    talks = [Talk.read(path) for path in TALKS]
    assert len(talks) >= 16
    assert set(Counter(talk.channel for talk in talks)) == {"telegram", "whatsapp", "sms", "terminal"}
    assert min(Counter(talk.language for talk in talks).values()) >= 4
