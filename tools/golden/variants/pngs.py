"""PNG."""

import struct
import zlib

import numpy as np
from PIL import Image

from .common import HEIGHT, WIDTH, add, encoded, packed_row, picture, png, png_chunk, rows_of


def adam7(width, height, bits, channels, samples):
    """Interlaced rows of samples (array height x width x channels of levels below 2**bits)."""
    out = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        part = samples[y0::dy, x0::dx]
        if part.shape[0] and part.shape[1]:
            for row in part:
                out += b"\0" + packed_row(row.reshape(-1), bits)
    return out


def pngs():
    rng = np.random.RandomState(9)
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
    for colour, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (1, 2, 4, 8)), (4, (8, 16)), (6, (8, 16))):
        for bits in depths:
            samples = rng.randint(0, 1 << bits, (HEIGHT, WIDTH, channels[colour]))
            palette = rng.randint(0, 256, 3 * (1 << bits)).astype(np.uint8).tobytes() if colour == 3 else b""
            trns = {
                "plain": None,
                "transparent": {0: b"\0\1", 2: b"\0\1\0\2\0\3", 3: b"\xff\0"}.get(colour),
                "transparent-some": {3: bytes([0, 128])}.get(colour),
            }
            for name, transparency in trns.items():
                if name != "plain" and transparency is None:
                    continue
                chunks = ([(b"PLTE", palette)] if palette else []) + ([(b"tRNS", transparency)] if transparency else [])
                decided = None
                if colour == 0 and bits == 16:
                    # Pillow clips 16-bit gray at 255, which leaves a white page; the high byte is what is meant.
                    decided = Image.fromarray((samples[:, :, 0] >> 8).astype(np.uint8)).convert("RGB")
                rows = [packed_row(row.reshape(-1), bits) for row in samples]
                add(f"png/colour{colour}-{bits}-{name}.png", png(WIDTH, HEIGHT, bits, colour, rows, chunks), decided=decided)
                if name == "plain":
                    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colour, 0, 0, 1)
                    data = zlib.compress(adam7(WIDTH, HEIGHT, bits, channels[colour], samples))
                    parts = [(b"IHDR", header), *chunks, (b"IDAT", data), (b"IEND", b"")]
                    interlaced = b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)
                    add(f"png/interlaced-{colour}-{bits}.png", interlaced, decided=decided)
    rgb = picture(10)
    few = rng.randint(0, 8, (HEIGHT, WIDTH))
    palette = bytes(range(20, 20 + 12))  # four colours, of which the pixels ask for eight
    add("png/palette-too-short.png", png(WIDTH, HEIGHT, 8, 3, [packed_row(row, 8) for row in few], [(b"PLTE", palette)]))
    add("png/palette-too-short-4.png", png(WIDTH, HEIGHT, 4, 3, [packed_row(row, 4) for row in few], [(b"PLTE", palette)]))
    add("png/suggested-palette.png", png(WIDTH, HEIGHT, 8, 2, rows_of(rgb), [(b"PLTE", palette)]))
    add("png/background.png", png(WIDTH, HEIGHT, 8, 2, rows_of(rgb), [(b"bKGD", b"\0\1\0\2\0\3")]))
    add("png/text.png", png(WIDTH, HEIGHT, 8, 2, rows_of(rgb), [(b"tEXt", b"Title\0A title"), (b"zTXt", b"Note\0\0" + zlib.compress(b"x" * 999))], [(b"tEXt", b"Late\0x")]))
    add("png/private.png", png(WIDTH, HEIGHT, 8, 2, rows_of(rgb), [(b"prVt", b"1234")], [(b"prVt", b"")]))
    add("png/significant-bits.png", png(WIDTH, HEIGHT, 8, 2, rows_of(rgb), [(b"sBIT", b"\5\6\5")]))
    add("png/trailing.png", encoded(rgb, "PNG") + b"more than a PNG")
    add("png/compressed-badly.png", encoded(rgb, "PNG", compress_level=1))
    frames = [picture(seed) for seed in (11, 12)]
    add("png/animated.png", encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=100))
    add("png/animated-default.png", encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True))
    whole = encoded(rgb, "PNG")
    add("png/cut.png", whole[: len(whole) // 2])
    add("png/too-few-rows.png", png(WIDTH, HEIGHT, 8, 2, rows_of(rgb)[:-1]), decided="refused: it ends early")
    add("png/too-many-rows.png", png(WIDTH, HEIGHT, 8, 2, rows_of(rgb) + rows_of(rgb)[:2]))
    pieces = zlib.compress(b"".join(b"\0" + row for row in rows_of(rgb)))
    parts = [(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)), (b"IDAT", b"")]
    parts += [(b"IDAT", pieces[i : i + 50]) for i in range(0, len(pieces), 50)] + [(b"IDAT", b""), (b"IEND", b"")]
    add("png/many-pieces.png", b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts))
    for size in ((1, 1), (1, 9), (9, 1), (3, 3)):
        add("png/size-{}x{}.png".format(*size), encoded(picture(13, *size), "PNG"))

