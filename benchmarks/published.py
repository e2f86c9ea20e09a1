"""Publication dates: ours beside htmldate on the 800 pages of its own benchmark, in one run.

    NEWSDEX_GOLD=… python -m benchmarks.published

A date is right if it is the gold day exactly. Both get the page and its address, and no date later than `LATEST` is true
for either. (The gold days are what a page shows; where a page declares an earlier first publication than it shows, we
keep the first, which counts as wrong here.)
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import htmldate

from transforms import page, published

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "benchmarks" / "floors.json"
LATEST = datetime(2024, 6, 1, tzinfo=UTC)
"""After the last page was fetched."""

MISSING = "no pages at {}: set NEWSDEX_GOLD to a folder with them; they are those of github.com/adbar/htmldate, tests/"


def gold_folder() -> Path:
    return Path(os.environ.get("NEWSDEX_GOLD", ROOT / "../shared/data")).resolve() / "dates/htmldate-800"


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
    """Return the figures of every system; raises FileNotFoundError where the pages are not at hand."""
    folder = gold_folder()
    if not folder.is_dir():
        raise FileNotFoundError(MISSING.format(folder))
    gold = json.loads((folder / "gold.json").read_text(encoding="utf-8"))
    files = {url: entry["file"].removesuffix(".gz") + ".gz" for url, entry in gold.items()}
    pages = {url: gzip.decompress((folder / "html" / name).read_bytes()) for url, name in files.items()}
    figures: dict[str, dict[str, float]] = {}
    for system, find in SYSTEMS.items():
        started = time.process_time()
        found = {url: find(html, url) for url, html in pages.items()}
        seconds = time.process_time() - started
        right = sum(found[url] == gold[url]["date"] for url in gold)
        none = sum(day is None for day in found.values())
        figures[system] = {
            "right": right / len(gold),
            "wrong": (len(gold) - right - none) / len(gold),
            "none": none / len(gold),
            "pages_per_second": len(gold) / seconds,
        }
    return figures


def check(floors: dict[str, float], figures: dict[str, dict[str, float]] | None = None) -> list[str]:
    """Return one sentence for each floor that is not reached."""
    right = (figures or measure())["newsdex"]["right"]
    return [] if right >= floors["right"] else [f"published: {right:.4f} right, the floor is {floors['right']}"]


def main() -> int:
    figures = measure()
    columns = ("right", "wrong", "none", "pages_per_second")
    print(f"{'':24}" + "".join(f"{column:>18}" for column in columns))
    for system, row in figures.items():
        print(f"{system:24}" + "".join(f"{row[column]:18.4f}" for column in columns))
    faults = check(json.loads(FLOORS.read_text())["published"], figures)
    print("\n".join(faults) or "all floors reached")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
