"""Plots seconds and peak memory of `tokenflex prepare` against the number of records.

Usage: python bench/prepare/growth.py TABLE PLOT.svg
Each line of TABLE is the number of records, seconds and MiB.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import plot  # noqa: E402

rows = [[float(cell) for cell in line.split()] for line in Path(sys.argv[1]).read_text().splitlines()]
plot.save(sys.argv[2], [("records", *zip(*rows))])
