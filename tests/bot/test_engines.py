import asyncio
import os
import re
import stat
import sys
from asyncio.subprocess import PIPE
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from bot import engines
from bot.box import enter
from bot.children import Child
from bot.dialogue import Engine as EngineClient
from bot.engines import Engine
from bot.errors import SettingsError
from tests.bot.test_children import alive


async def test_each_engine_has_a_socket_of_its_own_in_the_data_folder_or_a_short_one(tmp_path: Path) -> None:
    token = "never-an-argument"
    made = await engines.make(3, token, tmp_path / "d", "auto")
    assert [engine.url for engine in made] == [f"unix://{tmp_path}/d/engines/{place}/socket" for place in (1, 2, 3)]
    (deep,) = await engines.make(1, token, tmp_path / ("d" * 100), "auto")
    assert len(deep.url) < len("unix://") + engines.LONGEST_ADDRESS
    assert deep.lent
    assert deep.lent.exists()
    await deep.stop()
    assert not deep.lent.exists()
    assert not any(token in argument for engine in made for argument in map(str, engine.child._command))


async def test_without_the_box_they_listen_on_loopback_and_it_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    made = await engines.make(8, "token", tmp_path, "off")
    assert len({engine.url for engine in made}) == 8
    assert all(engine.url.startswith("http://127.0.0.1:") for engine in made)
    assert "FARO_ENGINE_BOX is off" in capfd.readouterr().err


async def test_what_lacks_is_told_once_and_where_all_is_required_nothing_starts(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program that can't be entered stands for a kernel that gives nothing."""
    (tmp_path / "enter.py").write_text("")
    monkeypatch.setattr(enter, "__file__", str(tmp_path / "enter.py"))
    made = await engines.make(2, "token", tmp_path, "auto")
    said = capfd.readouterr().err
    assert said.count("box lacks") == 1
    assert "NOTHING KEEPS THE DIALOGUE ENGINES' NETWORK CLOSED" in said
    assert len(made) == 2
    with pytest.raises(SettingsError, match="FARO_ENGINE_BOX=require"):
        await engines.make(2, "token", tmp_path, "require")


SECRETS = {
    "FARO_TELEGRAM_TOKEN": "123:hidden-telegram", "FARO_TELEGRAM_SECRET": "hidden-secret",
    "FARO_TWILIO_AUTH_TOKEN": "hidden-twilio",
    "FARO_DATABASE_URL": "postgresql://faro:hidden-database@host/faro", "FARO_SMTP_URL": "smtp://faro:hidden-mail@host",
    "AWS_SECRET_ACCESS_KEY": "hidden-other", "SSH_AUTH_SOCK": "hidden-agent",
}  # fmt: skip


async def test_a_boxed_engine_answers_knows_no_secret_has_no_right_and_dies_with_its_starter(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with TemporaryDirectory(prefix="faro-") as folder:
        starter = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", STARTER, folder), stdout=PIPE, cwd=Path(__file__).parents[2]
        )
        assert starter.stdout
        pid = int(await asyncio.wait_for(starter.stdout.readline(), 120))
        url = f"unix://{folder}/engines/1/socket"
        async with EngineClient([url], "hidden-word") as client:
            reply = await client.ask({"text": "hola"}, state=None, model=None, language="es", channel="telegram")
        assert reply.asks == "safe"
        _knows_no_secret(pid)
        _has_no_right(pid)
        _is_private(Path(folder, "engines/1/socket"))
        starter.kill()
        await starter.wait()
        async with asyncio.timeout(20):
            while alive(pid):
                await asyncio.sleep(0.05)


def _is_private(door: Path) -> None:
    assert stat.S_IMODE(door.stat().st_mode) == 0o600


def _knows_no_secret(pid: int) -> None:
    """Nor does another process of its account read what it was told: it is closed to all but root."""
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    try:
        environment = Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        environment = b""
    assert b"hidden" not in environment + command
    assert b"FARO_" not in environment
    assert Path(f"/proc/{pid}/environ").stat().st_uid == 0  # prctl(2), PR_SET_DUMPABLE


def _has_no_right(pid: int) -> None:
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    account = {int(word) for word in lines["Uid"].split()}
    assert account == {os.geteuid()} if os.geteuid() else 0 not in account
    assert {int(lines[name], 16) for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb", "CapInh")} == {0}
    assert (lines["NoNewPrivs"].strip(), lines["Seccomp"].strip()) == ("1", "2")
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert re.search(r"Max core file size\s+0\s+0", limits)


STARTER = """
import asyncio, sys
from pathlib import Path
from bot import engines
async def main():
    await engines.train()
    (engine,) = await engines.make(1, "hidden-word", Path(sys.argv[1]), "auto")
    engine.child.start()
    await engines.ready([engine], "hidden-word")
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"--of\\0{sys.argv[1]}/".encode() in place.read_bytes():
                print(place.parent.name, flush=True)
        except OSError:
            pass
    await asyncio.sleep(600)
asyncio.run(main())
"""


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
