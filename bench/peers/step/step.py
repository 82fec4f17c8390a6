"""The peer of the step benchmark: PyTorch, transformers' modules with SDPA, fused AdamW, autocast, DDP.

Usage: python step.py FOLDER [--dtype fp32|bf16] [--device cpu|gpu] [--threads N]
       torchrun --nproc-per-node N step.py FOLDER ...
Trains the model in FOLDER/python over the batches in FOLDER/inputs.*, as our side does, and prints one JSON
object on rank 0. The head computes logits of supervised positions only, as ours does.
"""

import argparse
import json
import math
import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.distributed as dist
import torch.nn.functional as F
import transformers
from torch.nn.parallel import DistributedDataParallel
from transformers import AutoModelForCausalLM

PEAK, WARM_UP, FINAL = 1e-4, 5, 0.1  # as StepBench.optimizer()
PROFILED_STEPS = 3  # as StepRun


class Loss(torch.nn.Module):
    """The mean loss over supervised positions."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids_BT, pixels_ICYX, vision_tokens, rows_R, targets_R):
        embedded_BTD = self.model.embed(ids_BT, pixels_ICYX, vision_tokens)
        language = self.model.language_model
        hidden_BTD = language.model(inputs_embeds=embedded_BTD, use_cache=False).last_hidden_state
        logits_RV = language.lm_head(hidden_BTD.flatten(0, 1)[rows_R])
        return F.cross_entropy(logits_RV.float(), targets_R)


def batches(folder, inputs, rank, device):
    """Yields ids, pixels, vision tokens, supervised rows and targets of every step."""
    b, side = inputs["batchSize"], inputs["imageSize"]
    prefix, answer = inputs["prefixTokens"], inputs["answerTokens"]
    text = prefix + inputs["questionTokens"] + answer
    pixels = b * 3 * side * side
    blocks = np.fromfile(folder / "inputs.bin", "<f4").reshape(-1, inputs["ranks"], pixels + b * text)
    for block, count in zip(blocks[:, rank], inputs["visionTokens"]):
        words = block[pixels:].view("<i4").reshape(b, text).astype(np.int64)
        image = np.full((b, count), inputs["imageTokenId"], np.int64)
        ids = torch.from_numpy(np.concatenate([words[:, :prefix], image, words[:, prefix:]], 1))
        length = ids.shape[1]
        rows = (torch.arange(b)[:, None] * length + torch.arange(length - answer, length)).flatten()
        picture = torch.from_numpy(block[:pixels].reshape(b, 3, side, side))
        yield tuple(
            part.to(device) if torch.is_tensor(part) else part
            for part in (ids, picture, count, rows - 1, ids.flatten()[rows])
        )


def rate_at(step, steps):
    if step < WARM_UP:
        return PEAK * (step + 1) / WARM_UP
    progress = min(1.0, (step - WARM_UP) / max(1, steps - WARM_UP))
    return PEAK * (FINAL + (1 - FINAL) * 0.5 * (1 + math.cos(math.pi * progress)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dtype", choices=["fp32", "bf16"], default="fp32")
    parser.add_argument("--device", choices=["cpu", "gpu"], default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--profile", help="file for a Chrome trace of the last three steps' operations")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    device = torch.device("cuda" if options.device == "gpu" else "cpu")
    inputs = json.loads((options.folder / "inputs.json").read_text())
    rank = int(os.environ.get("RANK", 0))
    ranks = inputs["ranks"]
    if ranks > 1:
        dist.init_process_group("gloo")

    model = AutoModelForCausalLM.from_pretrained(
        options.folder / "python", trust_remote_code=True, attn_implementation="sdpa", torch_dtype=torch.float32
    ).to(device)
    model.train()
    loss_of = Loss(model)
    if ranks > 1:
        loss_of = DistributedDataParallel(loss_of, gradient_as_bucket_view=True, static_graph=True)
    parameters = list(model.parameters())
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": 0.1},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=PEAK, betas=(0.9, 0.95), eps=1e-8, fused=True)

    losses, seconds = [], []
    steps = len(inputs["visionTokens"])
    loaded = list(batches(options.folder, inputs, rank, "cpu"))
    profiler = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU])
    for step, batch in enumerate(loaded):
        if options.profile and step == steps - PROFILED_STEPS:
            profiler.start()
        start = time.perf_counter()
        batch = [part.to(device) if torch.is_tensor(part) else part for part in batch]
        with torch.autocast(device.type, torch.bfloat16, enabled=options.dtype == "bf16"):
            loss = loss_of(*batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, steps)
        optimizer.step()
        optimizer.zero_grad()
        if ranks > 1:
            with torch.no_grad():
                dist.all_reduce(loss)
                loss /= ranks
        losses.append(loss.item())
        seconds.append(time.perf_counter() - start)
    if options.profile:
        profiler.stop()
        profiler.export_chrome_trace(options.profile)
    if rank == 0:
        print(
            json.dumps(
                {
                    "parameters": sum(p.numel() for p in parameters),
                    "samplesPerStep": inputs["batchSize"] * ranks,
                    "losses": losses,
                    "seconds": seconds,
                    "peakRssMib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                    "versions": "Python {}, PyTorch {}, transformers {}".format(
                        sys.version.split()[0], torch.__version__, transformers.__version__
                    ),
                }
            ),
            flush=True,
        )
    if ranks > 1:
        dist.destroy_process_group()


if __name__ == "__main__":
    main()
