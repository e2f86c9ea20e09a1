"""Publication dates: ours beside htmldate on the 800 pages of its own benchmark, in one run.

    NEWSDEX_GOLD=… python -m benchmarks.published

A date is right if it is the gold day exactly. Both get the page and its address, and for both no date later than
`LATEST` is true. (The gold days are what a page shows; where a page declares an earlier first publication than it
shows, we keep the first, which counts as wrong here.)
"""

from __future__ import annotations

import gzip
import json
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import htmldate

from benchmarks.gates import hold
from benchmarks.gold import gold
from newsdex.transforms.dates import published
from newsdex.transforms.page import extract as page

if TYPE_CHECKING:
    from collections.abc import Callable

LATEST = datetime(2024, 6, 1, tzinfo=UTC)
"""After the last page was fetched."""


def _ours(html: bytes, url: str) -> str | None:
    found = published.find(candidates=page.extract(html, url=url, latest=LATEST).dates, url=url, latest=LATEST)
    return found.day.isoformat() if found else None


def _htmldate(*, extensive: bool) -> Callable[[bytes, str], str | None]:
    def find(html: bytes, url: str) -> str | None:
        return htmldate.find_date(html, url=url, extensive_search=extensive, original_date=True, max_date=LATEST)

    return find


SYSTEMS: dict[str, Callable[[bytes, str], str | None]] = {
    "newsdex": _ours,
    "htmldate extensive": _htmldate(extensive=True),
    "htmldate fast": _htmldate(extensive=False),
}


def measure() -> dict[str, dict[str, float]]:
    """Return the figures of every system."""
    folder = gold("dates/htmldate-800")
    truth = json.loads((folder / "gold.json").read_text(encoding="utf-8"))
    files = {url: entry["file"].removesuffix(".gz") + ".gz" for url, entry in truth.items()}
    pages = {url: gzip.decompress((folder / "html" / name).read_bytes()) for url, name in files.items()}
    figures: dict[str, dict[str, float]] = {}
    for system, find in SYSTEMS.items():
        started = time.process_time()
        found = {url: find(html, url) for url, html in pages.items()}
        seconds = time.process_time() - started
        right = sum(found[url] == truth[url]["date"] for url in truth)
        none = sum(day is None for day in found.values())
        figures[system] = {
            "right": right / len(truth),
            "wrong": (len(truth) - right - none) / len(truth),
            "none": none / len(truth),
            "pages_per_second": len(truth) / seconds,
        }
    return figures


def check(floors: dict[str, float], figures: dict[str, dict[str, float]] | None = None) -> list[str]:
    """Print the figures; return one sentence for each floor that is not reached."""
    figures = figures or measure()
    columns = ("right", "wrong", "none", "pages_per_second")
    print(f"{'':24}" + "".join(f"{column:>18}" for column in columns))
    for system, row in figures.items():
        print(f"{system:24}" + "".join(f"{row[column]:18.4f}" for column in columns))
    right = figures["newsdex"]["right"]
    return [] if right >= floors["right"] else [f"published: {right:.4f} right, the floor is {floors['right']}"]


def main() -> int:
    return hold("published", check)


if __name__ == "__main__":
    sys.exit(main())
