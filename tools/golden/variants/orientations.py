"""Orientation in EXIF and XMP."""

import io
import struct
import zlib

from PIL import Image

from .common import ENTRIES, add, bare, encoded, joined, picture, png_chunk, riff, tiff, vp8x, webp_chunks, with_alpha


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

