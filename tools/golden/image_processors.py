"""Writes what the image processors of transformers (the slow ones, on Pillow) make of seeded pictures.

Usage: python tools/golden/image_processors.py [core/src/test/resources/golden/image_processors]
`processors.json` holds, for each variant, its preprocessor_config.json (and, for InternVL, its config.json), the number of tiles of every
picture, and the value of every level and channel after rescaling and normalising. `VARIANT.png` has the levels before that: the tiles of all
pictures, one below the other. `sweep-NAME.png` has a pixel for every picture size: red is the number of columns of tiles, green of rows, blue
of all tiles. Of published sizes (`full_size_variants`) there are digests of the levels alone, tiles x channels x rows x columns. Pictures are a formula (`picture`) that the test computes too, so that they need not be stored.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import PIL
import transformers
from PIL import Image
from transformers import CLIPImageProcessor, GotOcr2ImageProcessor, SiglipImageProcessor
from transformers.models.got_ocr2.image_processing_got_ocr2 import get_optimal_tiled_canvas

SIZES = [(64, 64), (97, 61), (61, 97), (200, 50), (50, 200), (28, 28), (7, 5), (1, 1), (3, 90), (333, 20), (20, 333)]
SIZES += [(150, 113), (401, 7), (256, 171), (70, 40)]
FULL_SIZES = [(640, 480), (853, 1280), (1600, 300)]
IMAGENET_MEAN = [0.485, 0.456, 0.406]
IMAGENET_STD = [0.229, 0.224, 0.225]
PLAIN = {"input_data_format": "channels_last"}
LEVELS = {**PLAIN, "do_rescale": False, "do_normalize": False}


def picture(width, height, seed):
    """Smooth colours with noise, in integers, so that any language computes the same."""
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.int64)
    smooth = [x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x + y) * 255 // max(1, width + height - 2)]
    mixed = (x * 73856093) ^ (y * 19349663) ^ ((c + 1) * 83492791) ^ (seed * 40503)
    noise = ((mixed & 0xFFFFFFFF) * 1103515245 + 12345 >> 16 & 0xFFFF) % 25 - 12
    levels = np.choose(c, smooth) + noise
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def ramp():
    """All 256 levels, the same in each channel."""
    return Image.fromarray(np.repeat(np.arange(256, dtype=np.uint8).reshape(16, 16, 1), 3, axis=2))


class FromTransformers:
    """A processor of transformers, used as it is."""

    def __init__(self, processor, **facts):
        self.processor = processor
        self.facts = {"preprocessor_config": processor.to_dict() | facts}

    def levels(self, image):
        return np.stack(self.processor.preprocess(image, **LEVELS)["pixel_values"])

    def values(self, image):
        return np.stack(self.processor.preprocess(image, **PLAIN)["pixel_values"])

    def table(self):
        whole = {"do_resize": False}
        if isinstance(self.processor, CLIPImageProcessor):
            whole["do_center_crop"] = False
        if isinstance(self.processor, GotOcr2ImageProcessor):
            whole["crop_to_patches"] = False
        return np.asarray(self.processor.preprocess(ramp(), **PLAIN, **whole)["pixel_values"][0]).reshape(3, 256)


class FromInternVl:
    """InternVL's dynamic tiling as its model cards describe it; written anew."""

    def __init__(self, size, smallest, largest, thumbnail, mean, std):
        self.size, self.smallest, self.largest, self.thumbnail = size, smallest, largest, thumbnail
        self.mean, self.std = mean, std
        config = {"dynamic_image_size": True, "force_image_size": size, "min_dynamic_patch": smallest}
        config |= {"max_dynamic_patch": largest, "use_thumbnail": thumbnail}
        self.facts = {"config": config}
        self.facts["preprocessor_config"] = {"feature_extractor_type": "CLIPFeatureExtractor", "crop_size": size, "size": size}
        self.facts["preprocessor_config"] |= {"resample": 3, "image_mean": mean, "image_std": std}

    def grid(self, width, height):
        # A set, as in the original: where two grids of equal area are equally near, its order decides.
        grids = {
            (columns, rows)
            for number in range(self.smallest, self.largest + 1)
            for columns in range(1, number + 1)
            for rows in range(1, number + 1)
            if self.smallest <= columns * rows <= self.largest
        }
        best, nearest = (1, 1), float("inf")
        for columns, rows in sorted(grids, key=lambda grid: grid[0] * grid[1]):
            distance = abs(width / height - columns / rows)
            has_enough_pixels = width * height > 0.5 * self.size * self.size * columns * rows
            if distance < nearest or (distance == nearest and has_enough_pixels):
                best, nearest = (columns, rows), distance
        return best

    def levels(self, image):
        columns, rows = self.grid(*image.size)
        large = np.asarray(image.resize((columns * self.size, rows * self.size)))
        tiles = [
            large[row * self.size : (row + 1) * self.size, column * self.size : (column + 1) * self.size]
            for row in range(rows)
            for column in range(columns)
        ]
        if self.thumbnail and len(tiles) > 1:
            tiles.append(np.asarray(image.resize((self.size, self.size))))
        return np.stack(tiles).transpose(0, 3, 1, 2)

    def normalized(self, levels):
        mean, std = (np.array(numbers, np.float32).reshape(3, 1, 1) for numbers in (self.mean, self.std))
        return (levels.astype(np.float32) / np.float32(255) - mean) / std

    def values(self, image):
        return self.normalized(self.levels(image))

    def table(self):
        return self.normalized(np.asarray(ramp()).transpose(2, 0, 1)).reshape(3, 256)


