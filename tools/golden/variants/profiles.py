"""Colour profiles and gamma, which Pillow ignores."""

import struct

from PIL import ImageCms

from .common import HEIGHT, WIDTH, add, encoded, joined, picture, png, rows_of, segments


def srgb_profile():
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)  # not the time of this run
    return bytes(profile)


def wide_profile():
    """The sRGB profile with the primaries of Adobe RGB."""
    profile = bytearray(srgb_profile())
    primaries = {b"rXYZ": (0.60974, 0.31111, 0.01947), b"gXYZ": (0.20528, 0.62567, 0.06087), b"bXYZ": (0.14919, 0.06322, 0.74457)}
    for i in range(struct.unpack(">I", profile[128:132])[0]):
        tag, offset, _ = struct.unpack(">4sII", profile[132 + 12 * i : 144 + 12 * i])
        if tag in primaries:
            profile[offset + 8 : offset + 20] = struct.pack(">3i", *(round(v * 65536) for v in primaries[tag]))
    return bytes(profile)


def profiles():
    rgb = picture(5)
    for name, profile in (("srgb", srgb_profile()), ("wide", wide_profile()), ("broken", b"no profile at all")):
        add(f"profile/{name}.jpg", encoded(rgb, "JPEG", quality=92, icc_profile=profile))
        add(f"profile/{name}.png", encoded(rgb, "PNG", icc_profile=profile))
        add(f"profile/{name}-palette.png", encoded(rgb.quantize(16), "PNG", icc_profile=profile))
        add(f"profile/{name}.webp", encoded(rgb, "WEBP", lossless=True, icc_profile=profile))
        add(f"profile/{name}-lossy.webp", encoded(rgb, "WEBP", quality=70, icc_profile=profile))
        add(f"profile/{name}-gray.jpg", encoded(rgb.convert("L"), "JPEG", quality=92, icc_profile=profile))
        add(f"profile/{name}-gray.png", encoded(rgb.convert("L"), "PNG", icc_profile=profile))
        add(f"profile/{name}-cmyk.jpg", encoded(rgb.convert("CMYK"), "JPEG", quality=92, icc_profile=profile))
    plain = encoded(rgb, "JPEG", quality=92)
    parts, rest = segments(plain)
    half = len(wide_profile()) // 2
    pieces = [(0xE2, b"ICC_PROFILE\0" + bytes([n, 2]) + part) for n, part in ((2, wide_profile()[half:]), (1, wide_profile()[:half]))]
    add("profile/in-two-pieces.jpg", joined(parts + pieces, rest))
    add("profile/one-piece-lacks.jpg", joined(parts + pieces[:1], rest))
    add("profile/rgb-wide.jpg", encoded(rgb, "JPEG", quality=92, keep_rgb=True, icc_profile=wide_profile()))
    gamma = png(WIDTH, HEIGHT, 8, 2, rows_of(rgb), [(b"gAMA", struct.pack(">I", 100000)), (b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000))])
    add("profile/gamma.png", gamma)

