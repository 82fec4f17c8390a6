"""Writes the variants of image files that cameras, scanners and old programs make, and what Pillow shows.

Usage: python tools/golden/image_variants.py [core/src/test/resources/golden/image/variants.zip.gz]
Needs Pillow and numpy. The zip, packed once more, holds the files, `expected/*.png` with the pixels that
`ImageOps.exif_transpose(image).convert("RGB")` gives, and `manifest.json`: for each file its expected pixels, or
that Pillow refuses it, and by how many levels a decoder may differ: 1 for JPEG, else 0. Where TokenFLEX means to
differ from Pillow the entry says what is expected instead, in `decided`.
"""

import gzip
import hashlib
import io
import json
import random
import struct
import sys
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageCms, ImageOps, features

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


# ---- JPEG


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


def is_frame(marker):
    return 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC)


def scans(rest):
    """Offsets of the scan headers in the coded part."""
    found, at = [], 0
    while at < len(rest) - 1:
        if rest[at] == 0xFF and rest[at + 1] not in (0, 0xFF) and not 0xD0 <= rest[at + 1] <= 0xD7:
            if rest[at + 1] == 0xD9:
                return found
            if rest[at + 1] == 0xDA:
                found.append(at)
            at += 2 + struct.unpack(">H", rest[at + 2 : at + 4])[0]
        else:
            at += 1
    return found


def with_ids(parts, rest, ids):
    """Other component ids, in the frame header and in every scan."""
    old = {}
    new_parts = []
    for marker, body in parts:
        if is_frame(marker):
            body = bytearray(body)
            for i, component in enumerate(ids):
                old[body[6 + 3 * i]] = component
                body[6 + 3 * i] = component
            body = bytes(body)
        new_parts.append((marker, body))
    rest = bytearray(rest)
    for at in scans(rest):
        for i in range(rest[at + 4]):
            rest[at + 5 + 2 * i] = old[rest[at + 5 + 2 * i]]
    return new_parts, bytes(rest)


def with_scan_parameters(rest, parameters):
    rest = bytearray(rest)
    for at in scans(rest):
        end = at + 5 + 2 * rest[at + 4]
        rest[end : end + 3] = bytes(parameters)
    return bytes(rest)


def bare(file):
    """Without application segments and comments."""
    parts, rest = segments(file)
    return [part for part in parts if not (0xE0 <= part[0] <= 0xEF or part[0] == 0xFE)], rest


