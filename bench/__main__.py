"""`./run bench`: measures, prints a table, draws it, and writes the figures as JSON."""

from __future__ import annotations

import dataclasses
import inspect
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
from bot.counted import counted
from bot.progress import say

RESULTS = Path(__file__).parent / "results"
SCALE_SECONDS, SCALE_SECONDS_QUICK = 20.0, 6.0
# By name: the command, its line in the list, and what stands under its help.
ALSO: dict[str, tuple[click.Command, str, str]] = {
    "chaos": (chaos.main, "Kill everything at random while people talk.", """
        Takes as long as the storm, half an hour to an hour for 1,000 kills and 2 minutes for --kills 50, and some
        minutes for the troubles and the calm behind it. A full disk is tried where this account may mount one.

        Exit codes: 0 nothing was lost or done twice; 1 something was, and a line says what; 2 a wrong option.
    """),
    "fuzz": (fuzz.main, "Hostile input at every door.", """
        Everything in full takes hours; minutes with --messages 2000 --headers 20000 --guided 10. A part of which the
        number is 0 is left out.

        Exit codes: 0 nothing came of it; 1 something did, or a bound of time or memory was passed, and a line says
        what; 2 a wrong option.
    """),
    "hosts": (hosts.main, "Cut one of two hosts off in mid turn, and join it again.", """
        Takes 2 to 4 minutes. The hosts are network namespaces on this machine, for which the system must let this
        account make some (root, or user namespaces).

        Exit codes: 0 nothing was lost or done twice; 1 something was, and a line says what; 2 a wrong option; 77 the
        system lets us make no networks, and nothing was tried.
    """),
}  # fmt: skip


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
    """Measure Faro on this machine: the real processes, with made-up people on a loopback platform.

    Takes a quarter of an hour, --quick a few minutes. Other load on the machine makes the figures worse, and is told
    beside them. Prints a table with what is asked of each figure, draws it, and keeps all as JSON.

    Exit codes: 0 all was measured, also where a target is not reached (the table says NOT REACHED); 1 something did not
    start or ended; 2 a wrong option.
    """
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
    say(f"{counted(engines, 'engine')}, {counted(workers, 'worker')}, gateway and database start …")
    async with running(engines, workers) as system:
        say(f"{engines} stock Rasas and their action server start …")
        async with stock.running(engines, system.data, system.database_url, system.twilio) as beside:
            return await everything(system, beside, plan)


async def _scale(plan: Plan, seconds: float, found: dict[str, Any]) -> dict[str, Any]:
    start = await starting.second_start()
    runs = await hotline.measured(plan, seconds)
    model = hotline.model(runs, found["seal"]["receipt_code_ms"], found["statements"]["commits_per_turn"])
    return {"starting": start, "hotline": {"cores": os.cpu_count(), "runs": runs, "model": model}}


for name, (command, line, epilog) in ALSO.items():
    command.short_help, command.epilog = line, inspect.cleandoc(epilog)
    main.add_command(command, name)

if __name__ == "__main__":
    main(prog_name="./run bench")
