"""Compares two commits from runs in the order A, B, A, round by round; status 1 outside the noise band.

Usage: python bench/step/compare.py RESULTS A B
Each line of RESULTS is a or b, a tab and the JSON object of one run. Needs no packages.
"""

import json
import math
import statistics
import sys
from pathlib import Path

from report import samples_per_second

LEAST_BAND = 0.01
"""No band is narrower: a few rounds can agree by chance."""


def main():
    runs = [line.split("\t") for line in Path(sys.argv[1]).read_text().splitlines()]
    rates = [samples_per_second(json.loads(run)) for _, run in runs]
    rounds = [rates[i : i + 3] for i in range(0, len(rates), 3)]
    firsts = [rate for before, _, after in rounds for rate in (before, after)]
    band = max(LEAST_BAND, math.log(max(firsts) / min(firsts)))
    ratio = statistics.median(b / math.sqrt(before * after) for before, b, after in rounds)
    print(f"A = {sys.argv[2]}: {statistics.median(firsts):.2f} samples/s, the same commit differs by up to {band:.1%}")
    print(f"B = {sys.argv[3]}: {ratio:.3f} times A")
    if abs(math.log(ratio)) > band:
        sys.exit("B is {} than A, outside the noise".format("faster" if ratio > 1 else "slower"))
    print("no difference that can be told from the noise")


if __name__ == "__main__":
    main()
