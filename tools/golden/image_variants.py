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
import struct
import sys
import zipfile
from pathlib import Path

import PIL
from PIL import Image, features

from variants.common import ENTRIES, encoded
from variants.jpegs import jpeg_colours, jpeg_framing, jpeg_lossless, jpeg_scans
from variants.profiles import profiles
from variants.orientations import orientations
from variants.pngs import pngs
from variants.bmps import bmps
from variants.gifs import gifs
from variants.webps import webps


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
    jpeg_colours()
    jpeg_scans()
    jpeg_framing()
    jpeg_lossless()
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
