"""WebP."""

import struct

from .common import HEIGHT, WIDTH, add, encoded, picture, riff, tiff, vp8x, webp_chunks, with_alpha


def anmf(chunks, at=(0, 0), size=(WIDTH, HEIGHT), flags=0, duration=100):
    body = struct.pack("<I", at[0] // 2)[:3] + struct.pack("<I", at[1] // 2)[:3]
    body += struct.pack("<I", size[0] - 1)[:3] + struct.pack("<I", size[1] - 1)[:3] + struct.pack("<I", duration)[:3] + bytes([flags])
    return (b"ANMF", body + b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks))


def webps():
    rgb = picture(20)
    kinds = {
        "lossless": encoded(rgb, "WEBP", lossless=True),
        "lossy": encoded(rgb, "WEBP", quality=75),
        "lossless-alpha": encoded(with_alpha(rgb), "WEBP", lossless=True, exact=True),
        "lossy-alpha": encoded(with_alpha(rgb), "WEBP", quality=75, exact=True),
        "lossless-transparent": encoded(with_alpha(rgb), "WEBP", lossless=True),
    }
    second = [chunk for chunk in webp_chunks(encoded(picture(21), "WEBP", lossless=True)) if chunk[0] != b"VP8X"]
    for name, file in kinds.items():
        add(f"webp/still-{name}.webp", file)
        chunks = [chunk for chunk in webp_chunks(file) if chunk[0] != b"VP8X"]
        alpha = 0x10 if "lossless-" in name or "alpha" in name else 0
        for background in (b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x10\x80\xf0\xff"):
            anim = (b"ANIM", background + b"\0\0")
            for flags in (0, 1, 2, 3):
                if background != b"\xff\xff\xff\xff" and flags:
                    continue
                first = anmf(chunks, (10, 8), flags=flags)
                file = riff(vp8x(2 | alpha, 48, 36), anim, first, anmf(second, (2, 2)))
                add(f"webp/part-{name}-{background.hex()}-{flags}.webp", file)
        whole = riff(vp8x(2 | alpha), (b"ANIM", b"\xff\xff\xff\xff\0\0"), anmf(chunks), anmf(second))
        add(f"webp/whole-{name}.webp", whole)
        add(f"webp/one-frame-{name}.webp", riff(vp8x(2 | alpha, 30, 30), (b"ANIM", b"\xff\xff\xff\xff\0\0"), anmf(chunks, (4, 6))))
    chunks = [chunk for chunk in webp_chunks(kinds["lossless"]) if chunk[0] != b"VP8X"]
    anim = (b"ANIM", b"\xff\xff\xff\xff\0\0")
    add("webp/extra-chunk-in-frame.webp", riff(vp8x(2, 48, 36), anim, anmf(chunks + [(b"XTRA", b"12345")], (4, 4))))
    six = tiff(b"II", [(0x112, 3, 1, b"\6\0\0\0")])
    add("webp/animated-turned.webp", riff(vp8x(10, 48, 36), anim, anmf(chunks, (10, 8)), anmf(second), (b"EXIF", six)))
    add("webp/frame-beyond-canvas.webp", riff(vp8x(2, 26, 20), anim, anmf(chunks, (10, 8))))
    add("webp/animation-without-frames.webp", riff(vp8x(2), anim))
    add("webp/frame-without-picture.webp", riff(vp8x(2), anim, anmf([(b"XTRA", b"1234")])))
    whole = riff(vp8x(2, 48, 36), anim, anmf(chunks, (10, 8)), anmf(second))
    add("webp/animated-cut.webp", whole[:-30])
    half = anmf(chunks, (10, 8))[1]
    add("webp/frame-cut.webp", riff(vp8x(2, 48, 36), anim, (b"ANMF", half[: len(half) // 2])))
    add("webp/still-trailing.webp", kinds["lossless"] + b"more")
    add("webp/still-cut.webp", kinds["lossy"][:-20])
    frames = [picture(seed).convert("RGBA") for seed in (22, 23)]
    for frame in frames:
        frame.paste((0, 0, 0, 0), (0, 0, 9, HEIGHT))
    add("webp/saved-animation.webp", encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))

