"""Writes vqav2_val.tsv: questions in the manner of VQAv2, ten answers each, about pictures of the TextVQA table of the tests.

Usage: python tools/benchmarks/vqav2_table.py
VLMEvalKit publishes no table of VQAv2, so there is none to take rows and scores from; scores follow the rule of TextVQA.
"""

import csv
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PICTURES = ROOT / "core/src/test/resources/evaluation/tables/textvqa_val.tsv"
QUESTIONS = [
    (458000, 0, "Is there a phone?", ["yes"] * 9 + ["no"]),
    (458001, None, "How many words are there?", ["1"] * 6 + ["one"] * 4),
    (458002, 1, "What color is the sign?", ["red"] * 5 + ["white"] * 3 + ["red and white"] * 2),
    (458003, 2, "Is it a stop sign?", ["no"] * 7 + ["yes"] * 3),
]


def main():
    csv.field_size_limit(sys.maxsize)
    with PICTURES.open(newline="") as file:
        images = [row["image"] for row in csv.DictReader(file, delimiter="\t") if len(row["image"]) > 64]
    with (Path(__file__).parent / "vqav2_val.tsv").open("w", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["index", "image", "question", "answer"])
        before = None
        for index, picture, question, answers in QUESTIONS:
            # None: the picture of the row before, named by its index
            table.writerow([index, before if picture is None else images[picture], question, answers])
            before = index


if __name__ == "__main__":
    main()
