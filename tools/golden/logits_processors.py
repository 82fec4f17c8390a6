"""Writes golden/generation/processors.json: what transformers' logits processors make of random logits."""

import json
from pathlib import Path

import torch
import transformers
from transformers.generation.logits_process import (
    NoRepeatNGramLogitsProcessor,
    RepetitionPenaltyLogitsProcessor,
    TemperatureLogitsWarper,
    TopPLogitsWarper,
)

SEED = 20250404
VOCABULARY = 40
FILE = Path(__file__).resolve().parents[2] / "core/src/test/resources/golden/generation/processors.json"


def case(generator, temperature, top_p, penalty, ngram, length):
    logits = torch.randn(1, VOCABULARY, generator=generator) * 3
    ids = torch.randint(0, 6 if ngram else VOCABULARY, (1, length), generator=generator)
    scores = logits
    if penalty != 1:
        scores = RepetitionPenaltyLogitsProcessor(penalty)(ids, scores)
    if ngram:
        scores = NoRepeatNGramLogitsProcessor(ngram)(ids, scores)
    limited = scores.clone()
    if temperature:
        scores = TemperatureLogitsWarper(temperature)(ids, scores)
        if top_p < 1:
            scores = TopPLogitsWarper(top_p)(ids, scores)
    return {
        "temperature": temperature,
        "top_p": top_p,
        "repetition_penalty": penalty,
        "no_repeat_ngram_size": ngram,
        "ids": ids[0].tolist(),
        "logits": logits[0].tolist(),
        "limited": [None if x == float("-inf") else x for x in limited[0].tolist()],
        "probabilities": torch.softmax(scores.double(), -1)[0].tolist() if temperature else None,
        "likeliest": int(limited.argmax()),
    }


def main():
    generator = torch.Generator().manual_seed(SEED)
    cases = [
        case(generator, temperature, top_p, penalty, ngram, length)
        for temperature, top_p in [(0.0, 1.0), (1.0, 1.0), (0.7, 0.9), (1.5, 0.5), (0.3, 0.05), (4.0, 0.99)]
        for penalty, ngram, length in [(1.0, 0, 5), (1.3, 0, 12), (0.8, 3, 60), (1.1, 1, 4), (1.0, 2, 1), (1.0, 4, 80)]
    ]
    FILE.parent.mkdir(parents=True, exist_ok=True)
    versions = {"transformers": transformers.__version__, "torch": torch.__version__.split("+")[0]}
    lines = ",\n".join(json.dumps(c) for c in cases)
    FILE.write_text(f'{{"versions": {json.dumps(versions)}, "seed": {SEED}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
