"""`./run bench`: measures, prints a table, and writes the figures as JSON."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
import uvloop

from bench import table
from bench.measure import QUICK, Plan, everything
from bench.system import running
from bot.progress import say

RESULTS = Path(__file__).parent / "results"


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--quick", is_flag=True, help="About a minute; the figures waver more.")
@click.option("--engines", default=os.cpu_count() or 1, help="Dialogue engines, each a process.")
@click.option("--workers", default=1, help="Workers, each a process.")
@click.option("--people", default=Plan().people, help="Conversations at once.")
@click.option("--rounds", type=int, help="How often bare engine and whole path take turns.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Where the figures go; default: bench/results/.")
def main(quick: bool, engines: int, workers: int, people: int, rounds: int | None, file: Path | None) -> None:
    """Measure Faro on this machine: the real processes, with made-up people on a loopback platform."""
    plan = dataclasses.replace(QUICK if quick else Plan(), people=people)
    plan = dataclasses.replace(plan, rounds=rounds or plan.rounds)
    found = uvloop.run(_measured(plan, engines, workers))
    print(table.text(found))
    now = datetime.now(UTC)
    file = file or RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps({"at": now.isoformat(), **found}, option=orjson.OPT_INDENT_2))
    say(f"figures: {file}")


async def _measured(plan: Plan, engines: int, workers: int) -> dict[str, Any]:
    say(f"{engines} engines, {workers} worker(s), gateway and database start …")
    async with running(engines, workers) as system:
        return await everything(system, plan)


if __name__ == "__main__":
    main()
