import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.children import Child

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(Path(__file__).parents[2])}
WAITS = "import os, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\n'); time.sleep(600)"


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def waiting(file: Path) -> Child:
    return Child("waits", [sys.executable, "-c", WAITS, file], ENVIRONMENT)


async def test_a_child_that_dies_is_started_again(tmp_path: Path) -> None:
    child = waiting(tmp_path / "pids")
    child.start()
    await until(lambda: len(pids(tmp_path / "pids")) == 1)
    os.kill(pids(tmp_path / "pids")[0], signal.SIGKILL)
    await until(lambda: len(pids(tmp_path / "pids")) == 2)
    assert child.failures == 1
    await child.stop()
    assert not any(map(alive, pids(tmp_path / "pids")))


async def test_stopping_ends_the_child_and_what_it_started(tmp_path: Path) -> None:
    shell = f'{sys.executable} -c "$0" "$1" & {sys.executable} -c "$0" "$1"; wait'
    child = Child("family", ["/bin/bash", "-c", shell, WAITS, tmp_path / "pids"], ENVIRONMENT)
    child.start()
    await until(lambda: len(pids(tmp_path / "pids")) == 2)
    await child.stop()
    await until(lambda: not any(map(alive, pids(tmp_path / "pids"))))


async def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    stubborn = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITS
    child = Child("stubborn", [sys.executable, "-c", stubborn, tmp_path / "pids"], ENVIRONMENT, grace=0.2)
    child.start()
    await until(lambda: len(pids(tmp_path / "pids")) == 1)
    await child.stop()
    assert not alive(pids(tmp_path / "pids")[0])


async def test_a_child_dies_with_a_starter_that_is_killed(tmp_path: Path) -> None:
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", STARTER, str(tmp_path / "pids")), env=ENVIRONMENT, stdout=asyncio.subprocess.DEVNULL
    )
    await until(lambda: len(pids(tmp_path / "pids")) == 1)
    starter.kill()
    await starter.wait()
    await until(lambda: not alive(pids(tmp_path / "pids")[0]))


STARTER = f"""
import asyncio, os, sys
from bot.children import Child
async def main():
    Child("orphan", [sys.executable, "-c", {WAITS!r}, sys.argv[1]], os.environ).start()
    await asyncio.sleep(600)
asyncio.run(main())
"""


async def test_of_a_muted_child_only_lines_before_it_is_ready_are_kept(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    go, gone = tmp_path / "go", tmp_path / "gone"
    child = Child("muted", [sys.executable, "-u", "-c", SPEAKS, go, gone], ENVIRONMENT, muted=True)
    child.start()
    await until(lambda: list(child.tail) == ["before"])
    child.ready = True
    go.touch()
    await until(gone.exists)
    await child.stop()
    assert list(child.tail) == ["before"]
    assert "before" not in capfd.readouterr().err


SPEAKS = """
import os, sys, time
sys.stderr.write("before\\n")
while not os.path.exists(sys.argv[1]): time.sleep(0.01)
sys.stderr.write("a word of a person\\n")
open(sys.argv[2], "w")
time.sleep(600)
"""