def variants():
    square = {"height": 24, "width": 24}
    yield "siglip", FromTransformers(SiglipImageProcessor(size=square))
    oblong = {"height": 20, "width": 28}
    yield "siglip-bilinear", FromTransformers(SiglipImageProcessor(size=oblong, resample=2, image_mean=[0.4, 0.5, 0.6]))
    yield "siglip-lanczos", FromTransformers(SiglipImageProcessor(size=square, resample=1, rescale_factor=1 / 127.5))
    small = {"height": 8, "width": 8}
    levels = {"image_mean": [127.5, 120.0, 110.25], "image_std": [127.5, 60.0, 70.5]}
    yield "siglip-no-rescale", FromTransformers(SiglipImageProcessor(size=small, do_rescale=False, **levels))
    yield "siglip-no-normalize", FromTransformers(SiglipImageProcessor(size=small, do_normalize=False))
    yield "clip", FromTransformers(CLIPImageProcessor(size={"shortest_edge": 24}, crop_size=square))
    padded = {"height": 30, "width": 23}
    yield "clip-padded", FromTransformers(CLIPImageProcessor(size={"shortest_edge": 17}, crop_size=padded))
    inner = {"height": 18, "width": 25}
    yield "clip-inner", FromTransformers(CLIPImageProcessor(size={"shortest_edge": 30}, crop_size=inner, resample=2))
    yield "clip-fixed", FromTransformers(CLIPImageProcessor(size=square, crop_size=square))
    yield "got-ocr2", FromTransformers(GotOcr2ImageProcessor(size=square, resample=2))
    tiles = {"size": {"height": 16, "width": 16}, "crop_to_patches": True}
    yield "got-ocr2-tiles", FromTransformers(GotOcr2ImageProcessor(**tiles))
    yield "got-ocr2-2-to-6-tiles", FromTransformers(GotOcr2ImageProcessor(min_patches=2, max_patches=6, **tiles))
    hidden = GotOcr2ImageProcessor(size={"height": 10, "width": 10}, image_mean=IMAGENET_MEAN, image_std=IMAGENET_STD)
    # Published files say crop_to_patches false, and InternVLProcessor overrides that.
    hidden.crop_to_patches = True
    yield "internvl-hf", FromTransformers(hidden, crop_to_patches=False, processor_class="InternVLProcessor")
    yield "internvl", FromInternVl(18, 1, 12, True, IMAGENET_MEAN, IMAGENET_STD)
    yield "internvl-6-tiles-no-thumbnail", FromInternVl(18, 1, 6, False, IMAGENET_MEAN, IMAGENET_STD)
    yield "ristretto", FromInternVl(14, 1, 10, True, [0.5] * 3, [0.5] * 3)


