import asyncio
import os
import sys
from asyncio.subprocess import PIPE

from bot import leash


async def run(parent: int) -> tuple[int | None, str]:
    command = (sys.executable, "-I", leash.__file__, str(parent), sys.executable, "-c", "print('ran')")
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    output, _ = await process.communicate()
    return process.returncode, output.decode().strip()


async def test_it_runs_the_command_in_its_own_place() -> None:
    assert await run(os.getpid()) == (0, "ran")


async def test_it_does_not_run_it_for_a_starter_that_is_gone() -> None:
    """The signal at a starter's death is lost if the death came before the leash was on."""
    assert await run(1) == (1, "")
