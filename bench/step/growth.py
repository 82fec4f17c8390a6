"""Prints the tables of the growth benchmark and appends them with a plot to a page.

Usage: python bench/step/growth.py RESULTS COMMAND PAGE     (writes PAGE.md and PAGE.svg)
Each line of RESULTS is what grows, a tab, its value, a tab and the JSON object of one run.
"""

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import page  # noqa: E402
import plot  # noqa: E402

WARM_UP = 2
"""Steps that are not timed."""

HEADER = """# How the training step grows

`bench/step/growth`: our step at 256 vision tokens, fp32, 8 steps of which the first 2 are not timed; seconds are medians
over steps with the lowest and highest. Parameters: 2 samples a step with 64 text tokens. Sequence: one sample, the model of 20 million
parameters; attention alone grows with the square of the length. Ranks: the model of 5 million, 2 samples a step and
rank, one thread each; more ranks than cores take turns on them.
The third column must not fall: where it does, time grows faster than the work.

![Step time and memory](step-growth.svg)
"""

TITLES = {
    "parameters": ("parameters, millions", "GFLOP/s"),
    "tokens": ("sequence length", "GFLOP/s"),
    "ranks": ("ranks", "samples/s"),
}


def size_of(what, value, run):
    if what == "parameters":
        return run["parameters"] / 1e6
    return int(value) + 300 if what == "tokens" else int(value)


def rate(what, value, run, seconds):
    if what == "ranks":
        return run["samplesPerStep"] / seconds
    return run["flops"][-1] / seconds / 1e9


def main():
    series = {}
    for line in Path(sys.argv[1]).read_text().splitlines():
        what, value, run = line.split("\t")
        series.setdefault(what, []).append((value, json.loads(run)))
    lines = []
    columns = []
    for what, runs in series.items():
        title, unit = TITLES[what]
        lines += ["", f"| {title} | seconds a step | {unit} | peak memory, MiB |", "|---|---|---|---|"]
        sizes, medians, memory = [], [], []
        for value, run in runs:
            seconds = run["seconds"][WARM_UP:]
            sizes.append(size_of(what, value, run))
            medians.append(statistics.median(seconds))
            memory.append(run["peakRssMib"])
            lines.append(
                f"| {sizes[-1]:.3g} | {page.spread(seconds, '{:.3f}')} | {rate(what, value, run, medians[-1]):.3g} |"
                f" {memory[-1]:.0f} |"
            )
        columns.append((title, sizes, medians, memory))
    plot.save(sys.argv[3] + ".svg", columns, "seconds a step")
    versions = [runs[0][1]["versions"] for runs in list(series.values())[:1]]
    page.append(sys.argv[3] + ".md", HEADER, sys.argv[2], versions, lines[1:])


if __name__ == "__main__":
    main()
