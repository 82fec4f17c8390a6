"""BMP."""

import struct

import numpy as np
from PIL import Image

from .common import ENTRIES, HEIGHT, WIDTH, add, packed_row, picture


def bmp(bits, rows, header=40, compression=0, masks=b"", palette=b"", colours=0, top_down=False, offset=None, width=WIDTH, height=HEIGHT):
    data = rows if isinstance(rows, bytes) else b"".join(row + b"\0" * (-len(row) % 4) for row in (rows if top_down else rows[::-1]))
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IIiHHIIIIII", header, width, -height if top_down else height, 1, bits, compression, len(data), 2835, 2835, colours, 0)
        if header > 40:
            info += masks + b"\0" * (header - 40 - len(masks))
        else:
            info += masks
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start if offset is None else offset) + info + palette + data


def masked(levels, masks, size):
    """Rows of pixels of `size` bytes, whose channels fill the masks; alpha gets a pattern."""
    rows = []
    for y, row in enumerate(levels):
        out = b""
        for x, pixel in enumerate(row):
            value = 0
            for level, mask in zip([*pixel, (x * 11 + y) % 256], masks):
                if mask:
                    shift = (mask & -mask).bit_length() - 1
                    most = mask >> shift
                    value |= round(int(level) * most / 255) << shift
            out += value.to_bytes(size, "little")
        rows.append(out)
    return rows


