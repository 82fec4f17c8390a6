"""The peer of the prepare benchmark: Pillow and pyarrow, one thread.

Usage: python bench/peers/prepare/prepare.py PICTURES OUTPUT.parquet
Does to each picture what TokenFLEX does: read the file, decode all of it, turn it upright, reduce it to
448 pixels with antialiased bicubic, encode it again (PNG as PNG, others as JPEG 90), write it to
Parquet. Pictures within 448 pixels keep their bytes. Prints one JSON object.
"""

import hashlib
import io
import json
import resource
import sys
import time
from pathlib import Path

import PIL
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image, ImageOps, features

MAX_SIDE = 448
JPEG_QUALITY = 90
PNG_LEVEL = 4  # as ours; Pillow's default of 6 takes 2.7 times as long for files of the same size
ROWS_PER_ROW_GROUP = 256
WARM_UP = 50

IMAGE = pa.struct([("bytes", pa.binary()), ("width", pa.int32()), ("height", pa.int32()), ("sha256", pa.string())])
TURN = pa.struct([("role", pa.string()), ("text", pa.string())])
SCHEMA = pa.schema(
    [("id", pa.string()), ("images", pa.list_(IMAGE)), ("conversation", pa.list_(TURN)), ("source", pa.string())]
)


class Stages:
    def __init__(self):
        self.seconds = dict.fromkeys(["decode", "resample", "encode", "write"], 0.0)
        self.last = time.perf_counter()

    def end(self, name):
        now = time.perf_counter()
        self.seconds[name] += now - self.last
        self.last = now


def prepare(paths, output, stages):
    rows = []
    options = {"use_dictionary": False, "compression": "none", "write_statistics": ["id"]}
    with pq.ParquetWriter(output, SCHEMA, **options) as writer:
        for path in paths:
            file = path.read_bytes()
            image = Image.open(io.BytesIO(file))
            kind = image.format
            image.load()
            image = ImageOps.exif_transpose(image).convert("RGB")
            stages.end("decode")
            stored = file
            if max(image.size) > MAX_SIDE:
                # No reducing gap: it would average first, which gives other pixels than bicubic.
                image.thumbnail((MAX_SIDE, MAX_SIDE), Image.BICUBIC, reducing_gap=None)
                stages.end("resample")
                buffer = io.BytesIO()
                if kind == "PNG":
                    image.save(buffer, "PNG", compress_level=PNG_LEVEL)
                else:
                    image.save(buffer, "JPEG", quality=JPEG_QUALITY)
                stored = buffer.getvalue()
                stages.end("encode")
            entry = {
                "bytes": stored,
                "width": image.width,
                "height": image.height,
                "sha256": hashlib.sha256(stored).hexdigest(),
            }
            turns = [{"role": "user", "text": "<image>\nWhat is this?"}, {"role": "assistant", "text": "A picture."}]
            rows.append({"id": path.name, "images": [entry], "conversation": turns, "source": path.name})
            if len(rows) == ROWS_PER_ROW_GROUP:
                writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
                rows = []
            stages.end("write")
        if rows:
            writer.write_table(pa.Table.from_pylist(rows, SCHEMA))
    stages.end("write")


def main():
    paths = sorted(Path(sys.argv[1]).iterdir())
    prepare(paths[:WARM_UP], sys.argv[2], Stages())
    stages = Stages()
    start = time.perf_counter()
    prepare(paths, sys.argv[2], stages)
    result = {
        "pictures": len(paths),
        "wall": time.perf_counter() - start,
        "stages": stages.seconds,
        "peakRssMib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "versions": "Python {}, Pillow {}, libjpeg-turbo {}, pyarrow {}".format(
            sys.version.split()[0], PIL.__version__, features.version("libjpeg_turbo"), pa.__version__
        ),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
