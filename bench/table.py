"""The figures as people read them, with what is asked of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bench.cost import PARTS
from bench.hotline import CONVERSATIONS, TURNS
from bot.counted import counted

RATIO, TO_STOCK, TO_STOCK_DEEP, DEPTH = 0.60, 1.5, 10.0, 1.2
ACKNOWLEDGED_MS, SEAL_MS, LOADED_MS = 50.0, 10.0, 1000.0
MEMORY_MB, START_SECONDS = 2500.0, 25.0
WAYS = {
    "bare": "bare engine", "whole": "whole path, Telegram", "whatsapp": "whole path, WhatsApp",
    "stock": "stock Rasa, Twilio connector", "told": "WhatsApp with status callbacks",
    "with_reports": "WhatsApp, each 25th turn a report",
}  # fmt: skip


def text(found: Mapping[str, Any]) -> str:
    parts = [_head(found["machine"]), _rates(found["turns"]), _costs(found), _depth(found["depth"]), _rest(found)]
    if "hotline" in found:
        parts += [_starting(found["starting"]), _hotline(found["hotline"])]
    return "\n\n".join("\n".join(part) for part in parts)


def _head(machine: Mapping[str, Any]) -> Iterator[str]:
    ours = f"{counted(machine['engines'], 'engine')}, {counted(machine['workers'], 'worker')}, 1 gateway"
    yield (f"{machine['cores']} cores ({machine['cpu']}), Python {machine['python']}, engine on "
           f"{machine['python_engine']}; {ours}, {machine['people']} conversations at once")  # fmt: skip


def _rates(turns: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'':34}{'turns/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'taps':>7}{'lost':>6}{'other load':>12}"
    for name, title in WAYS.items():
        one = turns[name]
        yield (f"{title:34}{one['per_second']:9.1f}{one['p50_ms']:9.1f}{one['p95_ms']:9.1f}{one['p99_ms']:9.1f}"
               f"{one['taps']:7.0%}{one['lost']:6}{one['others']:12.0%}")  # fmt: skip
    reported = turns["with_reports"]
    yield f"  turns for each report there: {reported['turns'] / max(1, reported['reports']):.1f}"
    yield _line("whole path / bare engine", f"{turns['ratio']:.2f}", turns["ratio"] >= RATIO, f">= {RATIO:.2f}")
    yield _line("WhatsApp / stock Rasa", f"{turns['to_stock']:.1f}", turns["to_stock"] >= TO_STOCK, f">= {TO_STOCK}")


def _costs(found: Mapping[str, Any]) -> Iterator[str]:
    kinds = [found["turns"][name] for name in WAYS]
    titles = ("bare", "Telegram", "WhatsApp", "stock", "callbacks", "reports")
    head = "".join(f"{title:>11}" for title in titles)
    yield f"{'CPU ms a turn':34}{head}"
    for part in PARTS:
        yield f"{part:34}" + "".join(f"{kind['cpu_ms'][part]:11.2f}" for kind in kinds)
    yield f"{'all':34}" + "".join(f"{sum(kind['cpu_ms'].values()):11.2f}" for kind in kinds)
    yield ""
    yield f"{'memory':34}{head}"
    yield f"{'resident at the beginning, MB':34}" + "".join(f"{_mb(kind):11.0f}" for kind in kinds)
    yield f"{'grown, KB a turn':34}" + "".join(f"{_ours(kind['memory_kb']):11.2f}" for kind in kinds)
    yield f"{'kept in the database, KB a turn':34}" + "".join(f"{kind['database_kb']:11.2f}" for kind in kinds)
    asked = found["statements"]
    yield f"statements a turn: {asked['per_turn']:.1f}, of these COMMIT {asked['commits_per_turn']:.1f}"


def _mb(kind: Mapping[str, Any]) -> float:
    """Of what takes part: stock Rasa runs beside Faro."""
    held = kind["memory_mb"]
    if kind["cpu_ms"]["stock rasa"] > 1:
        return float(held["stock rasa"] + held["postgresql"])
    return float(sum(held[part] for part in ("gateway", "worker", "engine", "postgresql")))


def _ours(sizes: Mapping[str, float]) -> float:
    return sum(value for part, value in sizes.items() if part != "driver and platform")


def _depth(depth: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'one at a time, ms of turn':34}" + "".join(f"{turn:9}" for turn in depth["at"]) + f"{'last/first':>12}"
    for name in ("bare", "whole", "whatsapp", "stock"):
        one = depth[name]
        yield f"{WAYS[name]:34}" + "".join(f"{value:9.1f}" for value in one["ms"].values()) + f"{one['ratio']:12.2f}"
    ratio = depth["whole"]["ratio"]
    yield _line("whole path, last / first", f"{ratio:.2f}", ratio <= DEPTH, f"<= {DEPTH}")
    yield _line(f"stock / WhatsApp at turn {depth['at'][-1]}", f"{depth['to_stock']:.1f}",
                depth["to_stock"] >= TO_STOCK_DEEP, f">= {TO_STOCK_DEEP:.0f}")  # fmt: skip


def _rest(found: Mapping[str, Any]) -> Iterator[str]:
    one = found["acknowledged"]
    yield _line(f"webhook taken, {one['per_second']:.0f}/s", _times(one), one["p99_ms"] < ACKNOWLEDGED_MS,
                f"< {ACKNOWLEDGED_MS:.0f} ms")  # fmt: skip
    yield f"{'  reply handed over':34}{_times(one, 'turn_')}"
    one = found["loaded"]
    yield _line(f"whole turn at 80 %, {one['per_second']:.0f}/s", _times(one, "turn_"),
                one["turn_p99_ms"] < LOADED_MS, f"< {LOADED_MS:.0f} ms")  # fmt: skip
    one = found["seal"]
    yield _line("report built and sealed", _times(one), one["p50_ms"] < SEAL_MS, f"< {SEAL_MS:.0f} ms")
    yield f"{'  its receipt code, meant slow':34}{one['receipt_code_ms']:.0f} ms"


def _times(one: Mapping[str, float], prefix: str = "") -> str:
    return f"p50 {one[prefix + 'p50_ms']:.1f} ms, p99 {one[prefix + 'p99_ms']:.1f} ms"


def _starting(one: Mapping[str, Any]) -> Iterator[str]:
    yield _line("second start", f"{one['seconds']:.1f} s", one["seconds"] < START_SECONDS, f"< {START_SECONDS:.0f} s")
    parts = ", ".join(f"{name} {value:.0f}" for name, value in sorted(one["memory_mb"].items()))
    yield _line("resident then", f"{one['all_mb']:.0f} MB", one["all_mb"] < MEMORY_MB, f"< {MEMORY_MB:.0f} MB")
    yield f"  {parts}"


def _hotline(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"{CONVERSATIONS:,} conversations of {TURNS} turns with their reports, signed webhooks, this machine"
    yield (f"{'workers and engines':>22}{'bare/s':>9}{'Telegram/s':>12}{'ratio':>7}{'reports/s':>11}{'hours':>7}"
           f"{'turns/report':>14}{'model says/s':>14}{'commits/s':>11}{'other load':>12}")  # fmt: skip
    for run, check in zip(found["runs"], found["model"]["checked"], strict=True):
        told = run["with_reports"]
        yield (f"{run['processes']:22}{run['bare']['per_second']:9.0f}{run['whole']['per_second']:12.0f}"
               f"{run['ratio']:7.2f}{told['per_second']:11.1f}{run['hours']:7.2f}"
               f"{told['turns'] / max(1, told['reports']):14.1f}{check['predicted']:14.1f}"
               f"{run['commits_per_second']:11.0f}{told['others']:12.0%}")  # fmt: skip
    yield "larger machines, by the model"
    yield f"{'cores':>7}{'workers and engines':>21}{'turns/s':>9}{'hours':>7}   first full"
    for one in found["model"]["larger"]:
        yield (f"{one['cores']:7}{one['workers_and_engines']:21}{one['per_second']:9.0f}{one['hours']:7.2f}   "
               f"{one['first_full']}")  # fmt: skip
    for name, one in found["model"]["platforms"].items():
        yield f"{name} lets one sender answer {one['turns_per_second']:.0f} turns/s: {one['hours']:.1f} h"


def _line(title: str, told: str, good: bool, target: str) -> str:
    return f"{title:34}{told:44}{target:>10}  {'reached' if good else 'NOT REACHED'}"
