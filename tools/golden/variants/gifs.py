"""GIF."""

import struct

import numpy as np
from PIL import Image

from .common import HEIGHT, WIDTH, add, encoded, picture


def lzw(indices, bits, stop_after=None):
    """GIF's codes without compression: a clear code often enough that codes stay short."""
    clear = 1 << bits
    codes, count = [clear], 0
    for index in indices if stop_after is None else indices[:stop_after]:
        codes.append(int(index))
        count += 1
        if count == clear - 2:
            codes.append(clear)
            count = 0
    codes.append(clear + 1)
    return codes


def gif_blocks(codes, bits):
    value = at = 0
    for code in codes:
        value |= code << at
        at += bits + 1
    data = value.to_bytes((at + 7) // 8, "little")
    return b"".join(bytes([len(data[i : i + 255])]) + data[i : i + 255] for i in range(0, len(data), 255)) + b"\0"


def gif(frame, bits=3, screen=None, at=(0, 0), palette=None, local=None, transparent=None, interlaced=False, stop_after=None, version=b"89a", background=2, end=b";", data=None, extensions=b""):
    height, width = frame.shape
    screen = screen or (width, height)
    out = b"GIF" + version + struct.pack("<HHBBB", *screen, (0x80 | bits - 1) if palette else 0, background, 0) + (palette or b"")
    out += extensions
    if transparent is not None:
        out += b"\x21\xf9\4" + bytes([1, 10, 0, transparent]) + b"\0"
    flags = (0x80 | bits - 1 if local else 0) | (0x40 if interlaced else 0)
    out += b"," + struct.pack("<HHHHB", *at, width, height, flags) + (local or b"") + bytes([bits])
    if interlaced:
        frame = np.concatenate([frame[0::8], frame[4::8], frame[2::4], frame[1::2]])
    return out + (gif_blocks(lzw(frame.reshape(-1), bits, stop_after), bits) if data is None else data) + end


def gifs():
    rng = np.random.RandomState(16)
    frame = rng.randint(0, 8, (HEIGHT, WIDTH))
    palette = rng.randint(0, 256, 24).astype(np.uint8).tobytes()
    other = rng.randint(0, 256, 24).astype(np.uint8).tobytes()
    grays = b"".join(bytes([i, i, i]) for i in range(8))
    add("gif/whole.gif", gif(frame, palette=palette))
    add("gif/87a.gif", gif(frame, palette=palette, version=b"87a"))
    add("gif/local.gif", gif(frame, palette=palette, local=other))
    add("gif/local-only.gif", gif(frame, local=other))
    add("gif/no-palette.gif", gif(frame))
    add("gif/gray-palette.gif", gif(frame, palette=grays))
    add("gif/local-gray.gif", gif(frame, palette=palette, local=grays))
    add("gif/transparent.gif", gif(frame, palette=palette, transparent=3))
    add("gif/interlaced.gif", gif(frame, palette=palette, interlaced=True))
    for rows in (1, 2, 3, 4, 5, 9):
        add(f"gif/interlaced-{rows}.gif", gif(frame[:rows], palette=palette, interlaced=True))
    for name, options in {"global": {"palette": palette}, "local": {"palette": palette, "local": other}, "none": {}, "gray": {"palette": grays}}.items():
        for transparent in (None, 0, 5, 200):
            add(f"gif/part-{name}-{transparent}.gif", gif(frame, screen=(40, 30), at=(7, 5), transparent=transparent, **options))
    add("gif/beyond-screen.gif", gif(frame, screen=(10, 40), at=(3, 2), palette=palette))
    add("gif/beyond-screen-transparent.gif", gif(frame, screen=(10, 40), at=(3, 2), palette=palette, transparent=4))
    add("gif/screen-of-nothing.gif", gif(frame, screen=(0, 0), palette=palette))
    add("gif/frame-of-nothing.gif", gif(frame[:0], screen=(9, 9), palette=palette))
    short_palette = gif(frame % 4, bits=3, palette=palette)
    add("gif/palette.gif", short_palette)
    small = bytearray(gif(frame, palette=palette[:12]))
    small[10] = 0x80 | 1  # four colours, of which the pixels ask for eight
    add("gif/palette-too-short.gif", bytes(small))
    for stop in (0, 1, WIDTH * 8, WIDTH * HEIGHT - 1):
        add(f"gif/ends-after-{stop}.gif", gif(frame, palette=palette, stop_after=stop))
    add("gif/no-end-code.gif", gif(frame, palette=palette, data=gif_blocks(lzw(frame.reshape(-1), 3)[:-1], 3)))
    add("gif/no-trailer.gif", gif(frame, palette=palette, end=b""))
    codes = lzw(frame.reshape(-1), 3)
    add("gif/more-data.gif", gif(frame, palette=palette, data=gif_blocks(codes[:-1] + [1, 2, 3, 9], 3)))
    add("gif/no-clear-code.gif", gif(frame[:1, :6], palette=palette, data=gif_blocks(lzw(frame[:1, :6].reshape(-1), 3)[1:], 3)))
    add("gif/impossible-code.gif", gif(frame, palette=palette, data=gif_blocks([8, 1, 15, 15, 15], 3)))
    add("gif/impossible-first-code.gif", gif(frame, palette=palette, data=gif_blocks([8, 12, 1, 2], 3)))
    whole = gif(frame, palette=palette)
    add("gif/cut.gif", whole[: len(whole) // 2])
    add("gif/cut-last-byte-of-data.gif", whole[:-3])
    add("gif/no-frame.gif", whole[:37] + b";")
    comment = b"\x21\xfe\5hello\3abc\0"
    netscape = b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"
    plain_text = b"\x21\x01\x0c" + b"\0" * 12 + b"\2hi\0"
    add("gif/extensions.gif", gif(frame, palette=palette, extensions=comment + netscape + plain_text, transparent=2, screen=(30, 30)))
    add("gif/junk-before-frame.gif", gif(frame, palette=palette, extensions=b"\0\0\x07"))
    add("gif/two-controls.gif", gif(frame, palette=palette, screen=(30, 30), transparent=6, extensions=b"\x21\xf9\4\1\0\0\2\0"))
    add("gif/control-without-flag.gif", gif(frame, palette=palette, screen=(30, 30), extensions=b"\x21\xf9\4\0\0\0\2\0"))
    for bits, colours in ((2, 4), (5, 32), (7, 128), (8, 256)):
        levels = rng.randint(0, colours, (HEIGHT, WIDTH))
        add(f"gif/bits-{bits}.gif", gif(levels, bits=bits, palette=rng.randint(0, 256, 3 * colours).astype(np.uint8).tobytes()))
    for colours in (2, 7, 64, 256):
        add(f"gif/compressed-{colours}.gif", encoded(picture(17, 61, 47).quantize(colours), "GIF"))
    big = Image.fromarray((np.arange(300 * 200).reshape(200, 300) // 7 % 251).astype(np.uint8))
    add("gif/full-table.gif", encoded(big, "GIF"))
    add("gif/animated.gif", encoded(picture(18).quantize(16), "GIF", save_all=True, append_images=[picture(19).quantize(16)]))

