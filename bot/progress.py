"""What the operator sees while something takes long: the time, what it is, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Awaitable

import click


def say(text: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')}  {text}", err=True)


async def timed[T](text: str, work: Awaitable[T]) -> T:
    """Says `text`, waits for the work, says its seconds."""
    begun = time.monotonic()
    say(f"{text} …")
    result = await work
    say(f"{text}: {time.monotonic() - begun:.0f} s")
    return result