def bmps():
    rng = np.random.RandomState(14)
    rgb = picture(15)
    levels = np.asarray(rgb)
    bgr = [row.tobytes() for row in levels[:, :, ::-1]]
    for header in (12, 40, 52, 56, 64, 108, 124):
        add(f"bmp/rgb24-{header}.bmp", bmp(24, bgr, header))
        for bits in (1, 4, 8):
            colours = 1 << bits
            indices = rng.randint(0, colours, (HEIGHT, WIDTH))
            entry = 3 if header == 12 else 4
            palette = rng.randint(0, 256, entry * colours).astype(np.uint8).tobytes()
            rows = [packed_row(row, bits) for row in indices]
            add(f"bmp/palette{bits}-{header}.bmp", bmp(bits, rows, header, palette=palette))
            if header == 40:
                add(f"bmp/palette{bits}-top-down.bmp", bmp(bits, rows, header, palette=palette, top_down=True))
                add(f"bmp/palette{bits}-offset-at-palette.bmp", bmp(bits, rows, header, palette=palette, offset=54))
                add(f"bmp/palette{bits}-no-offset.bmp", bmp(bits, rows, header, palette=palette, offset=0))
                used = max(2, colours // 2)
                add(f"bmp/palette{bits}-few.bmp", bmp(bits, [packed_row(row % used, bits) for row in indices], header, palette=palette[: 4 * used], colours=used))
                if bits > 1:
                    add(f"bmp/palette{bits}-too-few.bmp", bmp(bits, rows, header, palette=palette[: 4 * used], colours=used))
    white_first = bytes([255, 255, 255, 0, 0, 0, 0, 0])
    bits = rng.randint(0, 2, (HEIGHT, WIDTH))
    rows = [packed_row(row, 1) for row in bits]
    add("bmp/white-first.bmp", bmp(1, rows, palette=white_first))
    add("bmp/black-first.bmp", bmp(1, rows, palette=white_first[::-1][1:] + b"\0"))
    gray = b"".join(bytes([level, level, level, 0]) for level in range(256))
    add("bmp/gray.bmp", bmp(8, [packed_row(row, 8) for row in levels[:, :, 0]], palette=gray))
    add("bmp/gray-few.bmp", bmp(8, [packed_row(row, 8) for row in levels[:, :, 0]], palette=gray[:400], colours=100))
    fives = (0x7C00, 0x3E0, 0x1F)
    add("bmp/555.bmp", bmp(16, masked(levels, fives, 2)))
    add("bmp/555-top-down.bmp", bmp(16, masked(levels, fives, 2), top_down=True))
    add("bmp/555-core.bmp", bmp(16, masked(levels, fives, 2), header=12))
    every = np.arange(1024).reshape(32, 32)
    add("bmp/555-every-level.bmp", bmp(16, [packed_row(row, 8) for row in every.astype("<u2").view(np.uint8).reshape(32, 64)], width=32, height=32))
    sixteen = {"555": fives, "565": (0xF800, 0x7E0, 0x1F), "444": (0xF00, 0xF0, 0xF), "bgr565": (0x1F, 0x7E0, 0xF800), "1555": (0x7C00, 0x3E0, 0x1F, 0x8000), "none": (0, 0, 0)}
    thirty_two = {
        "bgrx": (0xFF0000, 0xFF00, 0xFF, 0),
        "xbgr": (0xFF000000, 0xFF0000, 0xFF00, 0),
        "bgxr": (0xFF000000, 0xFF00, 0xFF, 0),
        "abgr": (0xFF000000, 0xFF0000, 0xFF00, 0xFF),
        "rgba": (0xFF, 0xFF00, 0xFF0000, 0xFF000000),
        "bgra": (0xFF0000, 0xFF00, 0xFF, 0xFF000000),
        "bgar": (0xFF000000, 0xFF00, 0xFF, 0xFF0000),
        "rgbx": (0xFF, 0xFF00, 0xFF0000, 0),
        "101010": (0x3FF00000, 0xFFC00, 0x3FF, 0),
        "holes": (0xFF00FF, 0xFF00, 0xFF, 0),
    }
    for name, masks in sixteen.items():
        for header in (40, 52, 56, 108, 124):
            stored = masks if header >= 56 else masks[:3]
            stored = (stored + (0,))[:4] if header >= 56 else stored
            packed = b"".join(struct.pack("<I", mask) for mask in stored)
            if header not in (40, 56) and name not in ("565", "1555"):
                continue
            file = bmp(16, masked(levels, masks, 2), header, 3, packed)
            usual = name in ("555", "565", "1555")
            decided = None if usual or name == "none" else Image.fromarray(spread(levels, masks))
            add(f"bmp/fields16-{name}-{header}.bmp", file, decided=decided)
    for name, masks in thirty_two.items():
        for header in (40, 52, 56, 108, 124):
            if header not in (40, 56) and name not in ("bgra", "rgba"):
                continue
            packed = b"".join(struct.pack("<I", mask) for mask in (masks if header >= 56 else masks[:3]))
            file = bmp(32, masked(levels, masks, 4), header, 3, packed)
            decided = Image.fromarray(spread(levels, masks)) if name in ("rgbx", "101010", "rgba", "abgr") else None
            add(f"bmp/fields32-{name}-{header}.bmp", file)
            if decided is not None and isinstance(ENTRIES[f"bmp/fields32-{name}-{header}.bmp"][1], str):
                ENTRIES[f"bmp/fields32-{name}-{header}.bmp"] = (*ENTRIES[f"bmp/fields32-{name}-{header}.bmp"][:3], decided)
    zero = struct.pack("<4I", 0, 0, 0, 0)
    add("bmp/fields32-zero.bmp", bmp(32, masked(levels, thirty_two["bgra"], 4), 56, 3, zero))
    add("bmp/fields24.bmp", bmp(24, bgr, 56, 3, struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0)))
    add("bmp/rgb32.bmp", bmp(32, masked(levels, thirty_two["bgra"], 4)))
    add("bmp/rgb32-top-down.bmp", bmp(32, masked(levels, thirty_two["bgra"], 4), top_down=True))
    runs(rng)
    whole = bmp(24, bgr)
    add("bmp/cut-1.bmp", whole[:-1])
    add("bmp/cut-pad-only.bmp", bmp(24, [row for row in bgr], top_down=True)[:-3])
    add("bmp/cut-half.bmp", whole[: len(whole) // 2])
    add("bmp/cut-header.bmp", whole[:40])
    add("bmp/trailing.bmp", whole + b"xyz")
    add("bmp/header-unknown.bmp", bmp(24, bgr, 44, masks=b"\0" * 4))
    add("bmp/bits-unknown.bmp", bmp(2, bgr))
    for compression in (4, 5, 6, 11):
        add(f"bmp/compression-{compression}.bmp", bmp(24, bgr, compression=compression))
    add("bmp/no-width.bmp", bmp(24, bgr, width=0))
    add("bmp/offset-outside.bmp", bmp(24, bgr, offset=99999))


def spread(levels, masks):
    out = np.zeros_like(levels)
    for channel in range(3):
        mask = masks[channel]
        most = mask >> ((mask & -mask).bit_length() - 1)
        stored = np.array([[round(int(level) * most / 255) for level in row] for row in levels[:, :, channel]])
        out[:, :, channel] = stored * 255 // most
    return out


def runs(rng):
    """Run lengths: runs, literals, deltas, early ends of lines, in 8 and 4 bits."""
    for bits in (8, 4):
        most = 1 << bits
        palette = rng.randint(0, 256, 4 * most).astype(np.uint8).tobytes()
        compression = 1 if bits == 8 else 2

        def file(data, **options):
            return bmp(bits, bytes(data), compression=compression, palette=palette, **options)

        def literal(values):
            packed = packed_row(np.array(values), bits)
            return bytes([0, len(values)]) + packed + b"\0" * (len(packed) % 2)

        rows = [[(x // 4 + y) % most for x in range(WIDTH)] for y in range(HEIGHT)]
        by_runs = b""
        for row in rows:
            at = 0
            while at < WIDTH:
                end = at
                while end < WIDTH and row[end] == row[at]:
                    end += 1
                by_runs += bytes([end - at, row[at] if bits == 8 else row[at] * 17])
                at = end
            by_runs += b"\0\0"
        add(f"bmp/rle{bits}-runs.bmp", file(by_runs + b"\0\1"))
        add(f"bmp/rle{bits}-runs-no-end.bmp", file(by_runs))
        add(f"bmp/rle{bits}-runs-top-down.bmp", file(by_runs + b"\0\1", top_down=True))
        by_literals = b"".join(literal(row) + b"\0\0" for row in rows) + b"\0\1"
        add(f"bmp/rle{bits}-literals.bmp", file(by_literals))
        add(f"bmp/rle{bits}-literals-no-line-ends.bmp", file(b"".join(literal(row) for row in rows) + b"\0\1"))
        add(f"bmp/rle{bits}-half-rows.bmp", file(b"".join(literal(row[:10]) + b"\0\0" for row in rows) + b"\0\1"))
        add(f"bmp/rle{bits}-delta.bmp", file(literal(rows[0][:9]) + b"\0\2\3\5" + by_runs[: len(by_runs) // 2] + b"\0\2\0\x20" + b"\0\1"))
        add(f"bmp/rle{bits}-run-beyond-row.bmp", file(b"".join(bytes([200, row[0]]) + b"\0\0" for row in rows) + b"\0\1"))
        add(f"bmp/rle{bits}-ends-early.bmp", file(by_runs[: len(by_runs) // 2 // 2 * 2] + b"\0\1"))
        add(f"bmp/rle{bits}-cut.bmp", file(by_literals)[:-120])
        add(f"bmp/rle{bits}-alternating.bmp", file(b"".join(bytes([WIDTH, 0x5A]) + b"\0\0" for _ in rows) + b"\0\1"))
        add(f"bmp/rle{bits}-empty.bmp", file(b"\0\1"))
    add("bmp/rle-of-24-bits.bmp", bmp(24, b"\0\1" * 900, compression=1))

