"""Run by the engine's own Python, which has matplotlib: draws a confusion table, read as JSON, into the file named."""

import json
import sys

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def main() -> None:
    table = json.load(sys.stdin)
    names, shares = table["names"], table["shares"]
    figure, axes = pyplot.subplots(figsize=(12, 11))
    axes.imshow(shares, cmap="magma_r", vmin=0, vmax=1)
    axes.set_xticks(range(len(names)), names, rotation=90)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel("taken for")
    axes.set_ylabel("meant")
    for row, line in enumerate(shares):
        for column, share in enumerate(line):
            if share >= 0.01:
                colour = "white" if share > 0.5 else "black"
                axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", color=colour, fontsize=7)
    axes.set_title("Held-out sentences, per cent of each intent")
    figure.tight_layout()
    figure.savefig(sys.argv[1], dpi=110)


main()
