"""Prints the tables of the all-reduce benchmark and appends them to a file.

Usage: python bench/allreduce/report.py RESULTS COMMAND TARGET.md
Each line of RESULTS is the side, the number of ranks and the JSON object of one round, with tabs
between. Needs no packages.
"""

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import page  # noqa: E402

HEADER = """# All-reduce

`bench/allreduce/run`: sum an fp32 tensor in CPU memory over ranks, in place. Every rank is a process of its own on one machine,
with one torch thread; they talk over loopback. TokenFLEX's `TcpRingProcessGroup` and torch.distributed's gloo run in turns, with
the same sizes and iterations. Both check every element of a sum before anything is timed; zeros are timed, after a warm-up of
half as many iterations. Milliseconds of rank 0: the median of each round's median, with the lowest and highest round's. The
ratio is gloo's time by ours: above 1, ours is faster. Bus bandwidth is 2 (ranks - 1) / ranks x bytes / time, what each rank has
to send.

Both sides share the cores: four ranks on two cores measure scheduling as much as moving bytes.
"""


def name(size):
    return f"{size >> 10} KiB" if size < 1 << 20 else f"{size >> 20} MiB"


def table(world, rounds):
    lines = [f"{world} ranks:", "", "| | TokenFLEX, ms | gloo, ms | ratio | TokenFLEX, MB/s | gloo, MB/s |", "|---|---|---|---|---|---|"]
    for size in rounds["gloo"][0]["seconds"]:
        times = {side: [1000 * statistics.median(r["seconds"][size]) for r in results] for side, results in rounds.items()}
        median = {side: statistics.median(values) for side, values in times.items()}
        bus = {side: 2 * (world - 1) / world * int(size) / value / 1000 for side, value in median.items()}
        lines.append(
            f"| {name(int(size))} | {page.spread(times['tokenflex'], '{:.2f}')} | {page.spread(times['gloo'], '{:.2f}')} |"
            f" {median['gloo'] / median['tokenflex']:.2f} | {bus['tokenflex']:.0f} | {bus['gloo']:.0f} |"
        )
    peak = {side: max(r["peakRssMib"] for r in results) for side, results in rounds.items()}
    lines.append("| peak memory of rank 0 | {tokenflex:.0f} MiB | {gloo:.0f} MiB | | | |".format(**peak))
    return lines + [""]


def main():
    worlds = {}
    for line in Path(sys.argv[1]).read_text().splitlines():
        side, world, result = line.split("\t")
        worlds.setdefault(int(world), {"tokenflex": [], "gloo": []})[side].append(json.loads(result))
    lines = [line for world, rounds in worlds.items() for line in table(world, rounds)]
    versions = [results[0]["versions"] for results in next(iter(worlds.values())).values()]
    page.append(sys.argv[3], HEADER, sys.argv[2], versions, lines[:-1])


if __name__ == "__main__":
    main()
