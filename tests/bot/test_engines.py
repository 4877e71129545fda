import asyncio
import os
import sys
from pathlib import Path

import pytest

from bot import engines
from bot.children import Child
from bot.engines import Engine
from bot.errors import SettingsError


def test_ports_differ_and_lie_on_loopback() -> None:
    made = engines.make(8, "token")
    assert len({engine.url for engine in made}) == 8
    assert all(engine.url.startswith("http://127.0.0.1:") for engine in made)


def test_an_engine_gets_no_secret_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARO_TELEGRAM_TOKEN", "hidden")
    monkeypatch.setenv("FARO_DATABASE_URL", "hidden")
    given = engines._environment("word")
    assert given["FARO_ENGINE_TOKEN"] == "word"
    assert set(given) <= {*engines.INHERITED, "FARO_ENGINE_TOKEN", "PYTHONUNBUFFERED"}


async def test_an_engine_that_keeps_dying_is_given_up_and_its_last_lines_are_shown(
    capfd: pytest.CaptureFixture[str],
) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such model')"]
    child = Child("engine-1", command, {"PATH": os.environ["PATH"]}, muted=True)
    child.start()
    with pytest.raises(SettingsError, match="engine-1 does not start"):
        await asyncio.wait_for(engines.ready([Engine("http://127.0.0.1:1", child)], "token"), 60)
    await child.stop()
    assert "engine-1: no such model" in capfd.readouterr().err


async def test_the_digest_is_the_one_that_names_the_model() -> None:
    digest = await engines.digest()
    assert digest is not None
    assert len(digest) == 64


async def test_without_its_environment_the_engine_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PYTHON", Path("nowhere"))
    assert await engines.digest() is None
    with pytest.raises(SettingsError, match=r"\./run setup"):
        await engines.train()
