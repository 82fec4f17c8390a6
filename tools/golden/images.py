"""Writes the image fixtures of core: what Pillow makes of small files of every kind.

Usage: python tools/golden/images.py [core/src/test/resources/golden/image]
Needs Pillow, numpy, scipy and imagehash. Each `decode-NAME.EXT` has its expected pixels in
`decode-NAME.EXT.expected.png` and each `resample-WxH.png` is `resample-source.png` resampled to that
size, each `resample-tall-WxH.png` likewise. Each `thumbnail-WxH-SIDE.png` is a picture of WxH pixels,
kept in `thumbnail-WxH.png`, reduced by Pillow's thumbnail. `phash.json` holds imagehash's phash of the
pictures `phash-*`.
"""

import io
import json
import struct
import sys
import zlib
from pathlib import Path

import imagehash
import numpy as np
import PIL
import scipy
from PIL import Image, ImageOps, features

RESAMPLE_SIZES = [(64, 64), (16, 16), (20, 41), (37, 7), (5, 29), (37, 29), (1, 1), (3, 90)]
THUMBNAILS = [(133, 57, 64), (57, 133, 64), (101, 101, 48), (100, 67, 51), (67, 100, 50), (300, 2, 64), (2, 300, 64)]
RESAMPLE_TALL_SIZES = [(16, 40), (23, 133), (40, 200), (7, 3)]


