"""Prints where the time of a step goes on both sides and appends it to a page.

Usage: python bench/step/profile.py FOLDER CASE COMMAND PAGE.md
FOLDER has each side's Chrome trace (ours.trace, theirs.trace) and what it printed (ours.json, theirs.json). Needs no
packages.
"""

import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import page  # noqa: E402

STEPS = 3
"""Profiled steps, as in StepRun and step.py."""

ROWS = 24

HEADER = """# Where the training step spends its time

`bench/step/profile`: the last three of 20 steps of the [step benchmark](step.md) under PyTorch's own profiler, in TokenFLEX and in
PyTorch. Self time: what an operation takes without those it calls, in milliseconds of a step; beside it how often a step calls
it. "autograd and calls" is all that is not an `aten` operation: the graph's nodes, TorchScript's methods. Profiling costs time,
more where calls are many; the step's own time is that of this run.
"""


def self_times(trace):
    """Milliseconds and calls per step of every operation."""
    events = json.loads(trace.read_text())
    if isinstance(events, dict):
        events = events["traceEvents"]
    spans = [
        (event["tid"], float(event["ts"]), float(event["dur"]), event["name"])
        for event in events
        if event.get("ph") == "X" and event.get("cat", "cpu_op") == "cpu_op"
    ]
    spans.sort(key=lambda span: (span[0], span[1], -span[2]))
    times, calls, open_spans = Counter(), Counter(), []
    for thread, start, length, name in spans:
        name = name if name.startswith("aten::") else "autograd and calls"
        while open_spans and (open_spans[-1][0] != thread or open_spans[-1][1] <= start + 1e-3):
            open_spans.pop()
        if open_spans:
            times[open_spans[-1][2]] -= length
        times[name] += length
        calls[name] += 1
        open_spans.append((thread, start + length, name))
    return (
        Counter({name: time / 1e3 / STEPS for name, time in times.items()}),
        Counter({name: count / STEPS for name, count in calls.items()}),
    )


def main():
    folder, case = Path(sys.argv[1]), sys.argv[2]
    sides = {side: self_times(folder / f"{side}.trace") for side in ("ours", "theirs")}
    runs = {side: json.loads((folder / f"{side}.json").read_text()) for side in sides}
    (ours, our_calls), (theirs, their_calls) = sides["ours"], sides["theirs"]
    names = sorted(set(ours) | set(theirs), key=lambda name: -max(ours[name], theirs[name]))
    lines = [
        f"{case}:",
        "",
        "| operation | TokenFLEX, ms | calls | PyTorch, ms | calls |",
        "|---|---|---|---|---|",
    ]

    def row(name, chosen):
        cells = [sum(counter[each] for each in chosen) for counter in (ours, our_calls, theirs, their_calls)]
        lines.append("| {} | {:.1f} | {:.0f} | {:.1f} | {:.0f} |".format(name, *cells))

    for name in names[:ROWS]:
        row(name.removeprefix("aten::").replace("_", r"\_"), [name])
    row("all others", names[ROWS:])
    row("**sum**", names)
    steps = ["{:.0f}".format(sum(run["seconds"][-STEPS:]) / STEPS * 1e3) for run in runs.values()]
    lines += [
        "",
        "A step took {} ms in TokenFLEX and {} ms in PyTorch, {:.1f} GFLOP of matrix products.".format(
            *steps, sum(runs["ours"]["flops"][-STEPS:]) / STEPS / 1e9
        ),
    ]
    page.append(sys.argv[4], HEADER, sys.argv[3], [run["versions"] for run in runs.values()], lines)


if __name__ == "__main__":
    main()
