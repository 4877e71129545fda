"""Run by the engine's own Python, which has matplotlib: draws the figures, read as JSON, into the file named."""

import json
import sys
from typing import Any

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot

COLOURS = {"bare": "#7f8c8d", "whole": "#1f6f8b", "whatsapp": "#4aa3c7", "stock": "#c0504d"}
NAMES = {"bare": "bare engine", "whole": "Faro, Telegram", "whatsapp": "Faro, WhatsApp", "stock": "stock Rasa"}


def main() -> None:
    found = json.load(sys.stdin)
    figure, ((rate, part), (depth, scale)) = pyplot.subplots(2, 2, figsize=(11, 8))
    _rates(rate, found["turns"])
    _parts(part, found["turns"])
    _depths(depth, found["depth"])
    _scale(scale, found.get("hotline"))
    figure.tight_layout()
    figure.savefig(sys.argv[1], dpi=80)


def _rates(axes: Any, turns: Any) -> None:
    bars = axes.bar(list(NAMES.values()), [turns[name]["per_second"] for name in NAMES], color=list(COLOURS.values()))
    axes.bar_label(bars, fmt="%.0f")
    axes.set_title("turns a second, 25-turn conversations")


def _parts(axes: Any, turns: Any) -> None:
    below = [0.0] * len(NAMES)
    for part in turns["bare"]["cpu_ms"]:
        values = [turns[name]["cpu_ms"][part] for name in NAMES]
        axes.bar(list(NAMES.values()), values, bottom=below, label=part)
        below = [one + more for one, more in zip(below, values, strict=True)]
    axes.legend(fontsize=8)
    axes.set_title("milliseconds of processor time a turn")


def _depths(axes: Any, depth: Any) -> None:
    for name in NAMES:
        values = list(depth[name]["ms"].values())
        axes.plot(depth["at"], values, "o-", color=COLOURS[name], label=NAMES[name])
        axes.annotate(f"{values[-1]:.0f}", (depth["at"][-1], values[-1]), fontsize=8)
    axes.set_yscale("log")
    axes.set_xlabel("turn of the conversation")
    axes.legend(fontsize=8)
    axes.set_title("milliseconds of a turn, one at a time")


def _scale(axes: Any, hotline: Any) -> None:
    axes.set_title("hours of 28,000 conversations with their reports")
    if not hotline:
        return
    larger = hotline["model"]["larger"]
    axes.plot([one["cores"] for one in larger], [one["hours"] for one in larger], "o--", color="#1f6f8b", label="model")
    here = [run["hours"] for run in hotline["runs"]]
    axes.plot([hotline["cores"]] * len(here), here, "x", color="#c0504d", label="measured: 1, 2, 4 workers and engines")
    for name, one in hotline["model"]["platforms"].items():
        axes.axhline(one["hours"], linestyle=":", color="#7f8c8d")
        axes.text(larger[-1]["cores"], one["hours"], f"limit of one {name} sender", fontsize=8, ha="right", va="bottom")
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xlabel("cores")
    axes.legend(fontsize=8)


main()
