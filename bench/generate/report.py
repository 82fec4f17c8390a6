"""Prints the table of the benchmark of generation and appends it to a page, if both sides generate the same tokens.

Usage: python bench/generate/report.py RESULTS COMMAND PAGE.md
Each line of RESULTS is the case, a tab, the side, a tab and the JSON object of one run. Needs no packages.
"""

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import page  # noqa: E402

LEAST_EQUAL = {"fp32": 1.0, "bf16": 0.5}
"""Smallest share of equal tokens; in bf16 both sides round at other places, and what follows another token differs."""

HEADER = """# Generation

`bench/generate/run`: greedy answers to questions of 12 to 30 words about a picture each, at 256 vision tokens, 64 new tokens (or
`--new-tokens`), from the same weights (random; SigLIP-like tower at 224 pixels, the projector, Qwen2-like decoder), threads and batch. Ours is
`TextGenerator` with everything that evaluation asks of it (log-probability of every token, a batch's bits as of its prompts alone);
the peer is `bench/peers/generate/generate.py`: transformers' `generate` of our export, SDPA, dynamic cache, padded on the left, in
bf16 with all weights bf16. Each round is a process of its own, sides in turns. The first batch is checked and warms up: in fp32 all
its tokens have to be equal, in bf16 half of them, else nothing is written; every later batch has pictures of its own, so that no
features are found again. First token: seconds for a batch with one new token, tower included. Decoding: new tokens a
second behind the first, of all sequences together. Medians over repetitions and rounds, with the lowest and highest round.
"""


def first_seconds(run):
    return statistics.median(run["firstTokenSeconds"])


def decoded_per_second(run):
    seconds = statistics.median(run["allTokensSeconds"]) - first_seconds(run)
    return run["batchSize"] * (run["newTokens"] - 1) / seconds


def whole_per_second(run):
    return run["batchSize"] * run["newTokens"] / statistics.median(run["allTokensSeconds"])


def equal_share(run, other):
    pairs = [pair for a, b in zip(run["tokens"], other["tokens"], strict=True) for pair in zip(a, b, strict=True)]
    return sum(a == b for a, b in pairs) / len(pairs)


def main():
    cases = {}
    for line in Path(sys.argv[1]).read_text().splitlines():
        case, side, run = line.split("\t")
        cases.setdefault(case, {}).setdefault(side, []).append(json.loads(run))
    lines = [
        "| model | type | threads | batch | first token, s: TokenFLEX | transformers | ratio | decoding, tokens/s: TokenFLEX |"
        " transformers | ratio | all, tokens/s | ratio | peak memory, MiB | equal tokens |",
        "|" + "---|" * 14,
    ]
    for case, sides in cases.items():
        size, dtype, threads, batch = case.split(":")
        ours, theirs = sides["tokenflex"], sides["pytorch"]
        equal = min(equal_share(run, other) for run in ours for other in theirs)
        if equal < LEAST_EQUAL[dtype]:
            sys.exit(f"{case}: only {equal:.1%} of the tokens are equal, expected {LEAST_EQUAL[dtype]:.0%}; nothing written")
        row = [size, dtype, threads, batch]
        for measure, form, ratio in [
            (first_seconds, "{:.3f}", lambda a, b: b / a),
            (decoded_per_second, "{:.1f}", lambda a, b: a / b),
        ]:
            values = [[measure(run) for run in runs] for runs in (ours, theirs)]
            row += [page.spread(side, form) for side in values]
            row.append("**{:.2f}**".format(ratio(*map(statistics.median, values))))
        whole = [statistics.median(map(whole_per_second, runs)) for runs in (ours, theirs)]
        row += ["{:.1f}, {:.1f}".format(*whole), "**{:.2f}**".format(whole[0] / whole[1])]
        row.append("{:.0f}, {:.0f}".format(*(max(run["peakRssMib"] for run in runs) for runs in (ours, theirs))))
        row.append(f"{equal:.1%}")
        lines.append("| " + " | ".join(row) + " |")
    versions = list(dict.fromkeys(run["versions"] for sides in cases.values() for runs in sides.values() for run in runs))
    page.append(sys.argv[3], HEADER, sys.argv[2], versions, lines)


if __name__ == "__main__":
    main()
