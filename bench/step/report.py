"""Prints the table of the step benchmark and appends it to a page, if the losses of both sides agree.

Usage: python bench/step/report.py RESULTS COMMAND PAGE.md
Each line of RESULTS is the case, a tab, the side, a tab and the JSON object of one run. Needs no packages.
"""

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import page  # noqa: E402

WARM_UP = 4
"""Steps that are not timed: so many, or half of a shorter run."""

TOLERANCE = {"fp32": 1e-4, "bf16": 2e-2}
"""Largest relative difference of any step's loss."""

PAPER_WEIGHTS = [2, 3, 5]
"""How often 64, 144 and 256 tokens are drawn."""

HEADER = """# The training step

`bench/step/run`: forward, backward, clipping and AdamW over the same 20 batches (or `--steps`) from the same weights;
SigLIP-like tower at 224 pixels, the projector, Qwen2-like decoder, 64, 144 or 256 vision tokens drawn 2:3:5 by the same
schedule, 64 text tokens of which 40 are supervised; 4 samples a step and rank (2 from 100 million parameters on). The peer is
`bench/peers/step/step.py`: transformers' modules with SDPA, logits of supervised positions only, fused AdamW, autocast,
torchrun with DDP over gloo. Each round is a process of its own, sides in turns; the first 4 steps are not timed, or half of a
shorter run. Samples per second: medians over the rounds with the lowest and highest. Nothing is written unless the losses of every step agree
(fp32: relative 1e-4, bf16: 2e-2). Peak: the share of what a large matrix product reaches in the same process, counting
matrix products only. Efficiency: samples per second against ranks x those of one rank of the same case in the same run.
The saving of drawn counts: the median step at each count, weighted 2:3:5, against that at 256 (the paper: 28 % of vision tokens, 13 % of
training time).
"""


def timed(steps):
    return steps[min(WARM_UP, len(steps) // 2) :]


def samples_per_second(run):
    seconds = timed(run["seconds"])
    return run["samplesPerStep"] * len(seconds) / sum(seconds)


def share_of_peak(run, ranks):
    return sum(timed(run["flops"])) / sum(timed(run["seconds"])) / (ranks * run["peakFlopsPerSecond"])


def saving(runs):
    """Expected saving of counts drawn 2:3:5 against the largest alone, from the median step of each count."""
    times = {}
    for run in runs:
        for count, seconds in timed(list(zip(run["visionTokens"], run["seconds"]))):
            times.setdefault(count, []).append(seconds)
    if len(times) != len(PAPER_WEIGHTS):
        return None
    counts = sorted(times)
    medians = [statistics.median(times[count]) for count in counts]
    shares = [weight / sum(PAPER_WEIGHTS) for weight in PAPER_WEIGHTS]
    tokens = 1 - sum(share * count for share, count in zip(shares, counts)) / counts[-1]
    time = 1 - sum(share * seconds for share, seconds in zip(shares, medians)) / medians[-1]
    steps = ", ".join(f"{seconds:.2f} s at {count}" for count, seconds in zip(counts, medians))
    return f"{tokens:.0%} of vision tokens, {time:.0%} of step time (a step takes {steps})"


def difference(runs, others):
    return max(abs(a - b) / abs(b) for run in runs for other in others for a, b in zip(run["losses"], other["losses"]))


def main():
    cases = {}
    for line in Path(sys.argv[1]).read_text().splitlines():
        case, side, run = line.split("\t")
        cases.setdefault(case, {}).setdefault(side, []).append(json.loads(run))
    lines = [
        "| model | type | ranks x threads | TokenFLEX, samples/s | PyTorch, samples/s | ratio | peak memory, MiB |"
        " ratio | of peak | loss difference |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    notes = []
    medians = {}
    for case, sides in cases.items():
        size, dtype, threads, *ranks = case.split(":")
        ranks = int(ranks[0]) if ranks else 1
        ours, theirs = sides["tokenflex"], sides.get("pytorch", [])
        rates = {side: [samples_per_second(run) for run in runs] for side, runs in sides.items()}
        medians[case] = {side: statistics.median(values) for side, values in rates.items()}
        peak = {side: max(run["peakRssMib"] for run in runs) for side, runs in sides.items()}
        share = statistics.median(share_of_peak(run, ranks) for run in ours)
        row = [size, dtype, f"{ranks} x {threads}", page.spread(rates["tokenflex"], "{:.2f}")]
        if theirs:
            worst = difference(ours, theirs)
            if not worst <= TOLERANCE[dtype]:
                sys.exit(f"{case}: the losses differ by {worst:.1e}, more than {TOLERANCE[dtype]}; nothing written")
            row += [
                page.spread(rates["pytorch"], "{:.2f}"),
                "**{:.2f}**".format(medians[case]["tokenflex"] / medians[case]["pytorch"]),
                "{:.0f}, {:.0f}".format(peak["tokenflex"], peak["pytorch"]),
                "**{:.2f}**".format(peak["tokenflex"] / peak["pytorch"]),
                f"{share:.0%}",
                f"{worst:.0e}",
            ]
        else:
            row += ["not run", "", "{:.0f}".format(peak["tokenflex"]), "", f"{share:.0%}", ""]
        lines.append("| " + " | ".join(row) + " |")
        saved = saving(ours)
        if saved and ranks == 1:
            notes.append(f"Drawn counts save TokenFLEX at {case} against 256 always: {saved}.")
        alone = medians.get(f"{size}:{dtype}:{threads}")
        if ranks > 1 and alone:
            notes.append(
                f"Efficiency of {case}: "
                + ", ".join(
                    "{} {:.2f}".format(name, medians[case][side] / (ranks * alone[side]))
                    for side, name in [("tokenflex", "TokenFLEX"), ("pytorch", "PyTorch")]
                    if side in medians[case]
                )
                + "."
            )
    if notes:
        lines += ["", *(f"- {note}" for note in notes)]
    versions = list(dict.fromkeys(run["versions"] for sides in cases.values() for runs in sides.values() for run in runs))
    page.append(sys.argv[3], HEADER, sys.argv[2], versions, lines)


if __name__ == "__main__":
    main()
