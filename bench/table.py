"""The figures as people read them, with what the design asks of each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench.cost import PARTS

RATIO, DEPTH, ACKNOWLEDGED_MS, SEAL_MS = 0.60, 1.2, 50.0, 10.0  # the design's targets
CONVERSATIONS, TURNS = 28_000, 25  # five years of the national hotline


def text(found: dict[str, Any]) -> str:
    return "\n".join([*_head(found["machine"]), "", *_rates(found), "", *_costs(found), "", *_rest(found)])


def _head(machine: dict[str, Any]) -> Iterator[str]:
    yield (f"{machine['cores']} cores ({machine['cpu']}), Python {machine['python']}, engine on "
           f"{machine['python_engine']}; {machine['engines']} engines, {machine['workers']} worker(s), 1 gateway, "
           f"{machine['people']} conversations at once")  # fmt: skip


def _rates(found: dict[str, Any]) -> Iterator[str]:
    turns = found["turns"]
    yield f"{'':34}{'turns/s':>9}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'taps':>7}{'lost':>6}{'other load':>12}"
    names = {"bare": "bare engine", "whole": "whole path", "with_reports": "  each 25th turn files a report"}
    for name, title in names.items():
        one = turns[name]
        yield (f"{title:34}{one['per_second']:9.1f}{one['p50_ms']:9.1f}{one['p95_ms']:9.1f}{one['p99_ms']:9.1f}"
               f"{one['taps']:7.0%}{one['lost']:6}{one['others']:12.0%}")  # fmt: skip
    yield _line("whole path / bare engine", f"{turns['ratio']:.2f}", turns["ratio"] >= RATIO, f">= {RATIO:.2f}")
    hours = (
        CONVERSATIONS * TURNS / turns["with_reports"]["per_second"] / 3600 if turns["with_reports"]["turns"] else 0.0
    )
    yield f"{CONVERSATIONS:,} conversations of {TURNS} turns, each with its report: {hours:.1f} h"


def _costs(found: dict[str, Any]) -> Iterator[str]:
    yield f"{'CPU ms a turn':24}{'bare engine':>14}{'whole path':>14}{'with reports':>14}"
    kinds = [found["turns"][name]["cpu_ms"] for name in ("bare", "whole", "with_reports")]
    for part in PARTS:
        yield f"{part:24}" + "".join(f"{kind[part]:14.2f}" for kind in kinds)
    yield f"{'all':24}" + "".join(f"{sum(kind.values()):14.2f}" for kind in kinds)
    asked = found["statements"]
    yield f"statements a turn: {asked['per_turn']:.1f}, of these COMMIT {asked['commits_per_turn']:.1f}"


def _rest(found: dict[str, Any]) -> Iterator[str]:
    for name, title in (("whole", "whole path"), ("bare", "bare engine")):
        one = found["depth"][name]
        told = f"{one['turn_5_ms']:.1f} ms, {one['deep_ms']:.1f} ms, ratio {one['ratio']:.2f}"
        yield _line(f"turn 5, turn {one['deep']}: {title}", told, one["ratio"] <= DEPTH, f"<= {DEPTH}")
    one = found["acknowledged"]
    told = f"p50 {one['p50_ms']:.1f} ms, p99 {one['p99_ms']:.1f} ms"
    yield _line(
        f"webhook taken, {one['per_second']:.0f}/s",
        told,
        one["p99_ms"] < ACKNOWLEDGED_MS,
        f"< {ACKNOWLEDGED_MS:.0f} ms",
    )
    yield f"{'  reply handed over':34}p50 {one['turn_p50_ms']:.1f} ms, p99 {one['turn_p99_ms']:.1f} ms"
    one = found["seal"]
    told = f"p50 {one['p50_ms']:.1f} ms, p99 {one['p99_ms']:.1f} ms"
    yield _line("report built and sealed", told, one["p50_ms"] < SEAL_MS, f"< {SEAL_MS:.0f} ms")
    yield f"{'  its receipt code, slow by design':34}{one['receipt_code_ms']:.0f} ms"


def _line(title: str, told: str, good: bool, target: str) -> str:
    return f"{title:34}{told:44}{target:>10}  {'reached' if good else 'NOT REACHED'}"
