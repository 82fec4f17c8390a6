"""Prints the table of the feeding benchmark and appends it to a file.

Usage: python bench/feeding/report.py RESULTS COMMAND TARGET.md
Each line of RESULTS is the side, the number of workers and the JSON object of one round, with tabs
between. Needs no packages.
"""

import json
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import page  # noqa: E402

HEADER = """# Feeding

`bench/feeding/run`: from Parquet shards to fp32 tensors of 16 x 3 x 224 x 224 normalised pixels in host memory. The shards hold
pictures of at most 448 pixels, as `bench/prepare/pictures.py` and the prepare job make them. Both sides read whole row groups in
shuffled windows, decode, turn upright, resize with antialiased bicubic, normalise and collate. Text is neither read nor tokenized
on the peer's side and a fixed row of ids on ours, which does read and check it.

TokenFLEX is what training uses: `ParquetSampleSource`, `GlobalBatches`, `MicroBatches`, `Collator` and `Prefetcher`; a worker is a
rank's reader thread, with its consumer. The peer is torch's DataLoader over pyarrow and Pillow, with one worker process per core,
and with none where that is faster. Each run is pinned to as many cores as it has workers; the two run in turns. Before anything is
timed, the peer makes the pictures of one of TokenFLEX's batches itself and refuses to go on where a pixel differs by more than one
level of 255. Samples per second and core: medians over the rounds, with the lowest and highest, from one steady state to another.
"""


def main():
    runs = {}
    for line in Path(sys.argv[1]).read_text().splitlines():
        side, workers, result = line.split("\t")
        runs.setdefault(int(workers), {}).setdefault(side, []).append(json.loads(result))
    lines = ["| cores | TokenFLEX, samples/s/core | DataLoader, samples/s/core | ratio | peak memory, MiB |", "|---|---|---|---|---|"]
    for workers, sides in runs.items():
        rates = {side: [r["samplesPerSecond"] / workers for r in results] for side, results in sides.items()}
        peer = max((side for side in rates if side != "tokenflex"), key=lambda side: statistics.median(rates[side]))
        ratio = statistics.median(rates["tokenflex"]) / statistics.median(rates[peer])
        peak = [max(r["peakRssMib"] for r in sides[side]) for side in ("tokenflex", peer)]
        lines.append(
            f"| {workers} | {page.spread(rates['tokenflex'])} | {page.spread(rates[peer])}, {peer} | {ratio:.2f} |"
            f" {peak[0]:.0f} and {peak[1]:.0f} |"
        )
    levels = max(r["levels"] for sides in runs.values() for side, rs in sides.items() if side != "tokenflex" for r in rs)
    lines += ["", f"Largest difference of a pixel in the batch that was compared: {levels:.2f} levels."]
    lines += ["The peer's peak memory is that of its largest process."]
    sides = next(iter(runs.values()))
    versions = [sides["tokenflex"][0]["versions"], next(rs for side, rs in sides.items() if side != "tokenflex")[0]["versions"]]
    page.append(sys.argv[3], HEADER, sys.argv[2], versions, lines)


if __name__ == "__main__":
    main()
