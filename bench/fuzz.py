"""`./run bench fuzz`: hostile input at every door, and what must not come of it."""

from __future__ import annotations

import asyncio
import io
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
import uvloop

from bench import (
    fuzz_backups,
    fuzz_console,
    fuzz_doors,
    fuzz_engine,
    fuzz_fetching,
    fuzz_files,
    fuzz_papers,
    fuzz_pictures,
    fuzz_talk,
)
from bench.fuzz_files import Outcome
from bench.fuzz_town import town
from bot.progress import say

RESULTS = Path(__file__).parent / "results"
# Megabytes that a part may hold more at the end than when warm: Rasa's caches fill.
GROWTH = {"gateway": 150, "worker": 250, "engine": 250}
HONEST_SECONDS = 5.0  # within which the honest person beside it is answered, 99 times of 100
SLOWEST = 3.0  # seconds for one file


@click.command(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--messages", default=100_000, help="Messages through the whole dialogue.")
@click.option("--headers", default=1_000_000, help="Changed headers of sealed files.")
@click.option("--requests", default=20_000, help="Requests at the public door.")
@click.option("--files", default=4_000, help="Spoilt files of each other kind.")
@click.option("--turns", default=20_000, help="Turns with a hostile engine.")
@click.option("--guided", default=60, help="Seconds under libFuzzer, which looks for ways not seen yet.")
@click.option("--engines", default=os.cpu_count() or 1, help="Dialogue engines, each a process.")
@click.option("--minutes", type=float, help="End the messages after so many minutes.")
@click.option("--seed", default=1, help="The same seed says the same.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Where the figures go; default: bench/results/.")
def main(messages: int, headers: int, requests: int, files: int, turns: int, guided: int, engines: int,
         minutes: float | None, seed: int, file: Path | None) -> None:  # fmt: skip
    """Hostile input at every door. Ends with code 1 if anything came of it."""
    found: dict[str, Any] = {}
    if headers:
        say(f"{headers:,} changed headers …")
        found["headers"] = fuzz_files.told(fuzz_files.headers(headers, seed))
    if files:
        say(f"{files:,} spoilt files of each kind …")
        found["files"] = {name: fuzz_files.told(one) for name, one in _files(files, seed)}
    if turns:
        say(f"{turns:,} turns with a hostile engine …")
        found["engine"] = fuzz_files.told(asyncio.run(fuzz_engine.talked(turns, seed)))
    if guided:
        say(f"{guided} seconds under libFuzzer …")
        found["guided"] = _guided(guided, seed)
    if messages or requests:
        found |= uvloop.run(_processes(messages, requests, engines, seed, minutes))
    now = datetime.now(UTC)
    print("\n".join([f"hostile input, {now:%Y-%m-%d}, seed {seed}, {os.cpu_count()} cores", "", *table(found)]))
    file = file or RESULTS / f"fuzz-{now:%Y-%m-%dT%H%M%SZ}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(orjson.dumps({"at": now.isoformat(), "seed": seed, **found}, option=orjson.OPT_INDENT_2))
    say(f"figures: {file}")
    if wrong := list(faults(found)):
        print("\n".join(["", *wrong]))
        sys.exit(1)


def _files(number: int, seed: int) -> Iterator[tuple[str, Outcome]]:
    """Everything that is read from a file, addresses from which one is fetched, and the officers' door."""
    yield from fuzz_files.files(number, seed).items()
    yield from fuzz_papers.papers(max(1, number // 4), seed).items()
    yield "pictures", fuzz_pictures.pictures(max(1, number // 4), seed)
    yield "bombs and polyglots", fuzz_pictures.bombs()
    yield "backups to restore", fuzz_backups.backups(max(1, number // 20), seed)
    yield "attachments' addresses", asyncio.run(fuzz_fetching.fetched(number, seed))
    with redirect_stderr(io.StringIO()):  # what that door logs would bury the table
        console = fuzz_console.console(number, seed)
    yield "requests at the console", console


def _guided(seconds: int, seed: int) -> dict[str, Any]:
    """`fuzz_guided` for so long, apart, since it changes what it imports: how many inputs, and whether one broke it."""
    command = [sys.executable, "-m", "bench.fuzz_guided", f"-max_total_time={seconds}", f"-seed={seed}",
               "-print_final_stats=1", "-max_len=4096", "-artifact_prefix=/dev/null"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    told = dict(line.rsplit(":", 1) for line in done.stderr.splitlines() if line.startswith("stat::"))
    tried = int(told.get("stat::number_of_executed_units", "0"))
    faults = {"ended by an input": 1} if done.returncode or not tried else {}
    return {"tried": tried, "forged": 0, "faults": faults, "seconds": float(seconds), "slowest_ms": 0.0}


async def _processes(messages: int, requests: int, engines: int, seed: int, minutes: float | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="faro-fuzz-") as folder:
        async with town(Path(folder), engines) as here:
            await fuzz_talk.through(here, min(messages, 2000), seed + 7)  # until everything is warm
            await here.quiet()
            here.memory = here.resident()
            say(f"{requests:,} requests …")
            doors = await fuzz_doors.knocked(here, requests, seed)
            say(f"{messages:,} messages …")
            talk = await fuzz_talk.through(here, messages, seed, minutes)
            quiet = await here.quiet()
            doors.forged += doors.doubled()
            return {"doors": _doors(doors), "talk": _talk(talk), "quiet": quiet, "after": await here.looked_at()}


def _doors(found: fuzz_doors.Knocked) -> dict[str, Any]:
    return {
        "tried": found.tried, "forged": found.forged, "reflected": found.reflected, "broken": found.broken,
        "dropped": found.dropped, "slowest_s": found.slowest, "seconds": found.seconds,
        "drippers_left": found.drippers_left, "statuses": dict(sorted(found.statuses.items())),
    }  # fmt: skip


def _talk(told: fuzz_talk.Told) -> dict[str, Any]:
    honest = sorted(told.honest)
    return {
        "sent": told.sent, "seconds": told.seconds, "per_second": told.sent / max(told.seconds, 0.001),
        "answers": dict(sorted(told.answers.items())), "unanswered": told.unanswered, "honest_turns": len(honest),
        "honest_p50": statistics.median(honest) if honest else 0.0,
        "honest_p99": honest[int(len(honest) * 0.99)] if honest else 0.0,
    }  # fmt: skip


def table(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'':34}{'tried':>11}{'faults':>8}{'taken':>7}{'seconds':>9}{'slowest':>10}"
    kinds = {
        "sealed headers": found.get("headers"),
        **found.get("files", {}),
        "turns of a hostile engine": found.get("engine"),
        "readers under libFuzzer": found.get("guided"),
    }
    for name, one in kinds.items():
        if one:
            yield (f"{name:34}{one['tried']:11,}{sum(one['faults'].values()):8}{one['forged']:7}{one['seconds']:9.0f}"
                   f"{one['slowest_ms']:7.0f} ms")  # fmt: skip
    if doors := found.get("doors"):
        yield (f"{'requests at the public door':34}{doors['tried']:11,}{doors['broken']:8}{doors['forged']:7}"
               f"{doors['seconds']:9.0f}{doors['slowest_s'] * 1000:7.0f} ms")  # fmt: skip
        talk, after = found["talk"], found["after"]
        broken = _broken(talk) + after["failed_jobs"] + after["parked"]
        yield f"{'messages through the dialogue':34}{talk['sent']:11,}{broken:8}{0:7}{talk['seconds']:9.0f}"
        yield ""
        yield from _told(found["doors"], talk, after)


def _told(doors: dict[str, Any], talk: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    yield (f"messages a second: {talk['per_second']:.0f}; a person beside them is answered in p50 "
           f"{talk['honest_p50']:.2f} s, p99 {talk['honest_p99']:.2f} s ({talk['honest_turns']} turns, "
           f"{talk['unanswered']} unanswered)")  # fmt: skip
    yield (f"failed jobs {after['failed_jobs']}, parked {after['parked']}, left {after['left']}; lines of logs with "
           f"words {after['words_in_logs']}; echoes {after['echoes']}; reflected {doors['reflected']}")  # fmt: skip
    yield f"deliveries that were not answered, and came again: {after['unanswered_deliveries']}"
    yield f"dripping connections still held: {doors['drippers_left']} of {fuzz_doors.DRIPPERS}"
    filed = after["reports"]
    yield f"reports filed {filed['filed']}, opened {filed['opened']} of {filed['sample']}"
    for part, start in after["memory_start"].items():
        end, peak = after["memory_end"][part], after["memory_peak"][part]
        yield f"memory of {part}: {start} MB warm, {end} MB at the end, peak {peak} MB"


def _broken(talk: dict[str, Any]) -> int:
    return sum(number for name, number in talk["answers"].items() if int(name.split()[1]) >= 500)


def faults(found: dict[str, Any]) -> Iterator[str]:
    """What should not have happened, as lines."""
    kinds = {
        "headers": found.get("headers"),
        **found.get("files", {}),
        "engine": found.get("engine"),
        "guided": found.get("guided"),
    }
    for name, one in kinds.items():
        if one and (one["forged"] or one["faults"] or one["slowest_ms"] > SLOWEST * 1000):
            yield f"{name}: {one['forged']} taken, {one['faults']}, slowest {one['slowest_ms']:.0f} ms"
    if "doors" in found:
        yield from _of_processes(found["doors"], found["talk"], found["after"], quiet=found["quiet"])


def _of_processes(doors: dict[str, Any], talk: dict[str, Any], after: dict[str, Any], *, quiet: bool) -> Iterator[str]:
    for name in ("forged", "reflected", "broken", "drippers_left"):
        if doors[name]:
            yield f"door: {name} {doors[name]}"
    for name in ("left", "parked", "failed_jobs", "words_in_logs", "echoes", "errors"):
        if after[name]:
            yield f"afterwards: {name} {after[name]}"
    if not quiet or _broken(talk) or talk["honest_p99"] > HONEST_SECONDS:
        yield f"dialogue: quiet {quiet}, 5xx {_broken(talk)}, honest p99 {talk['honest_p99']:.1f} s"
    if after["reports"]["opened"] != after["reports"]["sample"]:
        yield f"reports that do not open: {after['reports']}"
    for part, start in after["memory_start"].items():
        if after["memory_end"][part] - start > GROWTH[part.split()[0]]:
            yield f"memory of {part}: {start} MB, then {after['memory_end'][part]} MB"


def found_by(one: Outcome) -> list[str]:
    """For a test: what went wrong with it."""
    return [*(f"{kind}: {number}" for kind, number in one.faults.items()), *(["taken"] * bool(one.forged))]


if __name__ == "__main__":
    main()