JFIF = (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
EXIF_EMPTY = (0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")


def adobe(transform, length=12):
    return (0xEE, (b"Adobe\0\x64\0\0\0\0" + bytes([transform]) + b"\0" * 8)[:length])


def jpeg_colours():
    heads = {
        "none": [],
        "jfif": [JFIF],
        "exif": [EXIF_EMPTY],
        "adobe0": [adobe(0)],
        "adobe1": [adobe(1)],
        "adobe2": [adobe(2)],
        "adobe7": [adobe(7)],
        "adobe-short": [adobe(0, 11)],
        "adobe-long": [adobe(0, 20)],
        "adobe-twice": [adobe(0), adobe(1)],
        "jfif-adobe0": [JFIF, adobe(0)],
        "jfif-short": [(0xE0, JFIF[1][:12])],
        "jfif-short-adobe0": [(0xE0, JFIF[1][:12]), adobe(0)],
        "jfxx": [(0xE0, b"JFXX\0\x10" + b"\0" * 10), adobe(0)],
        "exif-adobe0": [EXIF_EMPTY, adobe(0)],
        "adobe-lower": [(0xEE, b"adobe\0\x64\0\0\0\0\0")],
    }
    ids = {"123": (1, 2, 3), "012": (0, 1, 2), "RGB": b"RGB", "rgb": b"rgb", "YCC": b"YCC", "321": (3, 2, 1), "111": (1, 1, 1)}
    ids["RGBs"] = (0x52, 0x47, 0x42)
    rgb = picture(1)
    sampled = {
        "444": encoded(rgb, "JPEG", quality=92, subsampling=0),
        "420": encoded(rgb, "JPEG", quality=88, subsampling=2),
        "progressive": encoded(rgb, "JPEG", quality=88, subsampling=2, progressive=True),
    }
    parts, rest = bare(sampled["444"])
    for head_name, head in heads.items():
        for ids_name in ("123", "012", "RGB", "rgb", "YCC"):
            new_parts, new_rest = with_ids(parts, rest, ids[ids_name])
            add(f"jpeg/colour-444-{head_name}-{ids_name}.jpg", joined(head + new_parts, new_rest))
    for kind in ("420", "progressive"):
        parts, rest = bare(sampled[kind])
        for head_name in ("none", "jfif", "adobe0", "adobe1", "adobe-short", "exif"):
            for ids_name in ("012", "RGB", "321"):
                new_parts, new_rest = with_ids(parts, rest, ids[ids_name])
                add(f"jpeg/colour-{kind}-{head_name}-{ids_name}.jpg", joined(head + new_parts, new_rest))
    parts, rest = bare(sampled["444"])
    new_parts, new_rest = with_ids(parts, rest, ids["111"])
    add("jpeg/ids-equal.jpg", joined(new_parts, new_rest))
    parts, rest = bare(encoded(rgb.convert("CMYK"), "JPEG", quality=92))
    four = {"1234": (1, 2, 3, 4), "0123": (0, 1, 2, 3), "CMYK": b"CMYK"}
    for head_name in ("none", "jfif", "adobe0", "adobe1", "adobe2", "adobe7", "adobe-short", "jfif-adobe0", "exif"):
        for ids_name, four_ids in four.items():
            if ids_name != "1234" and head_name not in ("none", "adobe2"):
                continue
            new_parts, new_rest = with_ids(parts, rest, four_ids)
            add(f"jpeg/four-{head_name}-{ids_name}.jpg", joined(heads[head_name] + new_parts, new_rest))
    parts, rest = bare(encoded(rgb.convert("L"), "JPEG", quality=92))
    for head_name in ("none", "jfif", "adobe0", "adobe1", "adobe2"):
        for component in (0, 1, 71):
            new_parts, new_rest = with_ids(parts, rest, (component,))
            add(f"jpeg/gray-{head_name}-{component}.jpg", joined(heads[head_name] + new_parts, new_rest))
    two = [(0xC0, body[:5] + b"\2" + body[6:12]) if marker == 0xC0 else (marker, body) for marker, body in bare(sampled["444"])[0]]
    add("jpeg/two-components.jpg", joined(two, bare(sampled["444"])[1]))
    twelve = [(marker, b"\x0c" + body[1:]) if marker == 0xC0 else (marker, body) for marker, body in bare(sampled["444"])[0]]
    add("jpeg/twelve-bits.jpg", joined(twelve, bare(sampled["444"])[1]))


def jpeg_of_planes(ids, scan_parameters=(0, 63, 0), sampling=(1, 1), size=(WIDTH, HEIGHT), seed=2):
    """A sequential file with a scan for each component; luminance has `sampling` samples for each of chrominance."""
    across, down = sampling
    parts, coded = [], []
    for i, plane in enumerate(picture(seed, *size).convert("YCbCr").split()):
        if i > 0:
            plane = plane.resize((-(-size[0] // across), -(-size[1] // down)), Image.BOX)
        parts, rest = bare(encoded(plane, "JPEG", quality=92))
        header_end = 2 + struct.unpack(">H", rest[2:4])[0]
        coded.append(rest[header_end:-2])
    samplings = [16 * across + down, 0x11, 0x11]
    components = b"".join(bytes([c, s, 0]) for c, s in zip(ids, samplings))
    frame = b"\x08" + struct.pack(">HH", size[1], size[0]) + b"\3" + components
    parts = [(marker, frame if is_frame(marker) else body) for marker, body in parts]
    rest = b"".join(segment(0xDA, bytes([1, c, 0, *scan_parameters])) + data for c, data in zip(ids, coded))
    return parts, rest + b"\xff\xd9"


def jpeg_scans():
    rgb = picture(3)
    files = {
        "baseline": encoded(rgb, "JPEG", quality=90),
        "optimized": encoded(rgb, "JPEG", quality=90, subsampling=0, optimize=True),
        "gray": encoded(rgb.convert("L"), "JPEG", quality=90),
        "restart": encoded(rgb, "JPEG", quality=90, restart_marker_blocks=1),
        "cmyk": encoded(rgb.convert("CMYK"), "JPEG", quality=90),
    }
    odd = [(0, 0, 0), (0, 62, 0), (1, 63, 0), (0, 63, 1), (0, 63, 0x10), (63, 0, 0x11), (0, 255, 0)]
    for kind, file in files.items():
        parts, rest = segments(file)
        for parameters in odd if kind in ("baseline", "gray") else odd[:1]:
            name = "-".join(map(str, parameters))
            add(f"jpeg/scan-{kind}-{name}.jpg", joined(parts, with_scan_parameters(rest, parameters)))
    for ids in ((1, 2, 3), (0, 1, 2), (7, 9, 200)):
        for parameters in ((0, 63, 0), (0, 0, 0)):
            parts, rest = jpeg_of_planes(ids, parameters)
            name = "-".join(map(str, ids)) + "-" + "-".join(map(str, parameters))
            add(f"jpeg/planes-{name}.jpg", joined(parts, rest))
            add(f"jpeg/planes-jfif-{name}.jpg", joined([JFIF] + parts, rest))
    for sampling in ((1, 1), (2, 1), (1, 2), (2, 2), (4, 1), (4, 2), (1, 4), (4, 4), (3, 1)):
        for size in ((WIDTH, HEIGHT), (2, 2), (40, 33)):
            name = "{}x{}-of-{}x{}".format(*sampling, *size)
            parts, rest = jpeg_of_planes((1, 2, 3), sampling=sampling, size=size)
            add(f"jpeg/sampling-{name}.jpg", joined([JFIF] + parts, rest))
    extended = [(0xC1 if marker == 0xC0 else marker, body) for marker, body in segments(files["baseline"])[0]]
    add("jpeg/extended.jpg", joined(extended, segments(files["baseline"])[1]))
    wide_tables = []
    for marker, body in extended:
        if marker == 0xDB:
            body = bytes([body[0] | 0x10]) + b"".join(bytes([0, level]) for level in body[1:65])
        wide_tables.append((marker, body))
    add("jpeg/tables-of-16-bits.jpg", joined(wide_tables, segments(files["baseline"])[1]))
    for rows in (1, 2):
        add(f"jpeg/restart-rows-{rows}.jpg", encoded(rgb, "JPEG", quality=90, restart_marker_rows=rows))
    for size in ((1, 1), (8, 8), (17, 1), (1, 17), (2, 3), (16, 16)):
        for subsampling in (0, 1, 2):
            small = picture(4, *size)
            add("jpeg/size-{}x{}-{}.jpg".format(*size, subsampling), encoded(small, "JPEG", quality=90, subsampling=subsampling))


def srgb_profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


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


def jpeg_framing():
    rgb = picture(6)
    file = encoded(rgb, "JPEG", quality=90)
    parts, rest = segments(file)
    add("jpeg/comment.jpg", joined(parts[:1] + [(0xFE, b"a comment")] + parts[1:], rest))
    add("jpeg/empty-segment.jpg", joined([(0xE5, b"")] + parts, rest))
    add("jpeg/filled.jpg", b"\xff\xd8" + b"".join(b"\xff\xff\xff" + segment(*part) for part in parts) + rest)
    add("jpeg/garbage-between.jpg", b"\xff\xd8" + b"".join(segment(*part) + b"\0\x12\x34" for part in parts) + rest)
    add("jpeg/stuffing-between.jpg", b"\xff\xd8" + b"".join(segment(*part) + b"\xff\0" for part in parts) + rest)
    add("jpeg/trailing.jpg", file + b"\0" * 100 + b"what a camera appends" + file[:300])
    add("jpeg/no-end-mark.jpg", file[:-2])
    add("jpeg/no-end-mark-but-trailing.jpg", file[:-2] + b"\0\0\0", decided="refused: it ends early")
    add("jpeg/progressive-no-end-mark.jpg", encoded(rgb, "JPEG", quality=90, progressive=True)[:-2])
    add("jpeg/cut.jpg", file[: len(file) * 2 // 3])
    add("jpeg/cut-in-header.jpg", file[:200])
    add("jpeg/two-starts.jpg", b"\xff\xd8" + file)
    add("jpeg/no-frame.jpg", joined([part for part in parts if not is_frame(part[0])], rest))
    add("jpeg/no-scan.jpg", joined(parts, b"\xff\xd9"))
    add("jpeg/frame-of-no-rows.jpg", joined([(m, b[:1] + b"\0\0" + b[3:]) if is_frame(m) else (m, b) for m, b in parts], rest))
    add("jpeg/segments-after-frame.jpg", joined([p for p in parts if not 0xE0 <= p[0] <= 0xEF] + [JFIF, adobe(0)], rest))
    two = [encoded(picture(seed), "JPEG", quality=90) for seed in (6, 7)]
    buffer = io.BytesIO()
    picture(6).save(buffer, "MPO", save_all=True, append_images=[picture(7)])
    add("jpeg/two-pictures.mpo.jpg", buffer.getvalue())
    add("jpeg/two-files.jpg", two[0] + two[1])


# ---- orientation


def tiff(order, entries, header=None, tail=b"", next_directory=True):
    """A TIFF block with one directory; entries are (tag, type, count, value or offset as bytes)."""
    endian = "<" if order == b"II" else ">"
    if header is None:
        header = order + struct.pack(endian + "H", 42)
    block = header + struct.pack(endian + "IH", 8, len(entries))
    for tag, kind, count, value in entries:
        block += struct.pack(endian + "HHI", tag, kind, count) + value
    return block + (b"\0\0\0\0" if next_directory else b"") + tail


def exif_blocks():
    for order, endian in ((b"II", "<"), (b"MM", ">")):

        def short(value, tag=0x112):
            return (tag, 3, 1, struct.pack(endian + "HH", value, 0))

        name = order.decode()
        for value in range(0, 10):
            yield f"{name}-short-{value}", tiff(order, [short(value)])
        here = 8 + 2 + 12 + 4  # where the first value outside the directory lies
        offset = struct.pack(endian + "I", here)
        kinds = {
            "byte": (1, 1, bytes([6, 0, 0, 0]), b""),
            "ascii": (2, 2, b"6\0\0\0", b""),
            "long": (4, 1, struct.pack(endian + "I", 6), b""),
            "rational": (5, 1, offset, struct.pack(endian + "II", 12, 2)),
            "rational-broken": (5, 1, offset, struct.pack(endian + "II", 6, 0)),
            "signed-byte": (6, 1, bytes([6, 0, 0, 0]), b""),
            "undefined": (7, 1, bytes([6, 0, 0, 0]), b""),
            "signed-short": (8, 1, struct.pack(endian + "hh", 6, 0), b""),
            "signed-long": (9, 1, struct.pack(endian + "i", 6), b""),
            "signed-rational": (10, 1, offset, struct.pack(endian + "ii", -6, -1)),
            "float": (11, 1, struct.pack(endian + "f", 6), b""),
            "double": (12, 1, offset, struct.pack(endian + "d", 6)),
            "directory": (13, 1, struct.pack(endian + "I", 6), b""),
            "long8": (16, 1, offset, struct.pack(endian + "Q", 6)),
            "unknown": (99, 1, struct.pack(endian + "I", 6), b""),
            "two-shorts": (3, 2, struct.pack(endian + "HH", 6, 3), b""),
            "three-shorts": (3, 3, offset, struct.pack(endian + "HHH", 6, 3, 8)),
            "no-shorts": (3, 0, struct.pack(endian + "HH", 6, 0), b""),
            "far-away": (3, 9, struct.pack(endian + "I", 9999), b""),
            "huge-count": (3, 0x7FFFFFFF, struct.pack(endian + "I", 8), b""),
        }
        for kind, (number, count, value, tail) in kinds.items():
            yield f"{name}-{kind}", tiff(order, [(0x112, number, count, value)], tail=tail)
        make = (0x10F, 2, 20, struct.pack(endian + "I", here + 12))
        yield f"{name}-after-make", tiff(order, [make, short(8)], tail=b"A camera of a maker\0")
        yield f"{name}-after-make-outside", tiff(order, [(0x10F, 2, 20, struct.pack(endian + "I", 5000)), short(8)], tail=b"x" * 20)
        yield f"{name}-after-make-too-long", tiff(order, [(0x10F, 2, 70000, struct.pack(endian + "I", 8)), short(8)])
        yield f"{name}-twice", tiff(order, [short(6), short(3)])
        yield f"{name}-twice-first-empty", tiff(order, [(0x112, 3, 0, b"\0\0\0\0"), short(3)])
        yield f"{name}-not-first", tiff(order, [short(1, 0x103), short(7), short(1, 0x128)])
        yield f"{name}-unsorted", tiff(order, [short(1, 0x128), short(7), short(1, 0x103)])
        yield f"{name}-no-next", tiff(order, [short(5)], next_directory=False)
        yield f"{name}-cut-in-entry", tiff(order, [short(5)])[:-9]
        yield f"{name}-cut-before-directory", tiff(order, [short(5)])[:8]
        yield f"{name}-version-turned", tiff(order, [short(6)], header=order + struct.pack((">" if endian == "<" else "<") + "H", 42))
        yield f"{name}-version-wrong", tiff(order, [short(6)], header=order + struct.pack(endian + "H", 41))
        yield f"{name}-big", tiff(order, [short(6)], header=order + struct.pack(endian + "H", 43))
        yield f"{name}-too-few-entries", tiff(order, [short(6)]).replace(struct.pack(endian + "H", 1), struct.pack(endian + "H", 0), 1)
        yield f"{name}-too-many-entries", tiff(order, [short(6)]).replace(struct.pack(endian + "IH", 8, 1), struct.pack(endian + "IH", 8, 500), 1)
    yield "order-wrong", tiff(b"MM", [(0x112, 3, 1, b"\0\6\0\0")], header=b"XX\0*")
    yield "empty", b""
    yield "four-bytes", b"II*\0"


XMP_HEAD = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description '


def xmp_packets():
    for value in range(0, 10):
        yield f"attribute-{value}", XMP_HEAD + b'tiff:Orientation="%d"/></rdf:RDF></x:xmpmeta>' % value
    yield "element", XMP_HEAD + b"><tiff:Orientation>6</tiff:Orientation></rdf:Description></rdf:RDF></x:xmpmeta>"
    yield "apostrophe", XMP_HEAD + b"tiff:Orientation='6'/></rdf:RDF></x:xmpmeta>"
    yield "space", XMP_HEAD + b'tiff:Orientation = "6"/></rdf:RDF></x:xmpmeta>'
    yield "two-digits", XMP_HEAD + b'tiff:Orientation="60"/></rdf:RDF></x:xmpmeta>'
    yield "twice", XMP_HEAD + b'tiff:Orientation="8" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    yield "word-first", XMP_HEAD + b'tiff:Orientation="up" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    yield "other-prefix", XMP_HEAD + b'exif:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    yield "latin1", XMP_HEAD + b'dc:title="Stra\xdfe" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
    yield "utf16", (XMP_HEAD + b'tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>').decode().encode("utf-16")
    yield "empty", b""


def exif_jpeg(base, *pieces):
    parts, rest = base
    return joined([JFIF_OF_NO_UNIT] + [(0xE1, piece) for piece in pieces] + parts, rest)


JFIF_OF_NO_UNIT = (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
XMP_NAME = b"http://ns.adobe.com/xap/1.0/\0"


def riff(*chunks):
    body = b"".join(kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2) for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def webp_chunks(file):
    found, at = [], 12
    while at < len(file):
        length = struct.unpack("<I", file[at + 4 : at + 8])[0]
        found.append((file[at : at + 4], file[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return found


def vp8x(flags, width=WIDTH, height=HEIGHT):
    return (b"VP8X", struct.pack("<I", flags) + struct.pack("<I", width - 1)[:3] + struct.pack("<I", height - 1)[:3])


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def with_png_chunks(file, *chunks, late=False):
    """Chunks before the pixels, or behind them."""
    at = file.index(b"IEND") - 4 if late else 8 + 25
    return file[:at] + b"".join(png_chunk(*chunk) for chunk in chunks) + file[at:]


def upright_where_pillow_raises(name, file, stored):
    """An EXIF block that is no TIFF makes Pillow raise; the picture itself is whole."""
    add(name, file)
    if isinstance(ENTRIES[name][1], str):
        ENTRIES[name] = (*ENTRIES[name][:3], stored)


def orientations():
    rgb = picture(8)
    base = bare(encoded(rgb, "JPEG", quality=90))
    stored = Image.open(io.BytesIO(joined(*base))).convert("RGB")
    png = encoded(rgb, "PNG")
    webp = webp_chunks(encoded(rgb, "WEBP", lossless=True))
    for name, block in exif_blocks():
        upright_where_pillow_raises(f"orientation/exif-{name}.jpg", exif_jpeg(base, b"Exif\0\0" + block), stored)
        if name.startswith("II") and "short-" not in name or name.endswith("short-6") or name in ("empty", "order-wrong"):
            upright_where_pillow_raises(f"orientation/exif-{name}.png", with_png_chunks(png, (b"eXIf", block)), rgb)
            upright_where_pillow_raises(f"orientation/exif-{name}.webp", riff(vp8x(8), *webp, (b"EXIF", block)), rgb)
    for name, packet in xmp_packets():
        add(f"orientation/xmp-{name}.jpg", exif_jpeg(base, XMP_NAME + packet))
        add(f"orientation/xmp-{name}.png", with_png_chunks(png, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)))
        add(f"orientation/xmp-{name}.webp", riff(vp8x(4), *webp, (b"XMP ", packet)))
    six = tiff(b"MM", [(0x112, 3, 1, b"\0\6\0\0")])
    nine = tiff(b"MM", [(0x112, 3, 1, b"\0\x09\0\0")])
    byte = tiff(b"MM", [(0x112, 1, 1, b"\6\0\0\0")])
    none = tiff(b"MM", [(0x103, 3, 1, b"\0\6\0\0")])
    eight = XMP_HEAD + b'tiff:Orientation="8"/></rdf:RDF></x:xmpmeta>'
    for name, block in (("six", six), ("nine", nine), ("byte", byte), ("none", none), ("empty", b"")):
        add(f"orientation/both-{name}.jpg", exif_jpeg(base, b"Exif\0\0" + block, XMP_NAME + eight))
        add(f"orientation/both-turned-{name}.jpg", exif_jpeg(base, XMP_NAME + eight, b"Exif\0\0" + block))
        add(f"orientation/both-{name}.png", with_png_chunks(png, (b"eXIf", block), (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + eight)))
        add(f"orientation/both-{name}.webp", riff(vp8x(12), *webp, (b"EXIF", block), (b"XMP ", eight)))
    six_xmp = eight.replace(b"8", b"6")
    add("orientation/xmp-two-packets.jpg", exif_jpeg(base, XMP_NAME + eight, XMP_NAME + six_xmp))
    add("orientation/exif-two-segments.jpg", exif_jpeg(base, b"Exif\0\0" + six, b"Exif\0\0" + nine))
    far = tiff(b"MM", [(0x10F, 2, 20, struct.pack(">I", 8 + 2 + 24 + 4)), (0x112, 3, 1, b"\0\6\0\0")], tail=b"A camera of a maker\0")
    add("orientation/exif-in-two-pieces.jpg", exif_jpeg(base, b"Exif\0\0" + far[:20], b"Exif\0\0" + far[20:]))
    add("orientation/exif-after-xmp-name.jpg", exif_jpeg(base, b"http://ns.adobe.com/xmp/extension/\0" + eight))
    add("orientation/exif-named-twice.jpg", exif_jpeg(base, b"Exif\0\0Exif\0\0" + six))
    add("orientation/exif-other-name.jpg", exif_jpeg(base, b"Exif\0\xff" + six))
    add("orientation/exif-prefixed.webp", riff(vp8x(8), *webp, (b"EXIF", b"Exif\0\0" + six)))
    add("orientation/exif-not-announced.webp", riff(vp8x(0), *webp, (b"EXIF", six)))
    add("orientation/xmp-not-announced.webp", riff(vp8x(0), *webp, (b"XMP ", eight)))
    add("orientation/exif-of-simple-file.webp", riff(*webp, (b"EXIF", six)))
    add("orientation/exif-before-picture.webp", riff(vp8x(8), (b"EXIF", six), *webp))
    add("orientation/exif-twice.webp", riff(vp8x(8), *webp, (b"EXIF", six), (b"EXIF", nine)))
    add("orientation/exif-late.png", with_png_chunks(png, (b"eXIf", six), late=True))
    add("orientation/exif-twice.png", with_png_chunks(png, (b"eXIf", nine), (b"eXIf", six)))
    add("orientation/exif-prefixed.png", with_png_chunks(png, (b"eXIf", b"Exif\0\0" + six)))
    add("orientation/xmp-late.png", with_png_chunks(png, (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + eight), late=True))
    packed = zlib.compress(eight)
    add("orientation/xmp-packed.png", with_png_chunks(png, (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed)))
    add("orientation/xmp-packed-badly.png", with_png_chunks(png, (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + packed[:-9])))
    add("orientation/xmp-with-language.png", with_png_chunks(png, (b"iTXt", b"XML:com.adobe.xmp\0\0\0en\0name\0" + eight)))
    add("orientation/xmp-short-header.png", with_png_chunks(png, (b"iTXt", b"XML:com.adobe.xmp\0\0\0en")))
    add("orientation/xmp-as-text.png", with_png_chunks(png, (b"tEXt", b"XML:com.adobe.xmp\0" + eight)))
    add("orientation/xmp-as-packed-text.png", with_png_chunks(png, (b"zTXt", b"XML:com.adobe.xmp\0\0" + packed)))
    digits = ("Exif\0\0".encode() + six).hex()
    raw = f"\nexif\n    {len(digits) // 2}\n".encode() + b"\n".join(digits[i : i + 72].encode() for i in range(0, len(digits), 72)) + b"\n"
    add("orientation/profile-text.png", with_png_chunks(png, (b"tEXt", b"Raw profile type exif\0" + raw)))
    add("orientation/profile-packed.png", with_png_chunks(png, (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(raw))))
    add("orientation/profile-and-exif.png", with_png_chunks(png, (b"tEXt", b"Raw profile type exif\0" + raw), (b"eXIf", nine)))
    upright_where_pillow_raises("orientation/profile-no-digits.png", with_png_chunks(png, (b"tEXt", b"Raw profile type exif\0\nexif\n 4\nzz\n")), rgb)
    for kind, image in (("gray", rgb.convert("L")), ("cmyk", rgb.convert("CMYK"))):
        add(f"orientation/kind-{kind}.jpg", exif_jpeg(bare(encoded(image, "JPEG", quality=90)), b"Exif\0\0" + six))
    for kind, image in (("palette", rgb.quantize(16)), ("alpha", with_alpha(rgb)), ("bilevel", rgb.convert("1"))):
        add(f"orientation/kind-{kind}.png", with_png_chunks(encoded(image, "PNG"), (b"eXIf", six)))


# ---- PNG


def rows_of(image):
    levels = np.asarray(image)
    return [row.tobytes() for row in levels]


def png(width, height, bits, colour, rows, chunks=(), late=()):
    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    body = b"".join(b"\0" + row for row in rows)
    parts = [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(body)), *late, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*part) for part in parts)


def with_alpha(rgb):
    image = rgb.copy()
    image.putalpha(Image.fromarray((np.arange(rgb.width * rgb.height).reshape(rgb.height, rgb.width) % 256).astype(np.uint8)))
    return image


def adam7(width, height, bits, channels, samples):
    """Interlaced rows of samples (array height x width x channels of levels below 2**bits)."""
    out = b""
    for x0, y0, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)):
        part = samples[y0::dy, x0::dx]
        if part.shape[0] and part.shape[1]:
            for row in part:
                out += b"\0" + packed_row(row.reshape(-1), bits)
    return out


def packed_row(levels, bits):
    if bits == 16:
        return levels.astype(">u2").tobytes()
    if bits == 8:
        return levels.astype(np.uint8).tobytes()
    digits = "".join(format(int(level), f"0{bits}b") for level in levels)
    digits += "0" * (-len(digits) % 8)
    return bytes(int(digits[i : i + 8], 2) for i in range(0, len(digits), 8))


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


# ---- BMP


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


# ---- GIF


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


# ---- WebP


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


def zip_file(target):
    manifest = {"pillow": PIL.__version__, "libjpeg-turbo": features.version("libjpeg_turbo"), "webp": features.version("webp"), "files": []}
    pixels = {}

    def stored(image):
        image = Image.frombytes("RGB", image.size, image.convert("RGB").tobytes())  # without its metadata
        digest = hashlib.sha256(struct.pack(">II", *image.size) + image.tobytes()).hexdigest()[:16]
        pixels[f"expected/{digest}.png"] = encoded(image, "PNG", optimize=True)
        return f"expected/{digest}.png"

    for name, (_, shown, tolerance, decided) in ENTRIES.items():
        entry = {"name": name, "tolerance": tolerance}
        entry["pillow"] = "refuses: " + shown if isinstance(shown, str) else stored(shown)
        if decided is not None:
            entry["decided"] = decided if isinstance(decided, str) else stored(decided)
            if entry["decided"] == entry["pillow"]:
                del entry["decided"]
        manifest["files"].append(entry)
    files = {name: file for name, (file, *_) in ENTRIES.items()}
    files |= pixels | {"manifest.json": (json.dumps(manifest, indent=1) + "\n").encode()}
    stored_files = io.BytesIO()
    with zipfile.ZipFile(stored_files, "w") as out:
        for name in sorted(files):
            out.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), files[name])
    # Compressed as one: most of the files differ in their headers alone.
    target.write_bytes(gzip.compress(stored_files.getvalue(), 9, mtime=0))


def main():
    target = Path(sys.argv[1] if len(sys.argv) > 1 else "core/src/test/resources/golden/image/variants.zip.gz")
    random.seed(0)
    jpeg_colours()
    jpeg_scans()
    jpeg_framing()
    profiles()
    orientations()
    pngs()
    bmps()
    gifs()
    webps()
    zip_file(target)
    kinds = sorted({name.split("/")[0] for name in ENTRIES})
    for kind in kinds:
        files = [entry for name, entry in ENTRIES.items() if name.startswith(kind + "/")]
        print(kind, len(files), "of which Pillow refuses", sum(isinstance(entry[1], str) for entry in files))


if __name__ == "__main__":
    main()
