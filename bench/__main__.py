"""`./run bench`: measures, prints a table, draws it, and writes the figures as JSON."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
import uvloop

from bench import chaos, chart, fuzz, hosts, hotline, starting, stock, table
from bench.measure import QUICK, Plan, everything
from bench.system import running
from bot.progress import say

RESULTS = Path(__file__).parent / "results"
SCALE_SECONDS, SCALE_SECONDS_QUICK = 20.0, 6.0


@click.group(
    invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"], "show_default": True}
)
@click.option("--quick", is_flag=True, help="A few minutes; the figures waver more.")
@click.option("--engines", default=os.cpu_count() or 1, help="Dialogue engines, each a process; as many stock Rasas.")
@click.option("--workers", default=1, help="Workers, each a process.")
@click.option("--people", default=Plan().people, help="Conversations at once.")
@click.option("--rounds", type=int, help="How often the ways to talk take turns.")
@click.option("--scale/--no-scale", default=True, help="Also 1, 2 and 4 workers and engines, and the default start.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Where the figures go; default: bench/results/.")
@click.option(
    "--chart", "picture", type=click.Path(path_type=Path), help="Where the picture goes; default: beside them."
)
@click.pass_context
def main(context: click.Context, quick: bool, engines: int, workers: int, people: int, rounds: int | None, scale: bool,
         file: Path | None, picture: Path | None) -> None:  # fmt: skip
    """Measure Faro on this machine: the real processes, with made-up people on a loopback platform."""
    if context.invoked_subcommand:
        return
    plan = dataclasses.replace(QUICK if quick else Plan(), people=people)
    plan = dataclasses.replace(plan, rounds=rounds or plan.rounds)
    now = datetime.now(UTC)
    file = file or RESULTS / f"{now:%Y-%m-%dT%H%M%SZ}.json"
    found = {"at": now.isoformat(), **uvloop.run(_measured(plan, engines, workers))}
    _keep(found, file)
    if scale:
        found |= uvloop.run(_scale(plan, SCALE_SECONDS_QUICK if quick else SCALE_SECONDS, found))
        _keep(found, file)
    print(table.text(found))
    chart.draw(found, picture or file.with_suffix(".png"))
    say(f"figures: {file}")


def _keep(found: dict[str, Any], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))


async def _measured(plan: Plan, engines: int, workers: int) -> dict[str, Any]:
    say(f"{engines} engines, {workers} worker(s), gateway and database start …")
    async with running(engines, workers) as system:
        say(f"{engines} stock Rasas and their action server start …")
        async with stock.running(engines, system.data, system.database_url, system.twilio) as beside:
            return await everything(system, beside, plan)


async def _scale(plan: Plan, seconds: float, found: dict[str, Any]) -> dict[str, Any]:
    start = await starting.second_start()
    runs = await hotline.measured(plan, seconds)
    model = hotline.model(runs, found["seal"]["receipt_code_ms"], found["statements"]["commits_per_turn"])
    return {"starting": start, "hotline": {"cores": os.cpu_count(), "runs": runs, "model": model}}


main.add_command(chaos.main, "chaos")
main.add_command(fuzz.main, "fuzz")
main.add_command(hosts.main, "hosts")

if __name__ == "__main__":
    main()
