"""Reading pages: main text and facts, ours beside trafilatura on every set of pages with gold, in one run.

    NEWSDEX_GOLD=… python -m benchmarks.extraction

The sets are the 181 pages of scrapinghub's article-extraction-benchmark and `world`, 135 pages of 95 publishers. The
score of a text is that benchmark's own: precision and recall over 4-grams of words, averaged over the pages; F1 of the
two means. It is also given for two halves (by publisher): a rule that helps in one half only was fitted to its pages.
A catastrophe is a page whose text has less than half the F1 of the better of the two peers, or that is not indexed at
all. Confidence is calibrated if texts of one confidence are as good as it says. Speed is pages a second of process
time, one core, from bytes; ours finds facts and dates of a page, too.
"""

from __future__ import annotations

import re
import statistics
import sys
import time
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import trafilatura

from benchmarks import page_facts, page_sets
from benchmarks.gates import below, hold
from newsdex.transforms.article import Origin, RawArticle, Rejection
from newsdex.transforms.chain import Chain
from newsdex.transforms.options import ChainOptions
from newsdex.transforms.page import extract

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.page_sets import GoldPage

Shares = tuple[float, float, float]
"""True positives, false positives and false negatives among the 4-grams of a page, as shares of them all."""

_WORD = re.compile(r"\w+")


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    """Return the n-grams of a text's words; a text with fewer words is one n-gram.

    Letters are composed first: a page may write "ä" as two characters, and what is cleaned has one.
    """
    words = _WORD.findall(unicodedata.normalize("NFC", text or ""))
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


def _ours(page: GoldPage) -> tuple[str, float]:
    found = extract.extract(page.html, url=page.url)
    return found.body, found.confidence


def _cleaned(page: GoldPage) -> tuple[str, float]:
    """Return the body that is indexed: our text after the boilerplate rules and the filters of what is no article."""
    done = CHAIN.clean(RawArticle(input_uri=page.url, origin=Origin.PAGE, html=page.html, url=page.url))
    return ("", 0.0) if isinstance(done, Rejection) else (done.article.body, done.article.extraction_confidence or 0.0)


def _trafilatura(*, fast: bool = False, favor_precision: bool = False) -> Callable[[GoldPage], tuple[str, float]]:
    def read(page: GoldPage) -> tuple[str, float]:
        options = {"include_comments": False, "fast": fast, "favor_precision": favor_precision}
        return trafilatura.extract(page.html, url=page.url, **options) or "", 1.0

    return read


CHAIN = Chain(ChainOptions(), {}, latest=datetime(2100, 1, 1, tzinfo=UTC))

CLEANED, FAST = "newsdex, all of cleaning", "trafilatura fast"
PEERS = ("trafilatura", FAST)
SYSTEMS: dict[str, Callable[[GoldPage], tuple[str, float]]] = {
    "newsdex": _ours,
    CLEANED: _cleaned,
    "trafilatura": _trafilatura(),
    FAST: _trafilatura(fast=True),
    "trafilatura precision": _trafilatura(favor_precision=True),
}


@dataclass(frozen=True, slots=True)
class SetFigures:
    """What was measured on one set."""

    rows: dict[str, dict[str, float]]
    """System → its figures."""
    scores: dict[str, list[float]]
    """System → the F1 of each page."""
    pages: list[GoldPage]
    confidences: list[float]
    """Ours, of each page."""

    def catastrophes(self) -> list[str]:
        """Return the names of the pages whose text has less than half the F1 of the better peer."""
        best = [max(both) for both in zip(*(self.scores[peer] for peer in PEERS), strict=True)]
        return [
            page.name
            for page, own, peer in zip(self.pages, self.scores[CLEANED], best, strict=True)
            if own < peer / 2 or not own
        ]


