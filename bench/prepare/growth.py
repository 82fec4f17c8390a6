"""Plots seconds and peak memory of `tokenflex prepare` against the number of records.

Usage: python bench/prepare/growth.py TABLE PLOT.svg
Each line of TABLE is the number of records, seconds and MiB.
"""

import sys
from pathlib import Path

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "growth"
import matplotlib.pyplot as plt  # noqa: E402


def main():
    rows = [[float(cell) for cell in line.split()] for line in Path(sys.argv[1]).read_text().splitlines()]
    records, seconds, memory = zip(*rows)
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), constrained_layout=True)
    for axis, values, label in [(axes[0], seconds, "seconds"), (axes[1], memory, "peak memory, MiB")]:
        axis.plot(records, values, "o-")
        axis.set(xlabel="records", ylabel=label, ylim=(0, None), xlim=(0, None))
        axis.grid(alpha=0.3)
    figure.savefig(sys.argv[2], metadata={"Date": None})


if __name__ == "__main__":
    main()
