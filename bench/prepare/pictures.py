"""Makes the pictures of the benchmark: seeded, of mixed sizes and formats.

Usage: python bench/prepare/pictures.py FOLDER [COUNT]
Needs Pillow and numpy. The longer side is log-uniform between 200 and 3000 pixels (PNG and WebP: to
1500); 80 % are JPEG of quality 80 to 95, 12 % PNG, 8 % lossy WebP; every tenth JPEG has an EXIF
orientation. The content is soft blobs at all scales plus sensor-like noise, so that files are about
as large as photographs of the same size.
"""

import random
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SEED = 2026
SIDE = 3000


def texture(seed):
    generator = np.random.RandomState(seed)
    levels = np.zeros((SIDE, SIDE, 3), np.float32)
    for cells in (3, 7, 19, 53, 149, 431):
        noise = Image.fromarray(generator.randint(0, 256, (cells, cells, 3)).astype(np.uint8))
        levels += np.asarray(noise.resize((SIDE, SIDE), Image.BICUBIC), np.float32) / cells**0.35
    levels *= 235 / levels.max()
    levels += generator.normal(0, 3, (SIDE, SIDE, 1)).astype(np.float32)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def main():
    folder = Path(sys.argv[1])
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)
    textures = [texture(SEED + i) for i in range(4)]
    for number in range(count):
        kind = chance.choices(["jpg", "png", "webp"], [80, 12, 8])[0]
        largest = 3000 if kind == "jpg" else 1500
        longer = round(200 * (largest / 200) ** chance.random())
        shorter = max(150, round(longer * chance.uniform(0.5, 1)))
        size = (longer, shorter) if chance.random() < 0.6 else (shorter, longer)
        left = chance.randrange(SIDE - size[0] + 1)
        top = chance.randrange(SIDE - size[1] + 1)
        picture = chance.choice(textures).crop((left, top, left + size[0], top + size[1]))
        path = folder / f"{number:05d}.{kind}"
        if kind == "jpg":
            exif = Image.Exif()
            if number % 10 == 0:
                exif[0x0112] = 6
            picture.save(path, quality=chance.randrange(80, 96), exif=exif)
        elif kind == "png":
            picture.save(path, compress_level=3)
        else:
            picture.save(path, quality=85, method=2)


if __name__ == "__main__":
    main()