def measure(name: str) -> SetFigures:
    """Return the figures of every system on one set."""
    pages = list(page_sets.pages(name))
    rows: dict[str, dict[str, float]] = {}
    scores: dict[str, list[float]] = {}
    confidences: list[float] = []
    for system, read in SYSTEMS.items():
        started = time.process_time()
        found = [read(page) for page in pages]
        seconds = time.process_time() - started
        shares = [compare(page.body, text) for page, (text, _) in zip(pages, found, strict=True)]
        halves = {
            f"f1_half_{half + 1}": f1([s for s, page in zip(shares, pages, strict=True) if page.half == half])["f1"]
            for half in (0, 1)
        }
        rows[system] = f1(shares) | halves | {"pages_per_second": len(pages) / seconds}
        scores[system] = [2 * both / (2 * both + extra + lost) if both else 0.0 for both, extra, lost in shares]
        if system == CLEANED:
            confidences = [sure for _, sure in found]
    return SetFigures(rows, scores, pages, confidences)


def _print_set(name: str, found: SetFigures) -> None:
    columns = ("f1", "f1_half_1", "f1_half_2", "precision", "recall", "pages_per_second")
    print(f"{name + f' ({len(found.pages)})':36}" + "".join(f"{column:>18}" for column in columns))
    for system, row in found.rows.items():
        print(f"{system:36}" + "".join(f"{row[column]:18.4f}" for column in columns))
    print(f"catastrophes: {', '.join(found.catastrophes()) or 'none'}")
    print("confidence, pages, mean F1 of them: " + ", ".join(_calibration(found)))
    countries = sorted({page.country for page in found.pages if page.country})
    for country in countries:
        of_country = [place for place, page in enumerate(found.pages) if page.country == country]
        means = (statistics.mean(found.scores[system][place] for place in of_country) for system in (CLEANED, *PEERS))
        print(f"  {country:4}{len(of_country):4}" + "".join(f"{mean:8.3f}" for mean in means))


def _calibration(found: SetFigures) -> Iterator[str]:
    """Yield how good the texts of each confidence are."""
    for low, high in pairwise((0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.01)):
        scores = [
            score for score, sure in zip(found.scores[CLEANED], found.confidences, strict=True) if low <= sure < high
        ]
        if scores:
            yield f"{low:.1f}–{min(high, 1):.1f}: {len(scores)}, {statistics.mean(scores):.3f}"


def _print_facts(pages: list[GoldPage]) -> dict[str, float]:
    """Print what is right of the facts, by half, beside the peer; return our figures."""
    told = {
        "newsdex": [page_facts.ours(page, CHAIN) for page in pages],
        "trafilatura": list(map(page_facts.theirs, pages)),
    }
    figures: dict[str, float] = {}
    for system, rows in told.items():
        for label, half in (("", None), (", half 1", 0), (", half 2", 1)):
            part = [(page, row) for page, row in zip(pages, rows, strict=True) if half is None or page.half == half]
            found = page_facts.figures([page for page, _ in part], [row for _, row in part])
            print(f"{system + label:36}" + "".join(f"  {name} {value:.4f}" for name, value in found.items()))
            if system == "newsdex" and half is None:
                figures = found
    return figures


def check(floors: dict[str, float]) -> list[str]:
    """Print the figures of every set; return one sentence for each floor that is not reached."""
    sets = {name: measure(name) for name in (page_sets.EXTRACTION, page_sets.WORLD)}
    for name, found in sets.items():
        _print_set(name, found)
    ours, world = sets[page_sets.EXTRACTION].rows, sets[page_sets.WORLD]
    facts = _print_facts(world.pages)
    lost = len(world.catastrophes())
    figures = {
        "f1": ours["newsdex"]["f1"],
        "world_f1": world.rows[CLEANED]["f1"],
        "times_trafilatura_fast": ours["newsdex"]["pages_per_second"] / ours[FAST]["pages_per_second"],
        **{f"world_{name}": value for name, value in facts.items()},
    }
    most = floors.get("max_catastrophes")
    least = {name: floor for name, floor in floors.items() if name != "max_catastrophes"}
    too_many = most is not None and lost > most
    return [
        *below("extraction", figures, least),
        *([f"extraction: {lost} catastrophes on the world pages, at most {most} are allowed."] if too_many else []),
    ]


def main() -> int:
    return hold("extraction", check)


if __name__ == "__main__":
    sys.exit(main())
