"""Pages that are no article: how many of them are filtered, and how many true articles are.

    NEWSDEX_GOLD=… python -m benchmarks.not_article

Recall is over the 75 pages of the web archives in `warc/` that are no article by eye (fronts, lists, terms, errors,
logins: `data/not_articles.json` has their addresses; pages of one template are there once or twice). Precision is over
these and the 1,116 pages of three gold sets, which are articles, but for those named here.
"""

from __future__ import annotations

import gzip
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from warcio.archiveiterator import ArchiveIterator

from benchmarks import page_sets
from benchmarks.gates import below, hold
from benchmarks.gold import gold
from newsdex.transforms.article import Origin, RawArticle, Rejection
from newsdex.transforms.chain import Chain
from newsdex.transforms.options import ChainOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

LABELS = Path(__file__).parent / "data" / "not_articles.json"

NO_ARTICLES_AMONG_GOLD = frozenset(
    {
        "https://bayern.de/",
        "http://www.stuttgart.de/",
        "https://pixabay.com/en/service/terms/",
        "https://shabka.org/about-us/",
        "https://juliasleseblog.blogspot.com/2018/08/irland-roadtrip.html",
        "https://www.camping.info/magazin/de/campingurlaub-an-der-italienischen-kuste-von-ligurien-camping-lino",
        "https://www.wevolver.com/article/2020.autonomous.vehicle.technology.report",
    }
)
"""Dated pages that are fronts, terms or an "about us", and three whose text a script was to load."""

CHAIN = Chain(ChainOptions(), {}, latest=datetime(2100, 1, 1, tzinfo=UTC))


def _why_filtered(url: str, html: bytes) -> str | None:
    done = CHAIN.clean(RawArticle(input_uri=url, origin=Origin.PAGE, html=html, url=url))
    return done.reason if isinstance(done, Rejection) else None


def _others() -> Iterator[tuple[str, bytes]]:
    """Yield address and content of the labelled pages, each once."""
    wanted = set(json.loads(LABELS.read_text(encoding="utf-8")))
    for path in (*sorted(gold("warc/aut").glob("*.gz")), *sorted(gold("warc/ukwa-discovery").rglob("*-000*.gz"))):
        with path.open("rb") as stream:
            for record in ArchiveIterator(stream):
                url = record.rec_headers.get_header("WARC-Target-URI")
                if record.rec_type == "response" and url in wanted:
                    wanted.discard(url)
                    yield url, record.content_stream().read()


def _articles() -> Iterator[tuple[str, bytes]]:
    for name in (page_sets.WORLD, page_sets.EXTRACTION):
        for page in page_sets.pages(name):
            yield page.url, page.html
    folder = gold("dates/htmldate-800")
    for url, row in json.loads((folder / "gold.json").read_text(encoding="utf-8")).items():
        if url not in NO_ARTICLES_AMONG_GOLD:
            yield url, gzip.decompress((folder / "html" / row["file"]).read_bytes())


def check(floors: dict[str, float]) -> list[str]:
    """Print both figures and what is wrong; return one sentence for each floor that is not reached."""
    missed, found, wrong = [], 0, []
    for url, html in _others():
        if _why_filtered(url, html):
            found += 1
        else:
            missed.append(url)
    for url, html in _articles():
        if reason := _why_filtered(url, html):
            wrong.append(f"{url} ({reason})")
    figures = {"recall": found / (found + len(missed)), "precision": found / max(1, found + len(wrong))}
    print(f"recall {figures['recall']:.3f} of {found + len(missed)}, precision {figures['precision']:.3f}")
    print("missed:", *missed, sep="\n  ")
    print("articles that were filtered:", *wrong, sep="\n  ")
    return below("not_article", figures, floors)


def main() -> int:
    return hold("not_article", check)


if __name__ == "__main__":
    sys.exit(main())