def full_size_variants():
    off = {"do_rescale": False, "do_normalize": False}
    yield "siglip-384", FromTransformers(SiglipImageProcessor(size={"height": 384, "width": 384}, **off))
    crop = {"height": 336, "width": 336}
    yield "clip-336", FromTransformers(CLIPImageProcessor(size={"shortest_edge": 336}, crop_size=crop, **off))
    internvl = FromInternVl(448, 1, 12, True, IMAGENET_MEAN, IMAGENET_STD)
    internvl.facts["preprocessor_config"] |= off
    yield "internvl-448", internvl


def sweeps():
    yield "every-size", FromInternVl(28, 1, 12, True, IMAGENET_MEAN, IMAGENET_STD), range(1, 257)
    yield "internvl", FromInternVl(448, 1, 12, True, IMAGENET_MEAN, IMAGENET_STD), range(2, 2700, 14)
    yield "internvl-6", FromInternVl(448, 1, 6, False, IMAGENET_MEAN, IMAGENET_STD), range(32, 2600, 32)
    yield "ristretto", FromInternVl(384, 1, 10, True, [0.5] * 3, [0.5] * 3), range(16, 2600, 16)
    yield "2-to-9", FromInternVl(32, 2, 9, True, [0.5] * 3, [0.5] * 3), range(1, 161)
    yield "up-to-40", FromInternVl(32, 1, 40, True, [0.5] * 3, [0.5] * 3), range(4, 640, 4)


def write_variant(folder, name, variant):
    tiles, counts = [], []
    table = variant.table().astype(np.float32)
    for seed, size in enumerate(SIZES):
        image = picture(*size, seed)
        levels = variant.levels(image)
        assert levels.dtype == np.uint8, name
        expected = np.stack([table[channel][levels[:, channel]] for channel in range(3)], axis=1)
        np.testing.assert_array_equal(variant.values(image).astype(np.float32), expected)
        counts.append(len(levels))
        tiles += list(levels.transpose(0, 2, 3, 1))
    Image.fromarray(np.concatenate(tiles)).save(folder / f"{name}.png", optimize=True)
    return variant.facts | {"num_tiles": counts, "values": [[float(f"{v:.9g}") for v in row] for row in table]}


def digests(variant):
    pictures = [picture(*size, seed) for seed, size in enumerate(FULL_SIZES)]
    levels = [np.ascontiguousarray(variant.levels(image)) for image in pictures]
    return variant.facts | {"sha256": [hashlib.sha256(tiles).hexdigest() for tiles in levels]}


def write_sweep(folder, name, tiling, sizes):
    pixels = np.zeros((len(sizes), len(sizes), 3), np.uint8)
    for row, height in enumerate(sizes):
        for column, width in enumerate(sizes):
            grid = tiling.grid(width, height)
            side = (tiling.size, tiling.size)
            assert grid == get_optimal_tiled_canvas((height, width), side, tiling.smallest, tiling.largest)
            number = grid[0] * grid[1]
            pixels[row, column] = *grid, number + (1 if tiling.thumbnail and number > 1 else 0)
    Image.fromarray(pixels).save(folder / f"sweep-{name}.png", optimize=True)
    facts = {"image_size": tiling.size, "min_tiles": tiling.smallest, "max_tiles": tiling.largest}
    return facts | {"use_thumbnail": tiling.thumbnail, "first": sizes[0], "step": sizes.step}


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "core/src/test/resources/golden/image_processors")
    folder.mkdir(parents=True, exist_ok=True)
    facts = {
        "versions": {"transformers": transformers.__version__, "pillow": PIL.__version__, "numpy": np.__version__},
        "sizes": SIZES,
        "defaults": [kind().to_dict() for kind in (SiglipImageProcessor, CLIPImageProcessor, GotOcr2ImageProcessor)],
        "variants": {name: write_variant(folder, name, variant) for name, variant in variants()},
        "full_sizes": FULL_SIZES,
        "full_size_variants": {name: digests(variant) for name, variant in full_size_variants()},
        "sweeps": {name: write_sweep(folder, name, tiling, sizes) for name, tiling, sizes in sweeps()},
    }
    (folder / "processors.json").write_text(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main()
