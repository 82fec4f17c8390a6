"""JPEG: colours, scans and framing."""

import io
import struct

import numpy as np
from PIL import Image

from .common import HEIGHT, JFIF, WIDTH, add, bare, encoded, joined, picture, segment, segments


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


def lossless(levels, ids, head=b""):
    """Lossless JPEG with the pixel to the left as prediction; each length of differences has a code of four bits."""
    height, width, channels = levels.shape
    tables = segment(0xC4, bytes([0, 0, 0, 0, 9] + [0] * 12) + bytes(range(9)))
    components = b"".join(bytes([c, 0x11, 0]) for c in ids)
    frame = segment(0xC3, b"\x08" + struct.pack(">HH", height, width) + bytes([channels]) + components)
    scan = segment(0xDA, bytes([channels]) + b"".join(bytes([c, 0]) for c in ids) + b"\1\0\0")
    stored = levels.astype(int)
    bits = ""
    for y in range(height):
        for x in range(width):
            for channel in range(channels):
                left = stored[y, x - 1, channel] if x else stored[y - 1, 0, channel] if y else 128
                difference = int(stored[y, x, channel] - left)
                length = abs(difference).bit_length()
                bits += format(length, "04b")
                if length:
                    bits += format(difference if difference > 0 else difference + (1 << length) - 1, f"0{length}b")
    bits += "1" * (-len(bits) % 8)
    data = bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8)).replace(b"\xff", b"\xff\0")
    return b"\xff\xd8" + head + tables + frame + scan + data + b"\xff\xd9"


def jpeg_lossless():
    levels = np.asarray(picture(3))
    add("jpeg/lossless-123.jpg", lossless(levels, (1, 2, 3)), 0)
    add("jpeg/lossless-RGB.jpg", lossless(levels, b"RGB"), 0)
    add("jpeg/lossless-adobe0.jpg", lossless(levels, (1, 2, 3), segment(*adobe(0))), 0)
    add("jpeg/lossless-jfif.jpg", lossless(levels, (1, 2, 3), segment(*JFIF)), 0)
    add("jpeg/lossless-gray.jpg", lossless(levels[:, :, :1], (1,)), 0)


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

