"""The peer of the benchmark of generation: transformers' `generate` with SDPA and its dynamic cache, greedy.

Usage: python generate.py FOLDER [--dtype fp32|bf16] [--threads N] [--new-tokens N] [--clock wall|cpu]
Answers the prompts in FOLDER with the model in FOLDER/python, as our side does, and prints one JSON object. With bf16
all of the model is bf16, as a user loads it. Prompts of a batch are padded on the left.
"""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
import transformers
from transformers import AutoModelForCausalLM, GenerationConfig


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--clock", choices=["wall", "cpu"], default="wall")
    options = parser.parse_args()
    clock = time.perf_counter if options.clock == "wall" else time.thread_time
    torch.set_num_threads(options.threads)
    inputs = json.loads((options.folder / "prompts.json").read_text())
    size, side = inputs["batchSize"], inputs["imageSize"]
    pictures_PYXC = np.fromfile(options.folder / "pictures.bin", np.uint8).reshape(-1, side, side, 3)
    model = AutoModelForCausalLM.from_pretrained(
        options.folder / "python",
        trust_remote_code=True,
        attn_implementation="sdpa",
        torch_dtype=torch.float32 if options.dtype == "fp32" else torch.bfloat16,
    )
    model.eval()

    def answer(batch, new_tokens):
        """New tokens of a batch; none ends an answer."""
        prompts = range(batch * size, (batch + 1) * size)
        scaled = (pictures_PYXC[prompts.start : prompts.stop].astype(np.float32) / 255 - 0.5) / 0.5
        pixels_ICYX = torch.from_numpy(scaled.transpose(0, 3, 1, 2).copy())
        ids = [inputs["ids"][i] for i in prompts]
        longest = max(map(len, ids))
        ids_BT = torch.tensor([[0] * (longest - len(row)) + row for row in ids])
        mask_BT = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in ids])
        return model.generate(
            ids_BT,
            pixel_values=pixels_ICYX,
            num_vision_tokens=inputs["visionTokens"],
            attention_mask=mask_BT,
            generation_config=GenerationConfig(
                do_sample=False, max_new_tokens=new_tokens, eos_token_id=None, pad_token_id=0
            ),
        )

    def seconds(batch, new_tokens):
        start = clock()
        tokens = answer(batch, new_tokens)
        taken = clock() - start
        assert tokens.shape == (size, new_tokens), tokens.shape
        return taken

    tokens = answer(0, options.new_tokens).tolist()
    first, whole = [], []
    for batch in range(1, len(inputs["ids"]) // size - 1, 2):
        first.append(seconds(batch, 1))
        whole.append(seconds(batch + 1, options.new_tokens))
    print(
        json.dumps(
            {
                "tokens": tokens,
                "batchSize": size,
                "newTokens": options.new_tokens,
                "firstTokenSeconds": first,
                "allTokensSeconds": whole,
                "peakRssMib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "versions": "Python {}, PyTorch {}, transformers {}".format(
                    sys.version.split()[0], torch.__version__, transformers.__version__
                ),
            }
        ),
        flush=True,
    )


if __name__ == "__main__":
    main()
