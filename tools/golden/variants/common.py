"""Pictures, pieces of files and the list of entries that all variants share."""

import io
import struct
import warnings
import zlib

import numpy as np
from PIL import Image, ImageOps

WIDTH, HEIGHT = 23, 17
ENTRIES = {}


def picture(seed, width=WIDTH, height=HEIGHT):
    """Smooth colours with an edge: no two corners are alike, so that a wrong turn shows."""
    rng = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width]
    channels = [x * 255 // max(1, width - 1), y * 255 // max(1, height - 1), (x * 5 + y * 9) % 256]
    levels = np.stack(channels, axis=2).astype(int)
    levels[height // 3 : height // 2, width // 4 : width // 2] = (250, 20, 40)
    levels += rng.randint(-5, 6, levels.shape)
    return Image.fromarray(levels.clip(0, 255).astype(np.uint8))


def encoded(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def add(name, file, tolerance=None, decided=None):
    """Records a file; `decided` is an image, or a reason for refusal, that we want instead of Pillow's answer."""
    assert name not in ENTRIES, name
    if tolerance is None:
        tolerance = 1 if file[:2] == b"\xff\xd8" else 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shown = ImageOps.exif_transpose(Image.open(io.BytesIO(file))).convert("RGB")
    except Exception as e:  # Pillow raises whatever a broken file provokes
        shown = type(e).__name__
    ENTRIES[name] = (file, shown, tolerance, decided)


def segments(file):
    """The segments before the first scan as (marker, body), and the rest from the scan on."""
    found, at = [], 2
    while file[at + 1] != 0xDA:
        length = struct.unpack(">H", file[at + 2 : at + 4])[0]
        found.append((file[at + 1], file[at + 4 : at + 2 + length]))
        at += 2 + length
    return found, file[at:]


def segment(marker, body):
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def joined(parts, rest):
    return b"\xff\xd8" + b"".join(segment(*part) for part in parts) + rest


def bare(file):
    """Without application segments and comments."""
    parts, rest = segments(file)
    return [part for part in parts if not (0xE0 <= part[0] <= 0xEF or part[0] == 0xFE)], rest


JFIF = (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def tiff(order, entries, header=None, tail=b"", next_directory=True):
    """A TIFF block with one directory; entries are (tag, type, count, value or offset as bytes)."""
    endian = "<" if order == b"II" else ">"
    if header is None:
        header = order + struct.pack(endian + "H", 42)
    block = header + struct.pack(endian + "IH", 8, len(entries))
    for tag, kind, count, value in entries:
        block += struct.pack(endian + "HHI", tag, kind, count) + value
    return block + (b"\0\0\0\0" if next_directory else b"") + tail


def webp_chunks(file):
    found, at = [], 12
    while at < len(file):
        length = struct.unpack("<I", file[at + 4 : at + 8])[0]
        found.append((file[at : at + 4], file[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def riff(*chunks):
    body = b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def vp8x(flags, width=WIDTH, height=HEIGHT):
    return (b"VP8X", struct.pack("<I", flags) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3])


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, bits, colour, rows, chunks=(), late=()):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = b"".join(b"\0" + row for row in rows)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(body)), *late, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def rows_of(image):
    levels = np.asarray(image)
    return [row.tobytes() for row in levels]


def with_alpha(rgb):
    image = rgb.copy()
    image.putalpha(Image.fromarray((np.arange(rgb.width * rgb.height).reshape(rgb.height, rgb.width) % 256).astype(np.uint8)))
    return image


def packed_row(levels, bits):
    if bits == 16:
        return levels.astype(">u2").tobytes()
    if bits == 8:
        return levels.astype(np.uint8).tobytes()
    digits = "".join(format(int(level), f"0{bits}b") for level in levels)
    digits += "0" * (-len(digits) % 8)
    return bytes(int(digits[i : i + 8], 2) for i in range(0, len(digits), 8))

