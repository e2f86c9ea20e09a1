"""Feeds: every item of every file of FeedReader's tests, beside a count of the items' tags in the same files.

    NEWSDEX_GOLD=… python -m benchmarks.feeds

The truth is how often an item or entry is closed in a file, which needs no parser. An item is found when it comes out
as an article or as filtered for having no text; it is whole when what the feed says of it (title, link) came along.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from benchmarks.gates import hold
from benchmarks.gold import gold
from newsdex.readers.listing import partitions
from newsdex.readers.partition import Partition, ReadOptions
from newsdex.readers.read import read
from newsdex.transforms.article import RawArticle, Rejection

if TYPE_CHECKING:
    from pathlib import Path

CLOSED = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>")


def measure() -> dict[str, float]:
    """Return how many items there are and how many came out, and the seconds that it took."""
    files = sorted((gold("feeds/feedreader")).glob("*.xml"))
    there = found = titled = linked = rejected = whole_files = 0
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        options = ReadOptions(spool_folder=folder)
        for file in files:
            closed = len(CLOSED.findall(file.read_bytes()))
            started = time.process_time()
            items = _items(file, options)
            seconds += time.process_time() - started
            entries = [one for one in items if "#entry=" in one.input_uri]
            articles = [one for one in entries if isinstance(one, RawArticle)]
            there, found = there + closed, found + len(entries)
            whole_files += len(entries) == closed
            titled += sum(bool(one.title) for one in articles)
            linked += sum(bool(one.url) for one in articles)
            rejected += sum(isinstance(one, Rejection) and one.result == "rejected" for one in items)
    return {
        "files": len(files),
        "files whole": whole_files,
        "items": there,
        "items found": found,
        "with a title": titled,
        "with a link": linked,
        "rejected": rejected,
        "seconds": seconds,
    }


def _items(file: Path, options: ReadOptions) -> list[RawArticle | Rejection]:
    found: list[RawArticle | Rejection] = []
    for item in partitions([str(file)], options):
        found += read(item, options) if isinstance(item, Partition) else [item]
    return found


def check(floors: dict[str, float], figures: dict[str, float] | None = None) -> list[str]:
    """Print the figures; return one sentence for each floor that is not reached."""
    figures = figures or measure()
    print("\n".join(f"{name:16}{value:10.6g}" for name, value in figures.items()))
    faults = []
    if figures["items found"] < max(floors["items"], figures["items"]):
        faults.append(f"feeds: {figures['items found']:.0f} of {figures['items']:.0f} items were found")
    if figures["files whole"] < max(floors["files"], figures["files"]):
        faults.append(f"feeds: {figures['files whole']:.0f} of {figures['files']:.0f} files were read whole")
    if figures["rejected"]:
        faults.append(f"feeds: {figures['rejected']:.0f} rejections in sound files")
    return faults


def main() -> int:
    return hold("feeds", check)


if __name__ == "__main__":
    sys.exit(main())
