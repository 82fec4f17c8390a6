"""The peer of the feeding benchmark: pyarrow, Pillow and torch's DataLoader.

Usage: python bench/peers/feeding/feeding.py DATASET WORKERS BATCHES FIRST_BATCH
Reads the shards of a dataset by row group in shuffled order and makes batches of normalised pixels.
WORKERS is DataLoader's num_workers; 0 decodes in the process that consumes. FIRST_BATCH is a batch
of TokenFLEX's: nothing is timed unless every picture of it has the same pixels here, within one
level. Prints one JSON object.
"""

import io
import itertools
import json
import random
import resource
import sys
import time
from pathlib import Path

import numpy as np
import PIL
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from PIL import Image, ImageOps, features
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

IMAGE_SIZE = 224
BATCH_SIZE = 16
WARM_UP_BATCHES = 10
WINDOW_ROW_GROUPS = 4
COLUMNS = ["id", "images.list.element.bytes"]


def pixels(file):
    image = Image.open(io.BytesIO(file))
    image = ImageOps.exif_transpose(image).convert("RGB")
    return np.asarray(image.resize((IMAGE_SIZE, IMAGE_SIZE), Image.BICUBIC, reducing_gap=None))


def collate(levels):
    """To 3 x Y x X values in -1..1, a batch at a time: faster than picture by picture."""
    levels = torch.from_numpy(np.stack(levels)).permute(0, 3, 1, 2)
    return levels.to(torch.float32, memory_format=torch.contiguous_format).div_(127.5).sub_(1)


class Shards(IterableDataset):
    """Epochs without end; windows of row groups are shuffled, workers share them."""

    def __init__(self, files):
        self.files = files

    def __iter__(self):
        worker = get_worker_info()
        chance = random.Random(1)
        shards = [pq.ParquetFile(file, memory_map=True) for file in self.files]
        groups = [(shard, i) for shard in shards for i in range(shard.num_row_groups)]
        if worker:
            groups = groups[worker.id :: worker.num_workers]
        while True:
            chance.shuffle(groups)
            for start in range(0, len(groups), WINDOW_ROW_GROUPS):
                window = groups[start : start + WINDOW_ROW_GROUPS]
                tables = [shard.read_row_group(i, columns=COLUMNS[1:], use_threads=False) for shard, i in window]
                images = [image for table in tables for image in table.column("images").combine_chunks().flatten().field("bytes")]
                chance.shuffle(images)
                for image in images:
                    yield pixels(image.as_py())


def check(files, first):
    """Compares TokenFLEX's batch; returns the largest difference in levels."""
    head, values = first.read_bytes().split(b"\n\n", 1)
    ids = head.decode().split("\n")
    theirs = np.frombuffer(values, ">f4").reshape(len(ids), 3, IMAGE_SIZE, IMAGE_SIZE)
    stored = {}
    for file in files:
        for row in pq.ParquetFile(file).read(columns=COLUMNS).to_pylist():
            stored[row["id"]] = row["images"][0]["bytes"]
    ours = collate([pixels(stored[id]) for id in ids]).numpy()
    difference = np.abs(ours - theirs).max(axis=(1, 2, 3)) * 127.5
    if difference.max() > 1.01:
        raise SystemExit(f"pixels differ by {difference.max():.2f} levels in {ids[difference.argmax()]}; expected at most 1")
    return float(difference.max())


def main():
    dataset, workers, batches, first = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4])
    torch.set_num_threads(1)
    pa.set_cpu_count(1)
    files = sorted(Path(dataset).glob("data/*/*.parquet"))
    levels = check(files, first)
    loader = DataLoader(Shards(files), BATCH_SIZE, num_workers=workers, collate_fn=collate)
    start = None
    for batch in itertools.islice(loader, WARM_UP_BATCHES + batches):
        if start is None:
            seen = 0
            start = time.perf_counter()
        else:
            seen += 1
            if seen == WARM_UP_BATCHES:
                start = time.perf_counter()
    seconds = time.perf_counter() - start
    result = {
        "samplesPerSecond": (seen - WARM_UP_BATCHES) * BATCH_SIZE / seconds,
        "levels": levels,
        "peakRssMib": max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024,
        "versions": "Python {}, torch {}, Pillow {}, libjpeg-turbo {}, pyarrow {}".format(
            sys.version.split()[0], torch.__version__, PIL.__version__, features.version("libjpeg_turbo"), pa.__version__
        ),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
