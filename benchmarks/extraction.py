"""Main text: ours beside trafilatura on the 181 pages of scrapinghub's article-extraction-benchmark, in one run.

    NEWSDEX_GOLD=… python -m benchmarks.extraction

The score is the benchmark's own: precision and recall over 4-grams of words, averaged over the pages; F1 of the two
means. It is also given for two halves of the pages (by a hash of the page's id): a rule that helps in one half only was
fitted to its pages. Speed is pages a second of process time, one core, the page parsed from bytes; ours finds the facts
and dates of a page, too.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import statistics
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import trafilatura
from bs4 import BeautifulSoup

from benchmarks.gates import below, hold
from benchmarks.gold import gold
from newsdex.transforms.article import Origin, RawArticle, Rejection
from newsdex.transforms.chain import Chain
from newsdex.transforms.options import ChainOptions
from newsdex.transforms.page import extract as page

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "extraction/article-extraction-benchmark"

Shares = tuple[float, float, float]
"""True positives, false positives and false negatives among the 4-grams of a page, as shares of them all."""

_WORD = re.compile(r"\w+")


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Return the n-grams of a text's words; a text with fewer words is one n-gram."""
    words = _WORD.findall(text or "")
    return Counter(
        gram for start in range(max(1, len(words) - size + 1)) if (gram := tuple(words[start : start + size]))
    )


def compare(true: str, found: str) -> Shares:
    """Return how the n-grams of a found text meet those of the true one."""
    expected, got = shingles(true), shingles(found)
    both = sum((expected & got).values())
    extra, lost = sum((got - expected).values()), sum((expected - got).values())
    total = both + extra + lost
    return (both / total, extra / total, lost / total) if total else (0.0, 0.0, 0.0)


def f1(pages: list[Shares]) -> dict[str, float]:
    """Return the benchmark's figures: the mean precision and recall of the pages, and the F1 of these means."""
    precision = statistics.mean(_share(both, extra, lost) for both, extra, lost in pages if both + extra > 0)
    recall = statistics.mean(_share(both, lost, extra) for both, extra, lost in pages if both + lost > 0)
    return {"f1": 2 * precision * recall / (precision + recall), "precision": precision, "recall": recall}


def _share(both: float, wrong: float, other: float) -> float:
    if wrong == other == 0:
        return 1.0
    return both / (both + wrong) if both else 0.0


def _ours(html: bytes, url: str) -> str:
    return page.extract(html, url=url).body


def _trafilatura(*, fast: bool = False, favor_precision: bool = False) -> Callable[[bytes, str], str]:
    def extract(html: bytes, url: str) -> str:
        return (
            trafilatura.extract(html, url=url, include_comments=False, fast=fast, favor_precision=favor_precision) or ""
        )

    return extract


def _cleaned(html: bytes, url: str) -> str:
    """Return the body that is indexed: after the boilerplate rules and the filters of pages that are no article."""
    raw = RawArticle(input_uri=url, origin=Origin.PAGE, html=html, url=url)
    done = CHAIN.clean(raw)
    return "" if isinstance(done, Rejection) else done.article.body


CHAIN = Chain(ChainOptions(), {}, latest=datetime(2100, 1, 1, tzinfo=UTC))

SYSTEMS: dict[str, Callable[[bytes, str], str]] = {
    "newsdex": _ours,
    "newsdex, all of cleaning": _cleaned,
    "trafilatura": _trafilatura(),
    "trafilatura fast": _trafilatura(fast=True),
    "trafilatura precision": _trafilatura(favor_precision=True),
}


def measure() -> dict[str, dict[str, float]]:
    """Return the figures of every system."""
    folder = gold(NAME)
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = {name: gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()) for name in truth}
    halves = {name: hashlib.sha256(name.encode()).digest()[-1] % 2 for name in truth}
    figures: dict[str, dict[str, float]] = {}
    for system, extract in SYSTEMS.items():
        started = time.process_time()
        found = {name: extract(html, truth[name]["url"]) for name, html in pages.items()}
        seconds = time.process_time() - started
        shares = {name: compare(truth[name]["articleBody"], found[name]) for name in truth}
        figures[system] = f1(list(shares.values())) | {"pages_per_second": len(truth) / seconds}
        for half in (0, 1):
            part = f1([share for name, share in shares.items() if halves[name] == half])
            figures[system][f"f1_half_{half + 1}"] = part["f1"]
    started = time.process_time()
    for html in pages.values():
        BeautifulSoup(html, "lxml")
    figures["beautifulsoup4 on lxml, parse only"] = {"pages_per_second": len(pages) / (time.process_time() - started)}
    return figures


def check(floors: dict[str, float], figures: dict[str, dict[str, float]] | None = None) -> list[str]:
    """Print the figures; return one sentence for each floor that is not reached."""
    figures = figures or measure()
    columns = ("f1", "f1_half_1", "f1_half_2", "precision", "recall", "pages_per_second")
    print(f"{'':36}" + "".join(f"{column:>18}" for column in columns))
    for system, row in figures.items():
        cells = (f"{row[column]:18.4f}" if column in row else " " * 18 for column in columns)
        print(f"{system:36}" + "".join(cells))
    ours, peer = figures["newsdex"], figures["trafilatura fast"]
    times = ours["pages_per_second"] / peer["pages_per_second"]
    return below("extraction", ours | {"times_trafilatura_fast": times}, floors)


def main() -> int:
    return hold("extraction", check)


if __name__ == "__main__":
    sys.exit(main())
