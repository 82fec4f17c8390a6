"""The peer of the all-reduce benchmark: one rank of torch.distributed with gloo on CPU tensors.

Usage: python bench/peers/allreduce/allreduce.py FILE RANK WORLD_SIZE BYTES:ITERATIONS...
FILE is where the ranks meet; it must not exist. Rank 0 prints one JSON object.
"""

import datetime
import json
import resource
import sys
import time

import torch
import torch.distributed as dist

PERIOD = 1009


def check_sum(values, rank, world_size):
    """Element i of rank r is (i mod 1009) x (r + 1): whole numbers, whose sum is exact."""
    pattern = torch.arange(PERIOD, dtype=torch.float32)
    for chunk in values.split(PERIOD):
        torch.mul(pattern[: len(chunk)], rank + 1, out=chunk)
    dist.all_reduce(values)
    pattern *= world_size * (world_size + 1) // 2
    if not all(torch.equal(chunk, pattern[: len(chunk)]) for chunk in values.split(PERIOD)):
        raise SystemExit(f"rank {rank} of {world_size}: the sum of {values.numel()} values is wrong")


def measure(values, iterations, rank, world_size):
    check_sum(values, rank, world_size)
    values.zero_()  # sums of sums would overflow
    seconds = []
    for i in range(-max(1, iterations // 2), iterations):  # the first ones warm up
        start = time.perf_counter()
        dist.all_reduce(values)
        if i >= 0:
            seconds.append(time.perf_counter() - start)
    return seconds


def main():
    file, rank, world_size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    dist.init_process_group(
        "gloo",
        init_method=f"file://{file}",
        rank=rank,
        world_size=world_size,
        timeout=datetime.timedelta(seconds=60),
    )
    seconds = {}
    for argument in sys.argv[4:]:
        size, iterations = argument.split(":")
        values = torch.zeros(int(size) // 4)
        seconds[size] = measure(values, int(iterations), rank, world_size)
    if rank == 0:
        result = {
            "seconds": seconds,
            "peakRssMib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            "versions": f"Python {sys.version.split()[0]}, torch {torch.__version__} (gloo)",
        }
        print(json.dumps(result))
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main()
