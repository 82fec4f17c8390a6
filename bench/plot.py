"""What the growth benchmarks plot: seconds above, memory below, a column for each thing that grows."""

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "growth"
matplotlib.rcParams["svg.fonttype"] = "none"
import matplotlib.pyplot as plt  # noqa: E402


def save(file, columns, seconds="seconds"):
    """Writes an SVG. A column is what grows, its values, and seconds and peak MiB at each of them."""
    figure, axes = plt.subplots(2, len(columns), figsize=(4 * len(columns), 6), squeeze=False, constrained_layout=True)
    for above_and_below, (title, sizes, times, memory) in zip(axes.T, columns):
        for axis, values, label in zip(above_and_below, (times, memory), (seconds, "peak memory, MiB")):
            axis.plot(sizes, values, "o-")
            axis.set(xlabel=title, ylabel=label, ylim=(0, 1.1 * max(values)), xlim=(0, 1.05 * max(sizes)))
            axis.grid(alpha=0.3)
    figure.savefig(file, metadata={"Date": None})
