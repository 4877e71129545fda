"""Whole conversations, as `tests/talks/*.yml` tells them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.engine import Engine
from tests.house import furnished
from tests.talking import UNITS, Talk, play

FOLDER = Path(__file__).parent / "talks"
TALKS = sorted(FOLDER.glob("*.yml"))


@pytest.mark.parametrize("path", TALKS, ids=[path.stem for path in TALKS])
async def test_a_talk_goes_as_written(path: Path, tmp_path: Path, database_url: str, engine: Engine) -> None:
    talk = Talk.read(path)
    practice = talk.channel == "terminal"
    async with furnished(tmp_path, database_url, engine, practice=practice, units=UNITS) as house:
        wrong = await play(talk, house)
        assert not wrong, f"{talk.about}\n" + "\n".join(wrong)


def test_there_are_talks_in_every_language_and_on_every_channel() -> None:
    stems = [path.stem for path in TALKS]
    assert len(stems) >= 38
    languages, channels = (Counter(stem.split("-")[place] for stem in stems) for place in (0, -1))
    assert set(languages) == {"es", "en", "pt", "fr", "ht"}
    assert set(channels) == {"telegram", "whatsapp", "sms", "terminal", "web"}
    assert min(languages.values()) >= 3
    assert min(channels.values()) >= 2


def test_a_talk_is_named_by_its_channel() -> None:
    assert [path.stem for path in TALKS if not path.stem.endswith(f"-{Talk.read(path).channel}")] == []
