"""Writes the image fixtures of core: what Pillow makes of small files of every kind.

Usage: python tools/golden/images.py [core/src/test/resources/golden/image]
Needs Pillow and numpy. Each `decode-NAME.EXT` has its expected pixels in `decode-NAME.expected.png`
and each `resample-WxH.png` is `resample-source.png` resampled to that size, each
`resample-tall-WxH.png` likewise.
"""

import io
import json
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps, features

RESAMPLE_SIZES = [(64, 64), (16, 16), (20, 41), (37, 7), (5, 29), (37, 29), (1, 1), (3, 90)]
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
    levels = np.arange(41 * 30 * 3).reshape(30, 41, 3) * 17 % 65536
    yield "rgb16.png", png16(levels, 2)


def expected(file):
    return ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB")


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
    versions = {
        "pillow": PIL.__version__,
        "libjpeg-turbo": features.version("libjpeg_turbo"),
        "webp": features.version("webp"),
        "numpy": np.__version__,
    }
    (target / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")


if __name__ == "__main__":
    main()
