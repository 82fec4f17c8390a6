"""Prints the table of the prepare benchmark and appends it to a file.

Usage: python bench/prepare/report.py RESULTS COMMAND TARGET.md
Each line of RESULTS is the side, a tab and the JSON object of one round. Needs no packages.
"""

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import page  # noqa: E402

STAGES = ["decode", "resample", "encode", "write"]
HEADER = """# Preparing pictures

`bench/prepare/run`: read, decode completely, turn upright, reduce to 448 pixels (antialiased bicubic), encode (PNG as PNG,
others as JPEG 90), write to Parquet; one thread on one core each, in turns, after a warm-up. Images per second and core:
medians over the rounds, with the lowest and highest. A stage's number counts its own time only. TokenFLEX's resampling is
measured by doing it once more, outside the total, and taken off encoding.

JPEG is decoded by whatever libjpeg the JDK was built with: Debian's packages use the system's libjpeg-turbo, others bring
libjpeg 6b without vector code and must be slower (not measured). The pictures are made by `bench/prepare/pictures.py`; the
peer switches off Pillow's `reducing_gap`, which is faster but gives other pixels.
"""


def main():
    rounds = {"tokenflex": [], "pillow": []}
    for line in Path(sys.argv[1]).read_text().splitlines():
        side, result = line.split("\t")
        rounds[side].append(json.loads(result))
    count = rounds["pillow"][0]["pictures"]
    lines = ["| | TokenFLEX | Pillow + pyarrow | ratio |", "|---|---|---|---|"]
    for name in ["all"] + STAGES:
        rates = {
            side: [count / (r["wall"] if name == "all" else r["stages"][name]) for r in results]
            for side, results in rounds.items()
        }
        ratio = statistics.median(rates["tokenflex"]) / statistics.median(rates["pillow"])
        lines.append(f"| {name}, images/s | {page.spread(rates['tokenflex'])} | {page.spread(rates['pillow'])} | {ratio:.2f} |")
    peak = {side: max(r["peakRssMib"] for r in results) for side, results in rounds.items()}
    lines.append("| peak memory, MiB | {tokenflex:.0f} | {pillow:.0f} | |".format(**peak))
    versions = [results[0]["versions"] for results in rounds.values()]
    page.append(sys.argv[3], HEADER, sys.argv[2], versions, lines)


if __name__ == "__main__":
    main()