def picture(width, height, seed):
    """Smooth colours with hard edges and a little noise."""
    random = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = [x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x * 7 + y * 3) % 256]
    levels = np.stack(channels, axis=2).astype(int)
    levels[height // 4 : height // 2, width // 3 : width // 2] = 255
    levels[height // 2 : height * 3 // 4, width // 4 : width // 3] = 0
    levels += random.randint(-6, 7, levels.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def png16(levels, color_type):
    """A PNG of 16 bits a channel; Pillow cannot write coloured ones."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    height, width = levels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 16, color_type, 0, 0, 0)
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in levels)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def gif_of_a_part(palette):
    """A GIF whose first frame covers a part of its screen; Pillow fills the rest with colour 0."""
    whole = encoded(palette, "GIF")
    image_block = whole.index(b"\x2c\0\0\0\0")
    screen = struct.pack("<HH", palette.width + 9, palette.height + 5)
    return whole[:6] + screen + whole[10 : image_block + 1] + struct.pack("<HH", 4, 3) + whole[image_block + 5 :]


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def decode_files():
    rgb = picture(41, 30, 1)
    yield "rgb420.jpg", encoded(rgb, "JPEG", quality=85)
    yield "rgb444.jpg", encoded(rgb, "JPEG", quality=95, subsampling=0)
    yield "progressive.jpg", encoded(rgb, "JPEG", quality=85, progressive=True)
    yield "gray.jpg", encoded(rgb.convert("L"), "JPEG", quality=90)
    yield "cmyk.jpg", encoded(rgb.convert("CMYK"), "JPEG", quality=95)
    for orientation in range(2, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"exif{orientation}.jpg", encoded(rgb, "JPEG", quality=90, exif=exif)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "exif6.png", encoded(rgb, "PNG", exif=exif)
    yield "exif6.webp", encoded(rgb, "WEBP", lossless=True, exif=exif)
    yield "rgb.png", encoded(rgb, "PNG")
    yield "rgb.bmp", encoded(rgb, "BMP")
    yield "gray.png", encoded(rgb.convert("L"), "PNG")
    yield "bilevel.png", encoded(rgb.convert("1"), "PNG")
    alpha = Image.fromarray(np.tile(np.arange(41, dtype=np.uint8) * 6, (30, 1)))
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    yield "rgba.png", encoded(rgba, "PNG")
    yield "graya.png", encoded(rgba.convert("LA"), "PNG")
    yield "rgba.webp", encoded(rgba, "WEBP", lossless=True, exact=True)
    palette = rgb.quantize(16)
    yield "palette.png", encoded(palette, "PNG")
    yield "palette-transparent.png", encoded(palette, "PNG", transparency=3)
    yield "lossless.webp", encoded(rgb, "WEBP", lossless=True)
    yield "lossy.webp", encoded(rgb, "WEBP", quality=80)
    frames = [picture(41, 30, seed).quantize(32) for seed in (2, 3)]
    yield "animated.gif", encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield "part.gif", gif_of_a_part(frames[0])
    levels = np.arange(41 * 30 * 3).reshape(30, 41, 3) * 17 % 65536
    yield "rgb16.png", png16(levels, 2)
    levels = np.arange(41 * 30 * 4).reshape(30, 41, 4) * 13 % 65536
    yield "rgba16.png", png16(levels, 6)
    yield "gray-transparent.png", encoded(rgb.convert("L"), "PNG", transparency=7)
    yield "rgb-transparent.png", encoded(rgb, "PNG", transparency=(255, 255, 255))
    yield "palette-2bit.png", encoded(rgb.quantize(4), "PNG", bits=2)
    palette_alpha = bytes(range(0, 256, 16))
    yield "palette-alpha.png", encoded(palette, "PNG", transparency=palette_alpha)
    yield "palette.bmp", encoded(palette, "BMP")
    yield "rgb422.jpg", encoded(rgb, "JPEG", quality=85, subsampling=1)
    exif = Image.Exif()
    exif[0x0112] = 1
    yield "exif1.jpg", encoded(rgb, "JPEG", quality=90, exif=exif)
    exif[0x0112] = 8
    yield "exif8-gray.jpg", encoded(rgb.convert("L"), "JPEG", quality=90, exif=exif)
    frames = [picture(41, 30, seed) for seed in (2, 3)]
    yield "animated.webp", encoded(frames[0], "WEBP", lossless=True, save_all=True, append_images=frames[1:])


def expected(file):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB")


def photo(width, height, seed):
    """Soft blobs of colour at all scales, as photographs have."""
    random = np.random.RandomState(seed)
    levels = np.zeros((height, width, 3))
    for cells in (2, 4, 8, 16, 32):
        noise = Image.fromarray(random.randint(0, 256, (cells, cells, 3)).astype(np.uint8))
        levels += np.asarray(noise.resize((width, height), Image.BICUBIC), float) / cells**0.7
    return Image.fromarray((levels / levels.max() * 255).astype(np.uint8))


def phash_pictures():
    for seed, (width, height) in enumerate([(32, 32), (97, 61), (200, 150), (300, 420)]):
        yield f"phash-{width}x{height}.jpg", "JPEG", photo(width, height, seed), {"quality": 60}
    yield "phash-300x420-small.jpg", "JPEG", photo(300, 420, 3).resize((150, 210)), {"quality": 40}
    yield "phash-drawing.png", "PNG", picture(257, 180, 8).quantize(32), {}


def main():
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "core/src/test/resources/golden/image")
    target.mkdir(parents=True, exist_ok=True)
    for name, file in decode_files():
        (target / f"decode-{name}").write_bytes(file)
        expected(file).save(target / f"decode-{name}.expected.png")
    # Pillow clips 16-bit gray to 8 bits instead of scaling it; the high byte is what is meant.
    levels = np.arange(41 * 30).reshape(30, 41) * 53
    (target / "decode-gray16.png").write_bytes(png16(levels, 0))
    high = Image.fromarray((levels >> 8).astype(np.uint8)).convert("RGB")
    high.save(target / "decode-gray16.png.expected.png")
    source = picture(37, 29, 5)
    source.save(target / "resample-source.png")
    for size in RESAMPLE_SIZES:
        source.resize(size, Image.BICUBIC).save(target / "resample-{}x{}.png".format(*size))
    tall = picture(23, 133, 6)
    tall.save(target / "resample-tall-source.png")
    for size in RESAMPLE_TALL_SIZES:
        tall.resize(size, Image.BICUBIC).save(target / "resample-tall-{}x{}.png".format(*size))
    for width, height, side in THUMBNAILS:
        large = picture(width, height, width)
        large.save(target / f"thumbnail-{width}x{height}.png")
        # Without the gap Pillow would shrink by averaging first and lose sharpness for speed.
        large.thumbnail((side, side), Image.BICUBIC, reducing_gap=None)
        large.save(target / f"thumbnail-{width}x{height}-{side}.png")
    hashes = {}
    for name, kind, image, options in phash_pictures():
        file = encoded(image, kind, **options)
        (target / name).write_bytes(file)
        hashes[name] = str(imagehash.phash(expected(file)))
    (target / "phash.json").write_text(json.dumps(hashes, indent=2) + "\n")
    versions = {
        "pillow": PIL.__version__,
        "libjpeg-turbo": features.version("libjpeg_turbo"),
        "webp": features.version("webp"),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "imagehash": imagehash.__version__,
    }
    (target / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
