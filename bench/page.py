"""What the pages in docs/benchmarks share: the dated section with command, machine and versions, and cells."""

import datetime
import os
import statistics
from pathlib import Path


def spread(values, form="{:.1f}"):
    """The median with the lowest and the highest."""
    return f"{form} ({form} to {form})".format(statistics.median(values), min(values), max(values))


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return "unknown processor"


def append(page, header, command, versions, lines):
    """Prints a section and appends it to the page, which starts with the header."""
    now = datetime.datetime.now(datetime.timezone.utc)
    title = "\n## {:%Y-%m-%d %H:%M} UTC\n\n`{}`, {} with {} cores, load {:.1f} at the end; {}.\n".format(
        now, command, processor(), os.cpu_count(), os.getloadavg()[0], "; ".join(versions)
    )
    text = title + "\n" + "\n".join(lines) + "\n"
    print(text)
    page = Path(page)
    page.parent.mkdir(parents=True, exist_ok=True)
    with page.open("a") as file:
        if file.tell() == 0:
            file.write(header)
        file.write(text)
