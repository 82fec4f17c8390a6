"""Writes the tables of measured differences in docs/models.md from what the golden tests left.

Usage: python tools/golden/parity_table.py [core/target/parity.jsonl [docs/models.md]]

The tests append a line for every measure; the last line for a measure counts. A table is replaced between the
comments `<!-- parity:NAME -->` and `<!-- /parity -->`.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORDER = {
    "vision": ["hidden states", "features", "gradients", "bf16 features"],
    "language": ["outputs", "gradients", "loss", "bf16 logits", "bf16 gradients"],
    "whole": ["features", "text logits", "logits", "loss", "features at another size"],
    "lora": [
        "logits",
        "loss",
        "gradients",
        "trained adapter",
        "trained logits",
        "merged weights",
        "logits after a merge",
    ],
}


def table(name, measured):
    measures = ORDER[name]
    rows = [f"| golden | {' | '.join(measures)} |", f"|---|{'---|' * len(measures)}"]
    for golden, values in sorted(measured.items()):
        if values.keys() - set(measures):
            raise ValueError(f"{golden}: no column for {sorted(values.keys() - set(measures))}; add it to ORDER")
        cells = [f"{values[measure]:.1e}" if measure in values else "" for measure in measures]
        rows.append(f"| `{golden}` | {' | '.join(cells)} |")
    return "\n".join(rows)


def main():
    lines = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "core/target/parity.jsonl")
    page = Path(sys.argv[2] if len(sys.argv) > 2 else ROOT / "docs/models.md")
    measured = {name: {} for name in ORDER}
    for line in lines.read_text().splitlines():
        entry = json.loads(line)
        measured[entry["table"]].setdefault(entry["name"], {})[entry["measure"]] = entry["value"]
    text = page.read_text()
    for name, goldens in measured.items():
        if not goldens:
            raise ValueError(f"{lines} has nothing for table {name}; run the golden tests named in {page}")
        pattern = rf"(<!-- parity:{name} -->\n).*?(<!-- /parity -->)"
        text, replaced = re.subn(pattern, lambda m: m[1] + table(name, goldens) + "\n" + m[2], text, flags=re.S)
        if replaced != 1:
            raise ValueError(f"{page} has {replaced} places for table {name}; expected one")
    page.write_text(text)
    print(f"{page}: {', '.join(f'{len(goldens)} {name}' for name, goldens in measured.items())}")


if __name__ == "__main__":
    main()
